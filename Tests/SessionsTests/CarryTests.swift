import Devices
import Editing
import Graph
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

/// What edits do to trained weights: the float results stay.
@Suite("Weights survive edits", .limited)
struct CarryTests {
    static let families: [Device] = [.t40, .txx]

    private func document(_ network: Network, _ device: Device) -> Document {
        Document(network: network, device: device)
    }

    /// Makes a change, carries the weights and compares the results; gives what was noted.
    @discardableResult
    private func expectSame(
        _ network: Network, on device: Device, after edits: [Edit], within tolerance: Float = 1e-6
    ) throws -> [CarryNote] {
        let before = document(network, device)
        let weights = try CarryNetwork.weights(of: network, on: device)
        var editor = EditorState(before, name: "carry")
        editor.setOrigin(WeightOrigin(before, weights: weights))
        for edit in edits { try editor.edit(edit, at: 0) }
        let carried = try #require(try editor.weights())
        let expected = try CarryNetwork.results(of: network, on: device, weights)
        let found = try CarryNetwork.results(of: editor.network, on: device, carried)
        let difference = CarryNetwork.difference(found, expected)
        #expect(difference <= tolerance, "results are \(difference) apart")
        #expect(expected.joined().contains { $0 != 0 })
        let notes = WeightOrigin(before, weights: weights).carry(
            to: editor.document, formerNames: editor.formerNames
        ).notes
        while editor.undo() != nil {}
        let back = try #require(try editor.weights())
        #expect(back == weights, "taking everything back brings the weights back")
        return notes
    }

    @Test(
        "one fix widens all that is tied, and the float results stay", arguments: try CarryNetwork.all,
        families)
    func fixes(_ sample: CarryNetwork, device: Device) throws {
        let editor = EditorState(document(sample.network, device), name: "carry")
        let rule = "channels-\(device.family.channelBlock)"
        #expect(editor.report.findings.contains { $0.rule == rule })
        let fixes = try #require(editor.safeFixes())
        let fixed = EditorState(document(try sample.network.applying(fixes), device), name: "fixed")
        let left = fixed.report.findings.filter { $0.rule == rule }
        #expect(left.isEmpty, "\(left.map { "\($0.layer ?? "") \($0.actual)" })")
        #expect(try expectSame(sample.network, on: device, after: [fixes]).isEmpty)
    }

    @Test("a fix alone settles every finding of its rule", arguments: try CarryNetwork.all, families)
    func single(_ sample: CarryNetwork, device: Device) throws {
        let editor = EditorState(document(sample.network, device), name: "carry")
        let rule = "channels-\(device.family.channelBlock)"
        let findings = editor.report.findings.filter { $0.rule == rule }
        let fixes = Set(findings.compactMap { Checker.fix(for: $0, in: sample.network) })
        #expect(fixes.count == 1)
        for fix in fixes {
            #expect(fix.keepsNumbers)
            let said = EditorState(document(try sample.network.applying(fix.edit), device), name: "fixed")
                .report
            #expect(!said.findings.contains { $0.rule == rule })
        }
    }

    @Test("batch norm on is the identity, and off it folds", arguments: try CarryNetwork.all, families)
    func batchNorms(_ sample: CarryNetwork, device: Device) throws {
        for isOn in [true, false] {
            let edits = sample.network.nodes.filter { $0.layer.value(of: "batchNorm") == .flag(!isOn) }.map {
                Edit.set(layer: $0.name, field: "batchNorm", to: .flag(isOn))
            }
            if !edits.isEmpty { try expectSame(sample.network, on: device, after: edits, within: 2e-6) }
        }
    }

    @Test("a bias goes into the batch norm behind it, and comes as zeros", arguments: families)
    func biases(device: Device) throws {
        let network = try CarryNetwork.residual.network
        let both = [
            Edit.set(layer: "a", field: "batchNorm", to: .flag(true)),
            Edit.set(layer: "a", field: "bias", to: .flag(false)),
            Edit.set(layer: "stem", field: "bias", to: .flag(true)),
        ]
        #expect(try expectSame(network, on: device, after: both, within: 2e-6).isEmpty)
        let lost = try notes(network, device, [.set(layer: "head", field: "bias", to: .flag(false))])
        #expect(lost == [.dropsBias(layer: "head")])
    }

    @Test("activations become PReLU with their own slopes", arguments: families)
    func slopes(device: Device) throws {
        try expectSame(
            CarryNetwork.residual.network, on: device,
            after: ["stem", "dw", "head"].map {
                .set(layer: $0, field: "activation", to: .choice("PReLU"))
            })
        try expectSame(
            CarryNetwork.flattened.network, on: device,
            after: [.set(layer: "body", field: "activation", to: .choice("PReLU"))])
        try expectSame(
            CarryNetwork.larger.network, on: device,
            after: [.set(layer: "b", field: "activation", to: .choice("PReLU"))])
    }

    @Test("kernels grow around what they were, as SAME pads", arguments: [1, 2, 3])
    func kernels(stride: Int) throws {
        func sized(_ layer: String, _ size: Int) -> [Edit] {
            ["kernelHeight", "kernelWidth"].map { .set(layer: layer, field: $0, to: .integer(size)) }
        }
        let network = try CarryNetwork.residual.network.applying(
            .set(layer: "head", field: "stride", to: .integer(stride)))
        for size in [5, 7] {
            try expectSame(network, on: .t40, after: sized("head", size) + sized("dw", size))
        }
        let narrow = try network.applying(
            .all("", sized("head", 1) + [.set(layer: "head", field: "padding", to: .integer(0))]))
        try expectSame(
            narrow, on: .t40,
            after: [.set(layer: "head", field: "padding", to: .integer(1))] + sized("head", 3))
        // T02 pads both sides, and its fix makes a 1x1 kernel 3x3.
        var plain = try CarryNetwork.focused.network
        plain = try plain.applying(
            .all(
                "",
                [
                    .set(layer: "stem", field: "focus", to: .flag(false)),
                    .set(layer: "head", field: "kernelHeight", to: .integer(1)),
                    .set(layer: "head", field: "kernelWidth", to: .integer(1)),
                    .set(layer: "head", field: "padding", to: .integer(0)),
                    .set(layer: "head", field: "stride", to: .integer(min(stride, 2))),
                ]))
        let fix = try #require(EditorState(document(plain, .t02), name: "t02").safeFixes())
        try expectSame(plain, on: .t02, after: [fix])
        #expect(try notes(network, .t40, sized("head", 1)) == [.dropsTaps(layer: "head")])
    }

    @Test("groups are taken apart, and a depthwise convolution is one in groups", arguments: families)
    func groups(device: Device) throws {
        let network = try CarryNetwork.grouped.network
        try expectSame(network, on: device, after: [.set(layer: "groups", field: "groups", to: .integer(1))])
        var depthwise = DepthwiseConv2D()
        (depthwise.padding, depthwise.activationFunction) = (1, .relu)
        try expectSame(network, on: device, after: [.replace(layer: "alone", with: depthwise.layer)])
        let lost = try notes(
            network, device,
            [
                .set(layer: "head", field: "groups", to: .integer(1)),
                .set(layer: "groups", field: "groups", to: .integer(6)),
            ])
        #expect(lost == [.dropsBetweenGroups(layer: "groups")])
    }

    @Test("renamed layers keep their weights, and new ones of their names get none", arguments: families)
    func renames(device: Device) throws {
        for sample in try CarryNetwork.all {
            let edits = sample.network.nodes.map { Edit.rename($0.name, to: "new." + $0.name) }
            #expect(try expectSame(sample.network, on: device, after: edits).isEmpty)
        }
        let network = try CarryNetwork.focused.network
        var conv = Conv2D()
        (conv.outChannels, conv.padding) = (10, 1)
        let noted = try notes(
            network, device,
            [
                .rename("stem", to: "front"), .insert(Node("stem", conv.layer, inputs: ["front"]), at: 2),
                .rewire(layer: "head", inputs: ["stem"]),
            ])
        #expect(noted == [.startsAnew(layer: "stem", .isNew)])
    }

    @Test("layers that compute nothing new come and go", arguments: families)
    func insertions(device: Device) throws {
        var split = ChannelSplit()
        split.split = [5, 7]
        // Parts that are joined again are what they were.
        try expectSame(
            CarryNetwork.residual.network, on: device,
            after: [
                .insert(Node("parts", split.layer, inputs: ["add2"]), at: 5),
                .insert(
                    Node("joined", Route().layer, inputs: ["parts", Source("parts", output: 1)]), at: 6),
                .rewire(layer: "head", inputs: ["joined"]),
            ])
        // Joined the other way round, the reader's weights follow.
        try expectSame(
            CarryNetwork.residual.network, on: device,
            after: [
                .insert(Node("parts", split.layer, inputs: ["add2"]), at: 5),
                .insert(
                    Node("joined", Route().layer, inputs: [Source("parts", output: 1), "parts"]), at: 6),
                .rewire(layer: "head", inputs: ["joined"]),
            ])
        try expectSame(
            CarryNetwork.dense.network, on: device,
            after: [.rewire(layer: "r2", inputs: ["c0", "c2", "r1"])])
        let fewer = try notes(
            try CarryNetwork.dense.network, device, [.rewire(layer: "r2", inputs: ["c2", "c0"])])
        #expect(fewer == [.readsFewer(layer: "c3", channels: 16)])
    }

    @Test("parts of a split that are set wider keep their channels", arguments: families)
    func splits(device: Device) throws {
        let notes = try expectSame(
            CarryNetwork.halves.network, on: device,
            after: [
                .set(layer: "stem", field: "outChannels", to: .integer(64)),
                .set(layer: "split", field: "split", to: .integers([30, 34])),
                .set(layer: "left", field: "outChannels", to: .integer(34)),
                .set(layer: "again", field: "split", to: .integers([32, 32])),
            ])
        #expect(notes.isEmpty)
    }

    @Test("a narrower layer keeps the channels of largest norm, and says so", arguments: families)
    func narrowing(device: Device) throws {
        let network = try CarryNetwork.flattened.network
        let weights = try CarryNetwork.weights(of: network, on: device)
        let before = document(network, device)
        var after = before
        try after.apply(
            .all(
                "",
                [
                    .set(layer: "body", field: "outChannels", to: .integer(4)),
                    .set(layer: "flatten", field: "shape", to: .integers([-1, 36])),
                ]))
        let origin = WeightOrigin(before, weights: weights)
        #expect(
            origin.carry(to: after).notes == [.keeps(layer: "body", channels: 4, of: 6)])
        let carried = try origin.weights(of: after)
        let (old, new) = (
            try weights.values("body.weight", shape: [6, 3, 3, 3], as: Float.self),
            try carried.values("body.weight", shape: [4, 3, 3, 3], as: Float.self)
        )
        let rows = (0..<6).map { Array(old[$0 * 27..<($0 + 1) * 27]) }
        let norms = rows.map { $0.reduce(0) { $0 + $1 * $1 } }
        let kept = norms.indices.sorted { norms[$0] > norms[$1] }.prefix(4).sorted()
        #expect(new == Array(kept.map { rows[$0] }.joined()))
        // What reads them keeps the weights of the same channels.
        let hidden = try weights.values("hidden.weight", shape: [11, 54], as: Float.self)
        let narrow = try carried.values("hidden.weight", shape: [11, 36], as: Float.self)
        #expect(Array(narrow[0..<9]) == Array(hidden[kept[0] * 9..<kept[0] * 9 + 9]))
    }

    @Test("another operator and other channels start anew, and are named before", arguments: families)
    func restarts(device: Device) throws {
        let network = try CarryNetwork.halves.network
        var dense = DepthwiseConv2D()
        dense.padding = 1
        var up = ConvTranspose2D()
        up.outChannels = 14
        let before = document(network, device)
        var editor = EditorState(before, name: "carry")
        let untrained = try #require(editor.preview(.replace(layer: "head", with: up.layer)))
        #expect(untrained.carryNotes.isEmpty, "there are no weights to lose")
        editor.setOrigin(
            WeightOrigin(before, weights: try CarryNetwork.weights(of: network, on: device)))
        let preview = try #require(editor.preview(.replace(layer: "head", with: up.layer)))
        #expect(preview.carryNotes == [.startsAnew(layer: "head", .isOther)])
        #expect(preview.summary("->").contains("head is another operator and starts anew"))
        let noted = try notes(network, device, [.rewire(layer: "head", inputs: ["preprocess"])])
        #expect(noted == [.startsAnew(layer: "head", .readsOthers)])
    }

    private func notes(_ network: Network, _ device: Device, _ edits: [Edit]) throws -> [CarryNote] {
        let before = document(network, device)
        let weights = try CarryNetwork.weights(of: network, on: device)
        var editor = EditorState(before, name: "carry")
        editor.setOrigin(WeightOrigin(before, weights: weights))
        for edit in edits { try editor.edit(edit, at: 0) }
        // Whatever starts anew, the weights fit.
        let carried = try #require(try editor.weights())
        _ = try CarryNetwork.results(of: editor.network, on: device, carried)
        return WeightOrigin(before, weights: weights).carry(
            to: editor.document, formerNames: editor.formerNames
        ).notes
    }
}
