import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

/// Edits of a sample, and of small networks.
@Suite(.limited)
struct EditingTests {
    private func editing(_ sample: String) throws -> EditBuilder {
        EditorState(try Samples.document(named: sample), name: sample).editing
    }

    private func applying(_ edit: Edit, _ editing: EditBuilder) throws -> EditBuilder {
        let network = try editing.network.applying(edit)
        return EditBuilder(Analysis(network, on: editing.device.family), for: editing.device)
    }

    // Adding.

    @Test("whatever is added anywhere leaves a network without new cycles", arguments: Samples.names)
    func addsAnywhere(name: String) throws {
        let editing = try editing(name)
        var random = SeededGenerator(seed: UInt64(name.utf8.reduce(0) { $0 + Int($1) }))
        for entry in AddEntry.all {
            for place in InsertionPlace.allCases {
                let names = editing.network.names
                let selected = names[random.below(names.count)]
                let asked = Result { () throws(EditingError) in
                    try editing.insertion(of: entry, place, selected)
                }
                switch asked {
                case .success(let edit):
                    let after = try editing.network.applying(edit)
                    #expect(NetworkOrder(after).cyclic.isEmpty == editing.analysis.order.cyclic.isEmpty)
                    let title = editing.network.title(of: edit)
                    #expect(title.hasPrefix("add "))
                    let added = try #require(edit.focus.layer)
                    #expect(after[added] != nil && editing.network[added] == nil)
                    if place == .branch {
                        #expect(
                            after.readers(of: selected).count > editing.network.readers(of: selected).count)
                    }
                case .failure(let error):
                    #expect(!"\(error)".isEmpty && !"\(error)".contains("EditingError"))
                }
            }
        }
    }

    @Test("a layer behind another takes its readers, one in front its first wire, a branch none")
    func places() throws {
        let editing = try editing("mnist-cnn")
        let after = try editing.network.applying(try editing.insertion(of: .batchNorm, .after, "conv1"))
        #expect(after["bn1"]?.inputs == ["conv1"] && after["conv2"]?.inputs == ["bn1"])
        #expect(after.index(of: "bn1") == 2)
        let before = try editing.network.applying(try editing.insertion(of: .batchNorm, .before, "conv1"))
        #expect(before["bn1"]?.inputs == ["preprocess"] && before["conv1"]?.inputs == ["bn1"])
        #expect(before.index(of: "bn1") == 1)
        let branch = try editing.network.applying(try editing.insertion(of: .conv2D, .branch, "conv1"))
        #expect(branch["conv3"]?.inputs == ["conv1"] && branch["conv2"]?.inputs == ["conv1"])
        #expect(throws: EditingError.input("image")) {
            try editing.insertion(of: .batchNorm, .before, "image")
        }
        #expect(throws: EditingError.noSuchLayer("x")) { try editing.insertion(of: .batchNorm, .after, "x") }
    }

    @Test("a new layer is called in the network's manner")
    func names() throws {
        for (sample, kind, name) in [
            ("mnist-cnn", OperatorKind.conv2D, "conv3"), ("mnist-cnn", .maxpool2D, "pool2"),
            ("mnist-cnn", .shortcut, "add1"), ("mnist-cnn", .adaptiveAvgpool2D, "gap"),
            ("network-t40", .batchNorm, "bn2"), ("network-t40", .conv2D, "conv11"),
            ("network-t40", .fullConnected, "fc3"),
        ] {
            let editing = try editing(sample)
            let edit = try editing.insertion(of: kind, .branch, editing.network.nodes[1].name)
            #expect(try editing.network.applying(edit)[name]?.kind == kind)
        }
        let residual = try editing("resnet20-cifar")
        let block = try residual.insertion(of: Block.residual, .after, "s1b2.add")
        #expect(
            block.focus.layer == "s1b4.conv1"
                && residual.network.title(of: block) == "add s1b4 (residual block)")
    }

    @Test("a new layer has the bits of its neighbours, and is quantized where they are")
    func defaults() throws {
        for (sample, bits, isOn) in [("mnist-cnn", 8, true), ("persondet", 4, true)] {
            let editing = try editing(sample)
            let edit = try editing.insertion(of: .depthwiseConv2D, .after, editing.network.nodes[2].name)
            let node = try #require(edit.focus.layer.flatMap { try? editing.network.applying(edit)[$0] })
            let quantizers = try #require(node.layer.settings.quantization)
            #expect(
                quantizers.isEnabled == isOn && quantizers.weightBits == bits && quantizers.outputBits == bits
            )
        }
        var editor = EditorState(try Samples.document(named: "mnist-cnn"), name: "")
        try editor.edit(try editor.editing.quantizing(false), at: 0)
        let edit = try editor.editing.insertion(of: .conv2D, .after, "conv1")
        try editor.edit(edit, at: 0)
        #expect(editor.network["conv3"]?.layer.settings.quantization?.isEnabled == false)
    }

    @Test("the sum of two takes the nearest layer of the same shape, or waits for one")
    func second() throws {
        let residual = try editing("resnet20-cifar")
        let edit = try residual.insertion(of: .shortcut, .after, "s1b1.conv2")
        let after = try residual.network.applying(edit)
        #expect(after["add1"]?.inputs == ["s1b1.conv2", "s1b1.conv1"])
        let small = try editing("mnist-cnn")
        #expect(
            try small.network.applying(try small.insertion(of: .mul, .after, "conv1"))["mul1"]?.inputs == [
                "conv1"
            ])
    }

    @Test("a matrix behind a map gets a Flatten in front")
    func matrix() throws {
        let editing = try editing("mnist-cnn")
        let after = try applying(try editing.insertion(of: .fullConnected, .branch, "conv1"), editing)
        let matrix = try #require(after.network["fc2"])
        #expect(after.network[matrix.inputs[0].name]?.kind == .flatten)
        #expect(after.analysis.shapes.output(try #require(after.network.index(of: "fc2"))) == .vector(10))
    }

    @Test("the first layer of an empty network reads nothing yet")
    func empty() throws {
        let empty = EditBuilder(Analysis(Network(), on: .npu), for: .t40)
        let edit = try empty.insertion(of: .preprocess, .after, nil)
        #expect(try Network().applying(edit).names == ["preprocess"])
        #expect(throws: EditingError.nothingSelected) { try empty.insertion(of: Block.residual, .after, nil) }
    }

    // Blocks.

    @Test(
        "a block has shapes on every input that it takes, and says which it does not",
        arguments: Block.allCases,
        [
            Shape.map(channels: 3, height: 32, width: 32), .map(channels: 32, height: 16, width: 20),
            .map(channels: 48, height: 7, width: 7), .map(channels: 64, height: 1, width: 24),
            .map(channels: 256, height: 65, width: 2), .sequence(length: 24, features: 32), .vector(100),
        ])
    func blocks(_ block: Block, _ shape: Shape) throws {
        for device in [Device.t40, .txx] {
            let network = try Network(
                inputs: [Input("data", shape)],
                nodes: [Node("preprocess", Preprocess().layer, inputs: ["data"])])
            let editing = EditBuilder(Analysis(network, on: device.family), for: device)
            let asked = Result { () throws(EditingError) in
                try editing.insertion(of: block, .after, "preprocess")
            }
            switch asked {
            case .success(let edit):
                let after = try network.applying(edit)
                let analysis = Analysis(after, on: device.family)
                #expect(after.nodes.count > 2)
                for index in after.nodes.indices { #expect(analysis.shapes.output(index) != nil) }
                #expect(analysis.order.evaluation == Array(after.nodes.indices))
            case .failure(let error):
                guard case .needs(_, of: "preprocess", let found) = error else { throw error }
                #expect(found == shape)
                switch (block, shape) {
                case (.recurrentHead, .map(_, let height, _)): #expect(height > 64)
                case (.recurrentHead, .sequence): Issue.record("a sequence is refused")
                case (.convolutionAndPool, .map(_, let height, _)): #expect(height < 2)
                case (_, .map): Issue.record("a map is refused: \(error)")
                case (_, .sequence), (_, .vector): break
                }
            }
        }
    }

    @Test("a block in a quantized network adds no finding that must be fixed", arguments: Block.allCases)
    func blocksOnChips(_ block: Block) throws {
        for (name, selected) in [
            ("network-t40", "conv2"), ("resnet20-cifar", "s2b1.add"), ("mnist-cnn", "conv2"),
        ] {
            let document = try Samples.document(named: name)
            let editor = EditorState(document, name: name)
            let edit = try editor.editing.insertion(of: block, .branch, selected)
            let after = try document.network.applying(edit)
            let report = Checker.report(on: Analysis(after, on: document.device.family), for: document.device)
            let errors = report.findings.filter {
                $0.severity == .error && document.network[$0.layer ?? ""] == nil
            }
            #expect(
                errors.isEmpty, "\(name): \(errors.map { "\($0.layer ?? "") \($0.message) \($0.actual)" })")
        }
    }

    // Removing, copying and moving.

    @Test("several layers go at once, and who read them reads what they read")
    func deletion() throws {
        let editing = try editing("mnist-cnn")
        let edit = try editing.deletion(of: ["conv2", "pool", "conv2"])
        #expect(editing.network.title(of: edit) == "remove 2 layers")
        let after = try editing.network.applying(edit)
        #expect(
            after.names == ["image", "preprocess", "conv1", "flatten", "fc"]
                && after["flatten"]?.inputs == ["conv1"])
        #expect(throws: EditingError.input("image")) { try editing.deletion(of: ["image"]) }
        #expect(throws: EditingError.nothingSelected) { try editing.deletion(of: []) }
    }

    @Test("a copy follows its layer, and a copied block its block")
    func duplication() throws {
        let editing = try editing("mnist-cnn")
        let residual = try self.editing("resnet20-cifar")
        let one = try residual.network.applying(try residual.duplication(of: ["s1b2.conv1"]))
        #expect(one["s1b2.conv3"]?.inputs == ["s1b2.conv1"] && one["s1b2.conv2"]?.inputs == ["s1b2.conv3"])
        #expect(one["s1b2.conv3"]?.layer == one["s1b2.conv1"]?.layer)
        let block = ["s1b2.conv1", "s1b2.conv2", "s1b2.add"]
        let two = try residual.network.applying(try residual.duplication(of: block))
        #expect(
            two["s1b4.conv1"]?.inputs == ["s1b2.add"]
                && two["s1b4.add"]?.inputs == ["s1b2.add", "s1b4.conv2"])
        #expect(two["s1b3.conv1"]?.inputs == ["s1b4.add"] && two["s1b3.add"]?.inputs.first == "s1b4.add")
        // A second Flatten behind the first would be none; it stands beside.
        let beside = try editing.network.applying(try editing.duplication(of: ["fc", "flatten"]))
        #expect(beside["fc2"]?.inputs == ["flatten2"] && beside["flatten2"]?.inputs == ["pool"])
    }

    @Test("copies of anything leave a network without new cycles", arguments: Samples.names)
    func duplicatesAnywhere(name: String) throws {
        let editing = try editing(name)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<10 {
            let names = (0...random.below(4)).map { _ in
                editing.network.nodes[random.below(editing.network.nodes.count)].name
            }
            let after = try editing.network.applying(try editing.duplication(of: names))
            #expect(after.nodes.count == editing.network.nodes.count + Set(names).count)
            #expect(NetworkOrder(after).cyclic.isEmpty == editing.analysis.order.cyclic.isEmpty)
        }
    }

    @Test("layers of a plain chain change places in the flow too, there and back")
    func moving() throws {
        let editing = try editing("mnist-cnn")
        let up = try applying(try editing.move("conv2", isUp: true), editing)
        #expect(up.network["conv2"]?.inputs == ["preprocess"] && up.network["conv1"]?.inputs == ["conv2"])
        #expect(up.network["pool"]?.inputs == ["conv1"] && up.network.index(of: "conv2") == 1)
        let back = try up.network.applying(try up.move("conv2", isUp: false))
        #expect(back == editing.network)
        #expect(throws: EditingError.atEdge("fc", isUp: false)) { try editing.move("fc", isUp: false) }
        #expect(throws: EditingError.input("image")) { try editing.move("image", isUp: true) }
    }

    @Test("layers that are wired in another way stay, and the reason is said")
    func inseparable() throws {
        let editing = try editing("resnet20-cifar")
        let refusals: [(String, Bool, SwapObstacle)] = [
            ("s1b1.add", true, .readsOthers), ("stem", false, .isReadByOthers("s1b1.add")),
        ]
        for (name, isUp, obstacle) in refusals {
            do throws(EditingError) {
                _ = try editing.move(name, isUp: isUp)
                Issue.record("\(name) moves")
            } catch {
                guard case .inseparable(_, reads: _, let found) = error else { throw error }
                #expect(found == obstacle && "\(error)".contains("rewire"))
            }
        }
        // Neighbours that do not read each other just change places in the list.
        let moved = try editing.network.applying(try editing.move("s2b1.down", isUp: true))
        #expect(moved.index(of: "s2b1.down") == editing.network.index(of: "s2b1.conv2"))
        #expect(moved["s2b1.down"] == editing.network["s2b1.down"])
    }

    @Test("a list that is moved about keeps flowing from top to bottom", arguments: Samples.names)
    func movesAnywhere(name: String) throws {
        var editing = try editing(name)
        let cycles = editing.analysis.order.cyclic.count
        let flows = editing.analysis.order.evaluation == Array(editing.network.nodes.indices)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<20 {
            let layer = editing.network.nodes[random.below(editing.network.nodes.count)].name
            let asked = Result { () throws(EditingError) in
                try editing.move(layer, isUp: random.below(2) == 0)
            }
            switch asked {
            case .success(let edit): editing = try applying(edit, editing)
            case .failure(let error): #expect(!"\(error)".isEmpty)
            }
        }
        #expect(editing.analysis.order.cyclic.count == cycles)
        #expect(!flows || editing.analysis.order.evaluation == Array(editing.network.nodes.indices))
    }

    // Wires.

    @Test("a wire may read whatever does not depend on its layer, and is told what fits")
    func wires() throws {
        let editing = try editing("resnet20-cifar")
        let slots = try editing.slots(of: "s1b2.add")
        #expect(slots.map(\.current) == ["s1b1.add", "s1b2.conv2"] && slots.map(\.position) == [0, 1])
        let candidates = slots[0].candidates
        #expect(!candidates.contains { $0.source.name == "s1b3.conv1" || $0.source.name == "s1b2.add" })
        #expect(candidates.first { $0.source == "stem" }?.fits == true)
        #expect(candidates.first { $0.source == "image" }?.obstacle != nil)
        let edit = try editing.rewiring("s1b2.add", wire: 0, to: "stem")
        #expect(try editing.network.applying(edit)["s1b2.add"]?.inputs == ["stem", "s1b2.conv2"])
        let less = try editing.network.applying(try editing.rewiring("s1b2.add", wire: 1, to: nil))
        #expect(less["s1b2.add"]?.inputs == ["s1b1.add"])
        #expect(throws: EditingError.cycle("s1b2.add", "s1b3.add")) {
            try editing.rewiring("s1b2.add", wire: 1, to: "s1b3.add")
        }
        #expect(throws: EditingError.noSuchWire(4, of: "stem")) {
            try editing.rewiring("stem", wire: 4, to: "image")
        }
        #expect(try self.editing("network-t40").slots(of: "route").count > 1)
    }

    @Test(
        "a wire of a sample to any of its candidates makes no cycle",
        arguments: ["network-t40", "yolov5s-person"])
    func anyWire(name: String) throws {
        let editing = try editing(name)
        for node in editing.network.nodes.prefix(12) {
            for slot in try editing.slots(of: node.name) {
                let fitting = slot.candidates.filter(\.fits)
                #expect(slot.current.map { current in fitting.contains { $0.source == current } } ?? true)
                for candidate in [slot.candidates.first, slot.candidates.last].compactMap({ $0 }) {
                    let edit = try editing.rewiring(node.name, wire: slot.position, to: candidate.source)
                    #expect(NetworkOrder(try editing.network.applying(edit)).cyclic.isEmpty)
                }
            }
        }
    }

    // Folding.

    @Test("layers that belong together are found by their names, or by the sum that closes them")
    func folding() throws {
        let residual = try editing("resnet20-cifar")
        let named = Folding(residual.network, order: residual.analysis.order)
        #expect(
            named.groups.prefix(2).map(\.title) == ["s1b1", "s1b2"] && named.groups.first?.range == 2..<5)
        #expect(named.group(at: 3)?.title == "s1b1" && named.group(at: 1) == nil)
        var plain = residual.network
        for name in plain.nodes.map(\.name) where name.contains(".") {
            plain = try plain.applying(.rename(name, to: String(name.map { $0 == "." ? "_" : $0 })))
        }
        let closed = Folding(plain, order: NetworkOrder(plain))
        #expect(closed.groups.map(\.range) == named.groups.map(\.range))
        #expect(closed.groups.first?.title == "s1b1_add")
        #expect(
            Folding(try editing("mnist-cnn").network, order: try editing("mnist-cnn").analysis.order).groups
                .isEmpty)
    }

    // What can be added.

    @Test("everything can be added, once, with a line of help and what the chip makes of it")
    func entries() {
        let kinds = AddEntry.all.compactMap { if case .layer(let kind) = $0.item { kind } else { nil } }
        #expect(Set(kinds) == Set(OperatorKind.allCases) && kinds.count == OperatorKind.allCases.count)
        #expect(AddEntry.all.count == kinds.count + Block.allCases.count)
        #expect(AddEntry.all.allSatisfy { !$0.help.isEmpty && !$0.title.isEmpty })
        let shortcut = AddEntry.all.first { $0.item == .layer(.shortcut) }
        #expect(
            shortcut?.availability(on: .t40).severity == nil && shortcut?.availability(on: .t40).reason == nil
        )
        #expect(shortcut?.availability(on: .t41).severity == .warning)
        #expect(shortcut?.availability(on: .t02).reason?.contains("T02 has no Shortcut") == true)
        let residual = AddEntry.all.first { $0.item == .block(.residual) }
        #expect(residual?.availability(on: .t02).severity == .error)
    }
}
