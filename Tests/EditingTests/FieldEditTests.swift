import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct FieldEditTests {
    private let editing: EditBuilder

    init() throws {
        editing = EditorState(try Samples.document(named: "mnist-cnn"), name: "").editing
    }

    private func value(_ field: String, of layer: String, after edit: Edit?) throws -> FieldValue? {
        try editing.network.applying(try #require(edit))[layer]?.layer.value(of: field)
    }

    @Test("a value goes to all layers that have the field and take it, as one change")
    func several() throws {
        let all = editing.network.nodes.map(\.name)
        let edit = try editing.setting("weightBits", to: .integer(4), on: all)
        #expect(editing.network.title(of: edit) == "weightBits to 4 on 3 layers")
        #expect(try value("weightBits", of: "fc", after: edit) == .integer(4))
        let one = try editing.setting("weightBits", to: .integer(4), on: ["conv1", "pool"])
        #expect(editing.network.title(of: one) == "conv1 weightBits 8 to 4")
        #expect(throws: EditingError.noneHas("weightBits")) {
            try editing.setting("weightBits", to: .integer(4), on: ["pool"])
        }
        #expect(throws: EditingError.edit(.field("stride", .below("0", least: "1")))) {
            try editing.setting("stride", to: .integer(0), on: ["conv1"])
        }
        let same = try editing.setting("weightBits", to: .integer(8), on: ["conv1"])
        #expect(try editing.network.applying(same) == editing.network)
    }

    @Test(
        "a value is stepped as its field is thought of",
        arguments: [
            ("conv1", "stride", true, "3"), ("conv1", "stride", false, "1"),
            ("conv1", "kernelHeight", true, "5"),
            ("conv1", "outChannels", true, "64"), ("conv1", "outChannels", false, "16"),
            ("fc", "outChannels", true, "11"), ("conv1", "clip", true, "6.25"),
            ("conv1", "clip", false, "5.75"),
            ("conv1", "quantize", true, "false"), ("conv1", "weightBits", false, "6"),
            ("conv1", "outputBits", false, "4"), ("conv1", "activation", true, "ReLU"),
            ("conv1", "groups", true, "2"), ("pool", "kernelHeight", true, "3"),
            ("preprocess", "mean", true, "1.0"),
            ("fc", "outputBits", false, "8"),
        ])
    func steps(layer: String, field: String, isUp: Bool, expected: String) throws {
        let edit = try editing.stepping(field, isUp: isUp, on: [layer])
        #expect(try value(field, of: layer, after: edit)?.description == expected)
    }

    @Test(
        "every field of every operator steps to its ends, keeps its range and says so",
        arguments: Device.allCases)
    func ends(device: Device) throws {
        for sample in OperatorSample.all {
            let network = try sample.network()
            let editing = EditBuilder(Analysis(network, on: device.family), for: device)
            for field in sample.layer.kind.fields {
                for isUp in [true, false] {
                    var current = editing
                    var steps = 0
                    var refusal: EditingError?
                    while refusal == nil, steps < 60 {
                        let asked = Result { () throws(EditingError) in
                            try current.stepping(field.name, isUp: isUp, on: ["layer"])
                        }
                        switch asked {
                        case .success(let edit):
                            let next = try current.network.applying(edit)
                            #expect(next != current.network)
                            current = EditBuilder(Analysis(next, on: device.family), for: device)
                            steps += 1
                        case .failure(let error): refusal = error
                        }
                    }
                    switch refusal {
                    case .onlyTyped: #expect(steps == 0)
                    case .atEnd(let name, _): #expect(name == field.name)
                    case nil: break
                    default: Issue.record("\(sample), \(field.name): \(refusal.map { "\($0)" } ?? "")")
                    }
                }
            }
        }
    }

    @Test("several layers step together, from the first one's value")
    func stepsTogether() throws {
        let edit = try editing.stepping("weightBits", isUp: false, on: ["pool", "conv1", "fc"])
        #expect(editing.network.title(of: edit) == "weightBits to 6 on 2 layers")
        #expect(throws: EditingError.noneHas("clip")) {
            try editing.stepping("clip", isUp: true, on: ["pool"])
        }
    }

    @Test("a field goes back to its default")
    func reset() throws {
        let edit = try editing.resetting("stride", on: ["conv1", "conv2", "pool"])
        #expect(try value("stride", of: "conv1", after: edit) == .integer(1))
    }

    @Test("what is typed is read as the field is, or refused in its words")
    func typed() throws {
        #expect(
            try value("clip", of: "conv1", after: editing.typing("4", into: "clip", on: ["conv1"]))
                == .number(4))
        #expect(try editing.typing("6.0", into: "clip", on: ["conv1"]) == nil)
        let two = try editing.typing("4", into: "clip", on: ["conv1", "conv2", "pool"])
        #expect(two.map(editing.network.title) == "clip to 4.0 on 2 layers")
        #expect(try editing.typing("stem", into: "name", on: ["conv1"]) == .rename("conv1", to: "stem"))
        let shape = Edit.reshapeInput("image", to: .map(channels: 3, height: 8, width: 8))
        #expect(try editing.typing("3x8x8", into: "shape", on: ["image"]) == shape)
        #expect(try editing.typing("3,8,8", into: "shape", on: ["image"]) == shape)
        #expect(throws: EditingError.edit(.nameTaken("pool"))) {
            try editing.typing("pool", into: "name", on: ["conv1"])
        }
        #expect(throws: EditingError.self) { try editing.typing("often", into: "stride", on: ["conv1"]) }
        #expect(throws: EditingError.self) {
            try editing.typing("often", into: "stride", on: ["conv1", "conv2"])
        }
        #expect(throws: EditingError.self) { try editing.typing("1", into: "strides", on: ["conv1"]) }
        #expect(throws: EditingError.noSuchLayer("x")) { try editing.typing("1", into: "stride", on: ["x"]) }
    }

    @Test("all layers are quantized or none, with bits where they had none")
    func quantizing() throws {
        let off = try editing.network.applying(try editing.quantizing(false))
        #expect(off.nodes.allSatisfy { $0.layer.settings.quantization?.isEnabled != true })
        let plain = EditBuilder(Analysis(off, on: .npu), for: .t40)
        let on = try off.applying(try plain.quantizing(true))
        #expect(on == editing.network)
        let one = try editing.quantizing(false, layers: ["conv1"])
        #expect(editing.network.title(of: one) == "conv1 quantize off")
        #expect(throws: EditingError.noneHas("quantize")) { try editing.quantizing(true, layers: ["pool"]) }
    }

    @Test("all layers get bits, with the clips that are advised for them")
    func bits() throws {
        let four = try editing.network.applying(try editing.bits(4))
        #expect(four["conv1"]?.layer.value(of: "weightBits") == .integer(4))
        #expect(four["conv1"]?.layer.value(of: "clip") == .number(4))
        let one = try editing.network.applying(try editing.bits(4, layers: ["conv1"]))
        #expect(one["conv2"] == editing.network["conv2"] && one["conv1"] == four["conv1"])
        #expect(throws: EditingError.self) { try editing.bits(9) }
    }
}
