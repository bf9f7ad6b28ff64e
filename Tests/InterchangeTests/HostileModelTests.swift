import Foundation
import Graph
import QAT
import SwiftProtobuf
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

/// Models that are valid messages and mean harm: numbers at the limits, sizes that no memory holds.
@Suite("Models that mean harm", .limited)
struct HostileModelTests {
    private let limits = [Int.min, Int.min + 1, -1 << 32, 1 << 32, 1 << 62, Int.max]

    /// Everything that is wrong with a model, in words.
    private func reasons(_ model: ModelText) throws -> String {
        do {
            let read = try model.read()
            return read.report.faults.map(\.reason).joined(separator: "; ")
        } catch let error as ONNXError {
            return "\(error)"
        }
    }

    /// A model that reads 1x4x4x4, with one operator of so many whole-number inputs.
    private func model(
        _ type: String, _ inputs: [[Int]] = [], _ attributes: [ONNXAttribute] = [], kernel: [Int]? = nil
    ) -> ModelText {
        var model = ModelText()
        model.input("x", [1, 4, 4, 4])
        var names = ["x"]
        if let kernel {
            model.weight("w", [Float](repeating: 1, count: kernel.reduce(1, *)), kernel)
            names.append("w")
        }
        for (index, values) in inputs.enumerated() {
            model.integers("i\(index)", values)
            names.append("i\(index)")
        }
        model.add(type, names, "y", attributes)
        model.output("y")
        return model
    }

    @Test("shapes, places and steps at the limits of 64 bits are refused")
    func limitsOfNumbers() throws {
        for limit in limits {
            #expect(try reasons(model("Reshape", [[limit, 4, limit]])) != "")
            #expect(try reasons(model("Reshape", [[-1, limit, limit]])) != "")
            #expect(try reasons(model("Gather", [[limit]], [.integer("axis", 2)])) != "")
            #expect(try reasons(model("Tile", [[1, limit, 1, 1]])) != "")
            #expect(try reasons(model("Unsqueeze", [[limit]])) != "")
            #expect(try reasons(model("Split", [[limit, 4]], [.integer("axis", 1)])) != "")
            #expect(try reasons(model("Pad", [[0, 0, limit, limit, 0, 0, limit, limit]])) != "")
            for name in ["strides", "dilations", "output_padding"] {
                let attributes: [ONNXAttribute] = [.integers(name, [limit, limit])]
                #expect(try reasons(model("ConvTranspose", [], attributes, kernel: [4, 2, 3, 3])) != "")
            }
            let pads: [ONNXAttribute] = [.integers("pads", [limit, limit, limit, limit])]
            #expect(try reasons(model("Conv", [], pads, kernel: [8, 4, 3, 3])) != "")
            #expect(try reasons(model("ConvTranspose", [], pads, kernel: [4, 2, 3, 3])) != "")
            let pool: [ONNXAttribute] = [
                .integers("kernel_shape", [2, 2]), .integers("strides", [limit, limit]),
                .integer("ceil_mode", 1),
            ]
            _ = try reasons(model("MaxPool", [], pool))
        }
    }

    @Test("an axis that a Slice cuts twice is refused, and its steps may be any number")
    func sliceTwice() throws {
        let twice = model("Slice", [[1, 0], [4, 4], [1, 1], [2, 2]])
        #expect(try reasons(twice).contains("it cuts axis 1 twice"))
        for limit in limits {
            let step = model("Slice", [[limit < 0 ? 3 : 0], [limit < 0 ? Int.min : 4], [1], [limit]])
            #expect(try reasons(step) == "", "a step of \(limit) picks one channel")
        }
    }

    @Test("a batch whose elements cannot be counted is refused", arguments: [1 << 32, 1 << 62, Int.max])
    func batch(_ size: Int) throws {
        for type in ["Reshape", "Flatten", "Transpose", "ReduceMean"] {
            var model = ModelText()
            model.input("x", [size, 8, 4, 4])
            model.integers("shape", [1, 2, 4, 4, 4])
            model.add(type, type == "Reshape" ? ["x", "shape"] : ["x"], "y")
            model.output("y")
            #expect(try reasons(model).contains("larger than a network here may read"), "\(type)")
        }
    }

    @Test("axes of nothing do not hide others that cannot be counted")
    func nothing() throws {
        var model = model("Transpose")
        model.integers("none", [])
        model.model.graph.initializer[0].dims = [0, 1 << 40, 1 << 40]
        model.add("Transpose", ["none"], "turned")
        #expect(try reasons(model).contains("too large"))
    }

    @Test("groups at the limit are refused", arguments: [Int.max, Int.min, 1 << 62])
    func groups(_ count: Int) throws {
        let model = model("Conv", [], [.integer("group", count)], kernel: [8, 4, 3, 3])
        #expect(try reasons(model) != "")
    }

    @Test("a pool without a result is read")
    func noResult() throws {
        var pool = model("MaxPool", [], [.integers("kernel_shape", [2, 2]), .integers("strides", [2, 2])])
        pool.model.graph.node[0].output = []
        #expect(try reasons(pool) == "nothing in the file computes it")
    }

    @Test("numbers that a few bytes ask for are counted before they are made")
    func made() throws {
        var model = ModelText()
        model.input("x", [1, 4])
        model.integers("shape", [1 << 13, 1 << 14])
        model.add("ConstantOfShape", ["shape"], "ones")
        model.add("Add", ["ones", "ones"], "sum0")
        for index in 1..<40 { model.add("Add", ["sum\(index - 1)", "ones"], "sum\(index)") }
        model.add("MatMul", ["x", "sum39"], "y")
        model.output("y")
        #expect(try reasons(model).contains("more numbers"))
        var integers = ModelText()
        integers.input("x", [1, 4])
        integers.integers("shape", [1 << 29])
        var one = ONNXTensorProto()
        (one.dims, one.dataType, one.int64Data) = ([1], 7, [1])
        var value = ONNXAttribute()
        (value.name, value.t) = ("value", one)
        integers.add("ConstantOfShape", ["shape"], "ones", [value])
        integers.add("Reshape", ["x", "ones"], "y")
        integers.output("y")
        #expect(try reasons(integers).contains("more than"))
    }

    @Test("a shape of thousands of axes is not repeated in full")
    func manyAxes() throws {
        var many = model("Reshape", [[Int](repeating: -7, count: 5000)])
        #expect(try reasons(many).count < 1200)
        many.model.graph.initializer[0].dims = [Int64](repeating: 3, count: 5000)
        #expect(try reasons(many).count < 1200)
    }

    @Test("one channel for tens of thousands takes a number for each")
    func spread() throws {
        var model = ModelText()
        model.input("x", [1, 1, 2, 2])
        model.input("y", [1, 65536, 2, 2])
        model.add("Add", ["x", "y"], "z")
        model.output("z")
        let read = try model.read()
        #expect(read.report.faults.isEmpty && read.network.nodes.count < 5)
        #expect(read.weights.tensors.reduce(0) { $0 + $1.count } <= 65536)
    }

    @Test("codes, zero points and sums at the limits, or of nothing, give a number or are refused")
    func folding() throws {
        for zeros in [[], [Int.min], [Int.max, 1, 2, 3]] {
            var model = ModelText()
            model.input("x", [1, 4])
            model.integers("codes", [Int.max, Int.min, 0, 1])
            model.weight("step", [1], [1])
            model.integers("zeros", zeros)
            model.integers("shape", [4, 1])
            model.add("DequantizeLinear", ["codes", "step", "zeros"], "flat", [.integer("axis", 0)])
            model.add("Reshape", ["flat", "shape"], "w")
            model.add("MatMul", ["x", "w"], "y")
            model.output("y")
            if zeros.isEmpty { #expect(try reasons(model) != "") } else { _ = try reasons(model) }
        }
        var empty = ModelText()
        empty.input("x", [1, 4])
        empty.integers("none", [])
        empty.integers("one", [1])
        empty.add("Add", ["one", "none"], "shape")
        empty.add("Reshape", ["x", "shape"], "y")
        empty.output("y")
        #expect(try reasons(empty) != "")
    }

    @Test(
        "a weight that is no number is refused: the session could not be opened",
        arguments: [Float.nan, -.infinity])
    func notFinite(_ number: Float) throws {
        var model = ModelText()
        model.input("x", [1, 2])
        model.weight("w", [1, number], [2, 1])
        model.add("MatMul", ["x", "w"], "y")
        model.output("y")
        #expect(throws: ONNXError.self) { try model.read() }
    }
}

/// Exports of ours whose metadata was changed by hand.
extension HostileModelTests {
    private func export(_ change: (inout ONNXModel) -> Void) throws -> ONNXImport {
        let network = try SmallNetwork.images()
        let data = try ExportCase(network, on: .npu).model(keepsAll: false)
        var model = try ONNXModel(serializedBytes: data)
        change(&model)
        return try ONNXImport(bytes: Array(try model.serializedData()))
    }

    private func set(_ key: String, _ text: @escaping (String) -> String) -> (inout ONNXModel) -> Void {
        { model in
            for index in model.metadataProps.indices where model.metadataProps[index].key == key {
                model.metadataProps[index].value = text(model.metadataProps[index].value)
            }
        }
    }

    @Test("settings that ask for more weights than the file can hold are not followed")
    func tooManyWeights() throws {
        #expect(try export { _ in }.report.isOwn)
        let read = try export(
            set("magikbench.network") {
                $0.replacingOccurrences(of: "\"outChannels\":10", with: "\"outChannels\":65536")
                    .replacingOccurrences(of: "\"shape\":[-1,32]", with: "\"shape\":[-1,32]")
                    .replacingOccurrences(of: "\"outChannels\":8", with: "\"outChannels\":65536")
                    .replacingOccurrences(of: "\"outChannels\":4", with: "\"outChannels\":65536")
            })
        #expect(!read.report.isOwn)
    }

    @Test("a chip of the other arithmetic is not taken for the one of the weights")
    func otherChip() throws {
        #expect(try !export(set("magikbench.device") { _ in "Xs1" }).report.isOwn)
    }
}

/// What the stub of the vendor's kit never writes.
extension HostileModelTests {
    @Test("a layer that stands twice in the order is not followed")
    func order() throws {
        func node(_ id: Int, _ input: JSON) -> JSON {
            ["id": .string("\(id)"), "name": .string("m\(id)"), "op": "Maxpool2D", "inputs": [[input, 0]]]
        }
        let recording: JSON = [
            "about": ["inputs": ["x": [3, 8, 8]], "order": ["m1", "m0", "m1"]], "inputs": ["x"],
            "nodes": [node(0, "x"), node(1, "0")],
        ]
        let read = try MagikImport(recording, MagikImport.Request(path: "n.py"))
        #expect(read.network.nodes.map(\.name) == ["m0", "m1"])
    }

    @Test("a name of several lines is shown in one")
    func line() throws {
        let recording: JSON = [
            "inputs": ["x"],
            "nodes": [["id": "0", "name": "a\nb", "op": "None\nOf Ours", "inputs": [["x", 0]]]],
        ]
        var request = MagikImport.Request(path: "n.py")
        request.shape = .map(channels: 3, height: 8, width: 8)
        let error = #expect(throws: MagikError.self) { try MagikImport(recording, request) }
        #expect(error.map { !"\($0)".contains("\n") } ?? false)
    }
}
