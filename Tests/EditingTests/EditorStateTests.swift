import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct EditorStateTests {
    private var bench: EditorState

    init() throws {
        bench = EditorState(try Samples.document(named: "mnist-cnn"), name: "digits")
    }

    /// Whether everything that the bench says follows from its document.
    private func expectConsistent(_ bench: EditorState) {
        let document = bench.document
        let analysis = Analysis(document.network, on: document.device.family)
        #expect(
            bench.analysis.network == document.network
                && bench.analysis.facts.family == document.device.family)
        #expect(bench.analysis.cost.total == analysis.cost.total)
        let report = Checker.report(on: analysis, for: document.device, waivers: document.waivers)
        #expect(bench.report.device == document.device && bench.report.findings == report.findings)
        var asked = bench
        let all = Checker.reports(on: document.network, for: Device.allCases, waivers: document.waivers)
        let reports = asked.allReports()
        #expect(reports.map(\.device) == Device.allCases && asked.reports?.count == reports.count)
        #expect(reports.map(\.findings) == all.map(\.findings))
    }

    @Test("what follows from a document is worked out with every change, undo and redo")
    mutating func derived() throws {
        expectConsistent(bench)
        let isWider = try bench.edit(.set(layer: "conv1", field: "outChannels", to: .integer(40)), at: 0)
        #expect(isWider)
        expectConsistent(bench)
        #expect(bench.report.findings.contains { $0.rule == "channels-32" })
        bench.setDevice(.txx, at: 0)
        expectConsistent(bench)
        let titles = [bench.undo()?.title, bench.undo()?.title]
        #expect(titles == ["device T40 to Txx", "conv1 outChannels 32 to 40"])
        expectConsistent(bench)
        let redone = bench.redo()
        #expect(redone?.focus == .init(layer: "conv1", field: "outChannels"))
        expectConsistent(bench)
    }

    @Test("repeats are told from where they began")
    mutating func title() throws {
        for channels in [64, 96, 128] {
            try bench.edit(.set(layer: "conv1", field: "outChannels", to: .integer(channels)), at: 0)
        }
        #expect(bench.history.steps.map(\.title) == ["conv1 outChannels 32 to 128"])
    }

    @Test("a key that is held on several layers is one step too")
    mutating func heldOnSeveral() throws {
        for isUp in [false, false, false] {
            let edit = try bench.editing.stepping("weightBits", isUp: isUp, on: ["conv1", "conv2", "fc"])
            try bench.edit(edit, at: 0)
        }
        #expect(bench.history.steps.map(\.title) == ["weightBits to 2 on 3 layers"])
    }

    @Test("several changes are one step, or none where one of them cannot be made")
    mutating func several() throws {
        let stride = Edit.set(layer: "conv1", field: "stride", to: .integer(2))
        let before = bench.document
        do throws(EditError) {
            try bench.edits([stride, .remove(layer: "nothing")], title: "two", at: 0)
            Issue.record("a layer that is not there was removed")
        } catch {
            #expect(bench.document == before && bench.history.steps.isEmpty)
        }
        try bench.edits([stride, .remove(layer: "pool")], title: "two", at: 0)
        let step = bench.undo()
        #expect(step?.title == "two" && bench.document == before)
    }

    @Test("a finding is waived for a reason, and its waiver removed")
    mutating func waiving() throws {
        try bench.edit(.set(layer: "conv1", field: "outChannels", to: .integer(40)), at: 0)
        let errors = bench.report.count(.error)
        bench.waive(rule: "channels-32", layer: "conv2", reason: " ", at: 0)
        bench.waive(rule: "channels-32", layer: "nothing", reason: "because", at: 0)
        #expect(bench.history.steps.count == 1)
        bench.waive(rule: "channels-32", layer: "conv2", reason: "because", at: 0)
        #expect(bench.report.count(.error) == errors - 1)
        bench.waive(rule: "channels-32", layer: "conv2", reason: "for good", at: 0)
        #expect(bench.document.waivers.map(\.reason) == ["for good"])
        bench.unwaive(rule: "channels-32", layer: "conv2", at: 0)
        bench.unwaive(rule: "channels-32", layer: "conv2", at: 0)
        #expect(bench.report.count(.error) == errors && bench.history.steps.count == 4)
    }

    @Test("a training plan is a step, and what the screen shows is none")
    mutating func planAndScreen() {
        bench.screen = ["view": 2]
        #expect(!bench.history.isChanged && bench.documentToSave.screen == ["view": 2])
        bench.setPlan(["epochs": 3], at: 0)
        #expect(bench.document.plan == ["epochs": 3] && bench.history.isChanged)
        let step = bench.undo()
        #expect(step?.title == "training plan")
        #expect(bench.document.plan == nil && bench.screen == ["view": 2])
    }

    @Test("random changes are all taken back by undo, one by one", arguments: 0..<30)
    func fuzz(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let name = Samples.names[random.below(Samples.names.count)]
        var bench = EditorState(try Samples.document(named: name), name: name)
        var documents = [bench.document]
        for step in 0..<40 {
            let edit = random.edit(of: bench.network)
            do throws(EditError) {
                // A minute apart: nothing is a repeat of anything.
                if try bench.edit(edit, at: Double(step) * 60) { documents.append(bench.document) }
            } catch {
                #expect(bench.document == documents.last)
            }
        }
        expectConsistent(bench)
        let last = bench.document
        while let document = documents.popLast() {
            #expect(bench.document == document)
            let step = bench.undo()
            #expect((step == nil) == documents.isEmpty)
        }
        expectConsistent(bench)
        while bench.redo() != nil {}
        #expect(bench.document == last)
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
