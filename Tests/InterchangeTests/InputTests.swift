import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Inputs and versions of ONNX models", .limited)
struct InputTests {
    private func open(_ dims: [Int] = [0, 3, 0, 0]) -> ModelText {
        var model = ModelText()
        model.input("image", dims)
        model.conv("image", "last", (3, 4), stride: 2)
        model.output("last")
        return model
    }

    private func options(_ sizes: [String: [Int]]) -> ONNXImport.Options {
        var options = ONNXImport.Options()
        options.sizes = sizes
        return options
    }

    private func message(_ model: ModelText, _ sizes: [String: [Int]] = [:]) throws -> String {
        let error = #expect(throws: ONNXError.self) { try model.read(options(sizes)) }
        return error.map { "\($0)" } ?? ""
    }

    @Test("open axes get the size that is given, by name or without", arguments: ["", "image"])
    func sizes(_ name: String) throws {
        let read = try open().read(options([name: [3, 16, 24]]))
        #expect(read.report.faults.isEmpty)
        #expect(read.network.inputs.map(\.shape) == [.map(channels: 3, height: 16, width: 24)])
        #expect(read.report.outputs.map(\.dims) == [[1, 4, 8, 12]])
    }

    @Test("without a size nothing is said but that it is missing, and what to type")
    func missing() throws {
        #expect(
            try message(open())
                == "input 'image' leaves axes open: open x 3 x open x open; give it a size: --input 3x320x320"
        )
        var two = open()
        two.input("other", [1, 0])
        #expect(try message(two).contains("--input image=3x320x320 --input other=320"))
    }

    @Test("a size that contradicts the file, or that no input has, is refused with both")
    func contradictions() throws {
        #expect(
            try message(open(), ["": [1, 16, 16]])
                == "1x16x16 contradicts input 'image', which the file fixes as 3x?x?")
        #expect(try message(open(), ["": [16, 16]]).contains("2 axes, but input 'image' has 3"))
        #expect(try message(open(), ["picture": [3, 8, 8]]).contains("no input 'picture'"))
        #expect(try message(open([1, 3, 8, 8]), ["": [3, 9, 8]]).contains("contradicts"))
        #expect(throws: Never.self) { try open([1, 3, 8, 8]).read(options(["": [3, 8, 8]])) }
    }

    @Test("an image with its channels last becomes one with channels first, with the same results")
    func channelsLast() throws {
        var first = ModelText.stem()
        first.output("stem")
        var last = ModelText()
        last.input("x", [1, 8, 8, 3])
        last.add("Transpose", ["x"], "turned", [.integers("perm", [0, 3, 1, 2])])
        last.conv("turned", "first", (3, 8))
        last.add("Relu", ["first"], "stem")
        last.output("stem")
        let (one, other) = (try first.read(), try last.read())
        #expect(other.report.faults.isEmpty && other.report.inputs.map(\.isChannelsLast) == [true])
        #expect(one.network == other.network)
        let numbers = (0..<192).map { Float($0 * 5 % 17) / 17 }
        let moved = (0..<192).map { numbers[$0 % 3 * 64 + $0 / 3] }
        let results = try one.report.results(
            of: one.network, weights: one.weights,
            on: Safetensors([.init("x", numbers, shape: [1, 3, 8, 8])]))
        let same = try other.report.results(
            of: other.network, weights: other.weights,
            on: Safetensors([.init("x", moved, shape: [1, 8, 8, 3])]))
        #expect(results == same)
    }

    @Test("names that stand for two tensors are refused", arguments: 0..<4)
    func repeated(_ kind: Int) throws {
        var model = open([1, 3, 8, 8])
        switch kind {
        case 0: model.add("Relu", ["image"], "last")
        case 1: model.weight("last.w", [1], [1])
        case 2: model.input("image", [1, 3, 8, 8])
        default: model.weight("last", [1], [1])
        }
        #expect(try message(model).contains("is there twice"))
    }

    @Test("versions that do not exist are refused", arguments: [-3, 0, 29, 1 << 40])
    func versions(_ version: Int) throws {
        var model = open([1, 3, 8, 8])
        model.model.opsetImport[0].version = Int64(version)
        #expect(try message(model).contains("version \(version)"))
        model = open([1, 3, 8, 8])
        model.model.irVersion = Int64(version > 0 ? version + 10 : version)
        #expect(try message(model).contains("its format has version"))
    }

    @Test("a weight with an axis of 0 is refused; a list of nothing is none")
    func empty() throws {
        var model = open([1, 3, 8, 8])
        model.weight("none", [], [0])
        #expect(throws: Never.self) { try model.read() }
        model.weight("empty", [], [4, 0, 3, 3])
        #expect(try message(model).contains("which holds no numbers"))
    }
}
