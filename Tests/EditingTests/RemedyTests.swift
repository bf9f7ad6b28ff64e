import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct RemedyTests {
    /// A convolution of 80 channels whose pooled result a convolution reads that wants a multiple of 32.
    private static func odd(_ device: Device = .t40) throws -> EditorState {
        var editor = EditorState(try Samples.document(named: "network-t40"), name: "odd")
        try editor.edit(.set(layer: "conv9", field: "outChannels", to: .integer(80)), at: 0)
        let pool = Node("pool", Maxpool2D().layer, inputs: ["conv9"])
        try editor.edits(
            [.insert(pool, at: 18), .rewire(layer: "conv10", inputs: ["pool"])], title: "", at: 10)
        editor.setDevice(device, at: 20)
        return editor
    }

    private static func finding(
        _ editor: EditorState, _ rule: String = "channels-32", on layer: String = "conv10"
    ) throws -> Finding {
        try #require(editor.report.findings.first { $0.rule == rule && $0.layer == layer })
    }

    private static func edit(_ remedy: Remedy?) throws -> Edit {
        guard case .edit(let edit)? = remedy?.kind else { throw FixtureError("no change of the network") }
        return edit
    }

    @Test("channels are widened or narrowed at the layer that sets them, with what it costs")
    func channels() throws {
        let editor = try Self.odd()
        let remedies = editor.remedies(for: try Self.finding(editor))
        let wide = try #require(remedies.first { $0.title == "widen conv9 to 96" })
        let narrow = try #require(remedies.first { $0.title == "narrow conv9 to 64" })
        #expect(try Self.edit(wide) == .set(layer: "conv9", field: "outChannels", to: .integer(96)))
        let prices = [try #require(wide.price), try #require(narrow.price)]
        #expect(prices[0].parameters > 0 && prices[0].multiplyAccumulates > 0 && prices[0].weightBytes > 0)
        #expect(prices[1].parameters == -prices[0].parameters)
        #expect(prices.allSatisfy { $0.before.errors == 1 && $0.after.errors == 0 })
        let titles = remedies.map(\.title)
        #expect(titles.contains("build for Txx instead") && !titles.contains("build for T41 instead"))
        #expect(titles.suffix(2) == ["accept it, with a reason", "remove conv10"])
        #expect(wide.isSafe && !narrow.isSafe)
    }

    @Test("the way of the data leads from the layer that sets the channels to the one that reads them")
    func path() throws {
        let editor = try Self.odd()
        let path = editor.path(of: try Self.finding(editor))
        #expect(path.map(\.layer) == ["conv8", "conv9", "pool", "conv10"])
        #expect(path.map(\.role) == ["", "set here", "", "read here"])
        #expect(path[1].shape.hasPrefix("80x"))
    }

    @Test("where bits are wrong, the way is told in bits")
    func bits() throws {
        var editor = EditorState(try Samples.document(named: "resnet20-cifar"), name: "")
        try editor.edit(.set(layer: "s1b2.conv2", field: "outputBits", to: .integer(4)), at: 0)
        let finding = try Self.finding(editor, "shortcut-bits", on: "s1b2.add")
        let path = editor.path(of: finding)
        #expect(
            path.first { $0.role == "set here" } == path.dropLast().last
                && path.dropLast().last?.shape == "4 bit")
        let titles = editor.remedies(for: finding).map(\.title)
        #expect(titles.count { $0.contains("outputBits to 8") || $0.contains("outputBits to 4") } == 2)
    }

    @Test("all layers that a sum reads are widened together")
    func sums() throws {
        var editor = EditorState(try Samples.document(named: "resnet20-cifar"), name: "")
        editor.setDevice(.t40, at: 0)
        let finding = try Self.finding(editor, on: "s1b2.conv1")
        let wide = try #require(editor.remedies(for: finding).first { $0.title.hasPrefix("widen") })
        try editor.edit(try Self.edit(wide), at: 0)
        for index in editor.network.nodes.indices { #expect(editor.analysis.shapes.output(index) != nil) }
        #expect(editor.network["stem"]?.layer.value(of: "outChannels") == .integer(32))
        let left = editor.report.findings.filter { $0.rule == "channels-32" }.compactMap(\.layer)
        #expect(!left.contains { $0.hasPrefix("s1b") && $0.hasSuffix("conv1") })
    }

    @Test(
        "every change that is offered settles its finding, and a safe one changes no shape",
        arguments: [
            "broken-t40", "broken-t02", "broken-txx", "network-t40-literal",
        ])
    func settles(name: String) throws {
        var editor = EditorState(try Samples.document(named: name), name: name)
        _ = editor.allReports()
        for (number, finding) in editor.report.findings.enumerated() where number.isMultiple(of: 8) {
            let remedies = editor.remedies(for: finding)
            #expect((finding.layer == nil) || !remedies.isEmpty)
            for remedy in remedies {
                #expect(!remedy.title.isEmpty)
                var after = editor
                switch remedy.kind {
                case .edit(let edit): try after.edit(edit, at: 0)
                case .device(let device): after.setDevice(device, at: 0)
                case .waive:
                    let layer = finding.layer ?? ""
                    after.unwaive(rule: finding.rule, layer: layer, at: 0)
                    if finding.waived == nil {
                        after.waive(rule: finding.rule, layer: layer, reason: "because", at: 0)
                    }
                    let left = after.report.findings.first { FindingKey($0) == FindingKey(finding) }
                    #expect(left?.waived == (finding.waived == nil ? "because" : nil))
                    continue
                }
                #expect(!after.report.findings.contains { FindingKey($0) == FindingKey(finding) })
                #expect(remedy.price?.after.errors == after.report.count(.error))
                #expect(
                    remedy.price?.parameters == after.analysis.cost.total.parameters
                        - editor.analysis.cost.total.parameters)
                if remedy.isSafe {
                    for index in editor.network.nodes.indices {
                        #expect(after.analysis.shapes.output(index) == editor.analysis.shapes.output(index))
                    }
                }
            }
            let path = editor.path(of: finding)
            #expect(path.isEmpty == (finding.layer == nil) && path.last?.layer == finding.layer)
            #expect(finding.layer == nil || path.count { $0.role == "set here" } == 1)
        }
    }

    // Previews.

    @Test("a preview shows the layer that changes and those that read something else")
    func preview() throws {
        let editor = try Self.odd()
        let edit = Edit.set(layer: "conv9", field: "outChannels", to: .integer(96))
        let preview = try #require(editor.preview(edit))
        #expect(
            preview.lines.map { ($0.isAdded ? "+ " : "- ") + $0.text } == [
                "- conv9  Conv2D 3x3  256 -> 80  80x2x2  w8 a8",
                "+ conv9  Conv2D 3x3  256 -> 96  96x2x2  w8 a8",
                "- pool  Maxpool2D 2x2/2  80  80x1x1  a8", "+ pool  Maxpool2D 2x2/2  96  96x1x1  a8",
                "- conv10  Conv2D 3x3/2  80 -> 256  w8 a8", "+ conv10  Conv2D 3x3/2  96 -> 256  w8 a8",
            ])
        #expect(preview.lines.filter(\.isOwn).map(\.layer) == ["conv9", "conv9"])
        #expect(preview.carryNotes.isEmpty)
        #expect(preview.cost.before.errors == 1 && preview.cost.after.errors == 0)
        #expect(preview.cost.weightBytes > 0)
        let summary = preview.summary("->")
        #expect(summary.contains("errors 1 -> 0") && !summary.contains("anew"))
        #expect(editor.preview(.remove(layer: "nothing")) == nil)
    }

    @Test("a preview tells what comes, goes, is renamed, rewired or set")
    func previewKinds() throws {
        let editor = EditorState(try Samples.document(named: "mnist-cnn"), name: "")
        func lines(_ edit: Edit) throws -> [String] {
            try #require(editor.preview(edit)).lines.map { ($0.isAdded ? "+ " : "- ") + $0.text }
        }
        let norm = Node("bn", BatchNorm().layer, inputs: ["conv1"])
        #expect(try lines(.insert(norm, at: 2)).count == 1)
        #expect(try lines(.insert(norm, at: 2))[0].hasPrefix("+ bn  BatchNorm  32 -> 32"))
        let removed = try lines(.remove(layer: "conv2"))
        #expect(
            removed[0].hasPrefix("- conv2")
                && removed.contains { $0.hasPrefix("+ pool") && $0.hasSuffix("reads conv1") })
        let renamed = try lines(.all("", [.rename("conv1", to: "a"), .rename("a", to: "stem")]))
        #expect(renamed[0].hasPrefix("- conv1") && renamed[1].hasPrefix("+ stem"))
        #expect(try lines(.set(layer: "conv1", field: "clip", to: .number(4)))[1].hasSuffix("clip 4.0"))
        #expect(try lines(.annotate(layer: "conv1", note: "why"))[1].hasSuffix("note 'why'"))
        #expect(try lines(.move(layer: "conv1", to: 3)).isEmpty)
    }

    // All safe fixes at once, and what is kept.

    @Test(
        "all safe fixes at once settle their findings and leave the results' shapes as they are",
        arguments: Samples.names)
    func safeFixes(name: String) throws {
        var editor = EditorState(try Samples.document(named: name), name: name)
        let before = editor
        guard let edit = editor.safeFixes() else {
            #expect(!name.hasPrefix("broken"))
            return
        }
        try editor.edit(edit, at: 0)
        let old = Set(before.report.findings.map { FindingKey($0) })
        let new = Set(editor.report.findings.map { FindingKey($0) })
        #expect(new.isStrictSubset(of: old))
        let lasts = before.network.nodes.indices.filter { before.analysis.order.readers[$0].isEmpty }
        for index in lasts {
            let now = try #require(editor.network.index(of: before.network.nodes[index].name))
            #expect(editor.analysis.shapes.output(now) == before.analysis.shapes.output(index))
        }
        #expect(editor.safeFixes() == nil && editor.history.steps.count == 1)
    }

    @Test("what a layer keeps is said in its own numbers")
    func passing() throws {
        let editor = EditorState(try Samples.document(named: "network-t40"), name: "")
        let conv = editor.passingRules(of: "conv5")
        #expect(conv.contains("8 bit input takes weights of 2, 4, 6, 8"))
        #expect(conv.contains { $0.hasPrefix("reads") && $0.hasSuffix("a multiple of 32") })
        #expect(conv.contains("T40 has Conv2D") && conv.contains { $0.hasPrefix("takes") })
        #expect(editor.passingRules(of: "shortcut").contains("all its inputs have 8 bits"))
        #expect(editor.passingRules(of: "nothing").isEmpty)
    }

    @Test("a rule is kept or broken, never both, by the network and by each layer", arguments: Samples.names)
    func keptOrBroken(name: String) throws {
        let editor = EditorState(try Samples.document(named: name), name: name)
        let broken = Set(editor.report.findings.map(\.rule))
        let kept = Checker.kept(in: editor.report, of: editor.network)
        #expect(broken.isDisjoint(with: kept.map(\.rule)))
        #expect(editor.passingRules(of: nil).count == kept.count)
        for index in editor.network.nodes.indices {
            let name = editor.network.nodes[index].name
            let own = Set(editor.report.findings.filter { $0.layer == name }.map(\.rule))
            let kept = Checker.kept(by: index, in: editor.report, on: editor.analysis)
            #expect(own.isDisjoint(with: kept.map(\.rule)))
            #expect(kept.allSatisfy { !$0.says.isEmpty && !$0.says.contains("\n") })
        }
    }
}
