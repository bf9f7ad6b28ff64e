import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct EditorStateTests {
    private var editor: EditorState

    init() throws {
        editor = EditorState(try Samples.document(named: "mnist-cnn"), name: "digits")
    }

    /// Whether everything that the editor says follows from its document.
    private func expectConsistent(_ editor: EditorState) {
        let document = editor.document
        let analysis = Analysis(document.network, on: document.device.family)
        #expect(
            editor.analysis.network == document.network
                && editor.analysis.facts.family == document.device.family)
        #expect(editor.analysis.cost.total == analysis.cost.total)
        let report = Checker.report(on: analysis, for: document.device, waivers: document.waivers)
        #expect(editor.report.device == document.device && editor.report.findings == report.findings)
        var asked = editor
        let all = Checker.reports(on: document.network, for: Device.allCases, waivers: document.waivers)
        let reports = asked.allReports()
        #expect(reports.map(\.device) == Device.allCases && asked.reports?.count == reports.count)
        #expect(reports.map(\.findings) == all.map(\.findings))
    }

    @Test("what follows from a document is worked out with every change, undo and redo")
    mutating func derived() throws {
        expectConsistent(editor)
        let isWider = try editor.edit(.set(layer: "conv1", field: "outChannels", to: .integer(40)), at: 0)
        #expect(isWider)
        expectConsistent(editor)
        #expect(editor.report.findings.contains { $0.rule == "channels-32" })
        editor.setDevice(.txx, at: 0)
        expectConsistent(editor)
        let titles = [editor.undo()?.title, editor.undo()?.title]
        #expect(titles == ["device T40 to Txx", "conv1 outChannels 32 to 40"])
        expectConsistent(editor)
        let redone = editor.redo()
        #expect(redone?.focus == .init(layer: "conv1", field: "outChannels"))
        expectConsistent(editor)
    }

    @Test("repeats are told from where they began")
    mutating func title() throws {
        for channels in [64, 96, 128] {
            try editor.edit(.set(layer: "conv1", field: "outChannels", to: .integer(channels)), at: 0)
        }
        #expect(editor.history.steps.map(\.title) == ["conv1 outChannels 32 to 128"])
    }

    @Test("a key that is held on several layers is one step too")
    mutating func heldOnSeveral() throws {
        for isUp in [false, false, false] {
            let edit = try editor.editing.stepping("weightBits", isUp: isUp, on: ["conv1", "conv2", "fc"])
            try editor.edit(edit, at: 0)
        }
        #expect(editor.history.steps.map(\.title) == ["weightBits to 2 on 3 layers"])
    }

    @Test("several changes are one step, or none where one of them cannot be made")
    mutating func several() throws {
        let stride = Edit.set(layer: "conv1", field: "stride", to: .integer(2))
        let before = editor.document
        do throws(EditError) {
            try editor.edits([stride, .remove(layer: "nothing")], title: "two", at: 0)
            Issue.record("a layer that is not there was removed")
        } catch {
            #expect(editor.document == before && editor.history.steps.isEmpty)
        }
        try editor.edits([stride, .remove(layer: "pool")], title: "two", at: 0)
        let step = editor.undo()
        #expect(step?.title == "two" && editor.document == before)
    }

    @Test("a finding is waived for a reason, and its waiver removed")
    mutating func waiving() throws {
        try editor.edit(.set(layer: "conv1", field: "outChannels", to: .integer(40)), at: 0)
        let errors = editor.report.count(.error)
        editor.waive(rule: "channels-32", layer: "conv2", reason: " ", at: 0)
        editor.waive(rule: "channels-32", layer: "nothing", reason: "because", at: 0)
        #expect(editor.history.steps.count == 1)
        editor.waive(rule: "channels-32", layer: "conv2", reason: "because", at: 0)
        #expect(editor.report.count(.error) == errors - 1)
        editor.waive(rule: "channels-32", layer: "conv2", reason: "for good", at: 0)
        #expect(editor.document.waivers.map(\.reason) == ["for good"])
        editor.unwaive(rule: "channels-32", layer: "conv2", at: 0)
        editor.unwaive(rule: "channels-32", layer: "conv2", at: 0)
        #expect(editor.report.count(.error) == errors && editor.history.steps.count == 4)
    }

    @Test("what the screen shows is no step, and the file's training plan is kept")
    mutating func planAndScreen() {
        var document = editor.document
        document.plan = ["epochs": 3]
        editor = EditorState(document, name: "kept")
        editor.screen = ["view": 2]
        #expect(!editor.history.isChanged && editor.documentToSave.screen == ["view": 2])
        editor.setDevice(.t41, at: 0)
        #expect(editor.documentToSave.plan == ["epochs": 3] && editor.documentToSave.device == .t41)
        _ = editor.undo()
        #expect(editor.documentToSave.plan == ["epochs": 3] && editor.screen == ["view": 2])
    }

    @Test("random changes are all taken back by undo, one by one", arguments: 0..<30)
    func fuzz(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let name = Samples.names[random.below(Samples.names.count)]
        var editor = EditorState(try Samples.document(named: name), name: name)
        var documents = [editor.document]
        for step in 0..<40 {
            let edit = random.edit(of: editor.network)
            do throws(EditError) {
                // A minute apart: nothing is a repeat of anything.
                if try editor.edit(edit, at: Double(step) * 60) { documents.append(editor.document) }
            } catch {
                #expect(editor.document == documents.last)
            }
        }
        expectConsistent(editor)
        let last = editor.document
        while let document = documents.popLast() {
            #expect(editor.document == document)
            let step = editor.undo()
            #expect((step == nil) == documents.isEmpty)
        }
        expectConsistent(editor)
        while editor.redo() != nil {}
        #expect(editor.document == last)
    }
}

extension SeededGenerator {
    /// A change of a network that can be made more often than not.
    mutating func edit(of network: Network) -> Edit {
        let names = network.names
        guard !network.nodes.isEmpty else { return .addInput(Input("more\(below(1000))", .vector(8))) }
        let node = network.nodes[below(network.nodes.count)]
        switch below(9) {
        case 0: return .remove(layer: node.name)
        case 1: return .move(layer: node.name, to: below(network.nodes.count))
        case 2: return .rename(names[below(names.count)], to: "name\(below(50))")
        case 3: return .rewire(layer: node.name, inputs: [Source(names[below(names.count)])])
        case 4: return .annotate(layer: node.name, note: "\(below(3))")
        case 5:
            let kind = OperatorKind.allCases[below(OperatorKind.allCases.count)]
            let node = Node(
                network.freeName("new"), kind.defaultLayer, inputs: [Source(names[below(names.count)])])
            return .insert(node, at: below(network.nodes.count + 1))
        default:
            let fields = node.kind.fields.map(\.name)
            return .set(
                layer: node.name, field: fields.isEmpty ? "none" : fields[below(fields.count)],
                to: [.integer(below(40)), .flag(below(2) == 0), .number(Double(below(8))), .choice("none")][
                    below(4)])
        }
    }
}
