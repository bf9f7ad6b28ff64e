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
        var bench = EditorState(try Samples.document(named: "network-t40"), name: "odd")
        try bench.edit(.set(layer: "conv9", field: "outChannels", to: .integer(80)), at: 0)
        let pool = Node("pool", Maxpool2D().layer, inputs: ["conv9"])
        try bench.edits(
            [.insert(pool, at: 18), .rewire(layer: "conv10", inputs: ["pool"])], title: "", at: 10)
        bench.setDevice(device, at: 20)
        return bench
    }

    private static func finding(
        _ bench: EditorState, _ rule: String = "channels-32", on layer: String = "conv10"
    ) throws -> Finding {
        try #require(bench.report.findings.first { $0.rule == rule && $0.layer == layer })
    }

    private static func edit(_ remedy: Remedy?) throws -> Edit {
        guard case .edit(let edit)? = remedy?.kind else { throw FixtureError("no change of the network") }
        return edit
    }

    @Test("channels are widened or narrowed at the layer that sets them, with what it costs")
    func channels() throws {
        let bench = try Self.odd()
        let remedies = bench.remedies(for: try Self.finding(bench))
        let wide = try #require(remedies.first { $0.title == "widen conv9 to 96" })
        let narrow = try #require(remedies.first { $0.title == "narrow conv9 to 64" })
        #expect(try Self.edit(wide) == .set(layer: "conv9", field: "outChannels", to: .integer(96)))
        let prices = [try #require(wide.price), try #require(narrow.price)]
        #expect(prices[0].parameters > 0 && prices[0].multiplyAccumulates > 0 && prices[0].weightBytes > 0)
        #expect(prices[1].parameters == -prices[0].parameters)
        #expect(prices.allSatisfy { $0.before.errors == 1 && $0.after.errors == 0 })
        let titles = remedies.map(\.title)
        #expect(titles.contains("build for Txx instead") && !titles.contains("build for T41 instead"))
        #expect(titles.contains("remove conv10") && titles.last == "waive it, for a reason")
        #expect(wide.isSafe && !narrow.isSafe)
    }

    @Test("the way of the data leads from the layer that sets the channels to the one that reads them")
    func path() throws {
        let bench = try Self.odd()
        let path = bench.path(of: try Self.finding(bench))
        #expect(path.map(\.layer) == ["conv8", "conv9", "pool", "conv10"])
        #expect(path.map(\.role) == ["", "set here", "", "read here"])
        #expect(path[1].shape.hasPrefix("80x"))
    }

    @Test("where bits are wrong, the way is told in bits")
    func bits() throws {
        var bench = EditorState(try Samples.document(named: "resnet20-cifar"), name: "")
        try bench.edit(.set(layer: "s1b2.conv2", field: "outputBits", to: .integer(4)), at: 0)
        let finding = try Self.finding(bench, "shortcut-bits", on: "s1b2.add")
        let path = bench.path(of: finding)
        #expect(
            path.first { $0.role == "set here" } == path.dropLast().last
                && path.dropLast().last?.shape == "4 bit")
        let titles = bench.remedies(for: finding).map(\.title)
        #expect(titles.count { $0.contains("outputBits to 8") || $0.contains("outputBits to 4") } == 2)
    }

    @Test("all layers that a sum reads are widened together")
    func sums() throws {
        var bench = EditorState(try Samples.document(named: "resnet20-cifar"), name: "")
        bench.setDevice(.t40, at: 0)
        let finding = try Self.finding(bench, on: "s1b2.conv1")
        let wide = try #require(bench.remedies(for: finding).first { $0.title.hasPrefix("widen") })
        try bench.edit(try Self.edit(wide), at: 0)
        for index in bench.network.nodes.indices { #expect(bench.analysis.shapes.output(index) != nil) }
        #expect(bench.network["stem"]?.layer.value(of: "outChannels") == .integer(32))
        let left = bench.report.findings.filter { $0.rule == "channels-32" }.compactMap(\.layer)
        #expect(!left.contains { $0.hasPrefix("s1b") && $0.hasSuffix("conv1") })
    }

    @Test(
        "every change that is offered settles its finding, and a safe one changes no shape",
        arguments: [
            "broken-t40", "broken-t02", "broken-txx", "network-t40-literal",
        ])
    func settles(name: String) throws {
        var bench = EditorState(try Samples.document(named: name), name: name)
        _ = bench.allReports()
        for (number, finding) in bench.report.findings.enumerated() where number.isMultiple(of: 8) {
            let remedies = bench.remedies(for: finding)
            #expect((finding.layer == nil) || !remedies.isEmpty)
            for remedy in remedies {
                #expect(!remedy.title.isEmpty)
                var after = bench
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
                        - bench.analysis.cost.total.parameters)
                if remedy.isSafe {
                    for index in bench.network.nodes.indices {
                        #expect(after.analysis.shapes.output(index) == bench.analysis.shapes.output(index))
                    }
                }
            }
            let path = bench.path(of: finding)
            #expect(path.isEmpty == (finding.layer == nil) && path.last?.layer == finding.layer)
            #expect(finding.layer == nil || path.count { $0.role == "set here" } == 1)
        }
    }

    // Previews.

    @Test("a preview shows the layer that changes and those that read something else")
    func preview() throws {
        let bench = try Self.odd()
        let edit = Edit.set(layer: "conv9", field: "outChannels", to: .integer(96))
        let preview = try #require(bench.preview(edit))
        #expect(
            preview.lines.map { ($0.isAdded ? "+ " : "- ") + $0.text } == [
                "- conv9  Conv2D 3x3  256 -> 80  80x2x2  w8 a8",
                "+ conv9  Conv2D 3x3  256 -> 96  96x2x2  w8 a8",
                "- pool  Maxpool2D 2x2/2  80  80x1x1  a8", "+ pool  Maxpool2D 2x2/2  96  96x1x1  a8",
                "- conv10  Conv2D 3x3/2  80 -> 256  w8 a8", "+ conv10  Conv2D 3x3/2  96 -> 256  w8 a8",
            ])
        #expect(preview.lines.filter(\.isOwn).map(\.layer) == ["conv9", "conv9"])
        #expect(preview.carryNotes.isEmpty && preview.carriedWeights.contains("conv10"))
        #expect(preview.cost.before.errors == 1 && preview.cost.after.errors == 0)
        #expect(preview.cost.weightBytes > 0)
        let summary = preview.summary("->")
        #expect(summary.contains("errors 1 -> 0") && !summary.contains("anew"))
        #expect(bench.preview(.remove(layer: "nothing")) == nil)
    }

    @Test("a preview tells what comes, goes, is renamed, rewired or set")
    func previewKinds() throws {
        let bench = EditorState(try Samples.document(named: "mnist-cnn"), name: "")
        func lines(_ edit: Edit) throws -> [String] {
            try #require(bench.preview(edit)).lines.map { ($0.isAdded ? "+ " : "- ") + $0.text }
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
        var bench = EditorState(try Samples.document(named: name), name: name)
        let before = bench
        guard let edit = bench.safeFixes() else {
            #expect(!name.hasPrefix("broken"))
            return
        }
        try bench.edit(edit, at: 0)
        let old = Set(before.report.findings.map { FindingKey($0) })
        let new = Set(bench.report.findings.map { FindingKey($0) })
        #expect(new.isStrictSubset(of: old))
        let lasts = before.network.nodes.indices.filter { before.analysis.order.readers[$0].isEmpty }
        for index in lasts {
            let now = try #require(bench.network.index(of: before.network.nodes[index].name))
            #expect(bench.analysis.shapes.output(now) == before.analysis.shapes.output(index))
        }
        #expect(bench.safeFixes() == nil && bench.history.steps.count == 1)
    }

    @Test("what a layer keeps is said in its own numbers")
    func passing() throws {
        let bench = EditorState(try Samples.document(named: "network-t40"), name: "")
        let conv = bench.passingRules(of: "conv5")
        #expect(conv.contains("8 bit input takes weights of 2, 4, 6, 8"))
        #expect(conv.contains { $0.hasPrefix("reads") && $0.hasSuffix("a multiple of 32") })
        #expect(conv.contains("T40 has Conv2D") && conv.contains { $0.hasPrefix("takes") })
        #expect(bench.passingRules(of: "shortcut").contains("all its inputs have 8 bits"))
        #expect(bench.passingRules(of: "nothing").isEmpty)
    }

    @Test("a rule is kept or broken, never both, by the network and by each layer", arguments: Samples.names)
    func keptOrBroken(name: String) throws {
        let bench = EditorState(try Samples.document(named: name), name: name)
        let broken = Set(bench.report.findings.map(\.rule))
        let kept = Checker.kept(in: bench.report, of: bench.network)
        #expect(broken.isDisjoint(with: kept.map(\.rule)))
        #expect(bench.passingRules(of: nil).count == kept.count)
        for index in bench.network.nodes.indices {
            let name = bench.network.nodes[index].name
            let own = Set(bench.report.findings.filter { $0.layer == name }.map(\.rule))
            let kept = Checker.kept(by: index, in: bench.report, on: bench.analysis)
            #expect(own.isDisjoint(with: kept.map(\.rule)))
            #expect(kept.allSatisfy { !$0.says.isEmpty && !$0.says.contains("\n") })
        }
    }
}
