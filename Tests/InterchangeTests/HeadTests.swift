import Foundation
import Graph
import QAT
import SwiftProtobuf
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Heads that the host computes", .limited)
struct HeadTests {
    private func host(_ read: ONNXImport) throws -> ONNXGraph {
        try ONNXModel(serializedBytes: try #require(read.host)).graph
    }

    @Test(
        "the network ends with the last layers, and the rest is a model of its own", arguments: HeadCase.all)
    func cut(_ test: HeadCase) throws {
        let read = try test.model.read()
        #expect(read.report.faults.isEmpty, "\(read.report.faults)")
        #expect(read.report.outputs.map(\.source.description).sorted() == test.ends.sorted())
        #expect(read.report.host.map(\.operator).sorted() == test.host)
        let analysis = Analysis(read.network, on: .npu)
        let last = read.network.nodes.indices.filter { analysis.facts.nodes[$0].isLast }
        #expect(last.map { read.network.nodes[$0].name }.sorted() == test.ends.sorted())
        let host = try host(read)
        #expect(host.input.map(\.name).sorted() == test.ends.sorted())
        #expect(host.output == test.model.model.graph.output)
        let given = Set(host.input.map(\.name) + host.initializer.map(\.name) + host.node.flatMap(\.output))
        #expect(host.node.flatMap(\.input).allSatisfy { $0.isEmpty || given.contains($0) })
        #expect(read.report.gone.isEmpty)
    }

    @Test("nothing is left to the host that a chip computes as such")
    func nothing() throws {
        var model = ModelText.stem()
        model.conv("stem", "more", (8, 8))
        model.add("Add", ["stem", "more"], "sum")
        model.add("Relu", ["sum"], "cut")
        model.add("GlobalAveragePool", ["cut"], "mean")
        model.add("Flatten", ["mean"], "flat")
        model.output("flat")
        let read = try model.read()
        #expect(read.host == nil && read.report.host.isEmpty && read.report.faults.isEmpty)
        #expect(read.report.outputs.map(\.dims) == [[1, 8]])
    }

    @Test("what is joined to a layer with made-up weights goes to the host with it")
    func decoding() throws {
        var model = ModelText.stem()
        model.conv("stem", "raw", (8, 3))
        model.integers("rows", [1, 3, 64])
        model.add("Reshape", ["raw", "rows"], "boxes")
        model.weight("places", (0..<64).map { Float($0) }, [1, 1, 64])
        model.weight("step", [8], [])
        model.add("Add", ["boxes", "places"], "shifted")
        model.add("Mul", ["shifted", "step"], "decoded")
        model.output("decoded")
        let read = try model.read()
        #expect(read.report.host.map(\.operator) == ["Reshape", "Add", "Mul"])
        #expect(read.report.outputs.map(\.source.description) == ["raw_node"])
    }

    @Test("channels that are moved to space at the end are moved by the host")
    func space() throws {
        var model = ModelText.stem()
        model.conv("stem", "wide", (8, 27))
        model.add("DepthToSpace", ["wide"], "picture", [.integer("blocksize", 3), .text("mode", "CRD")])
        model.output("picture")
        let read = try model.read()
        #expect(read.report.host.map(\.operator) == ["DepthToSpace"] && read.report.faults.isEmpty)
        #expect(read.report.outputs.map(\.source.description) == ["wide_node"])
    }

    @Test(
        "a transposed convolution becomes a Pixel_Shuffle where the chip has it and whole blocks can be given",
        arguments: [true, false])
    func upsampling(hasPixelShuffle: Bool) throws {
        var model = ModelText.stem()
        for (input, output, channels) in [("stem", "up", 8), ("up", "last", 1)] {
            let dims = [8, channels, 2, 2]
            model.weight("\(output).w", (0..<dims.reduce(1, *)).map { Float($0 % 5) - 2 }, dims)
            model.add(
                "ConvTranspose", [input, "\(output).w"], output,
                [.integers("kernel_shape", [2, 2]), .integers("strides", [2, 2])])
        }
        model.output("last")
        var options = ONNXImport.Options()
        options.hasPixelShuffle = hasPixelShuffle
        let read = try model.read(options)
        let kinds = read.network.nodes.map(\.kind)
        #expect(kinds.filter { $0 == .pixelShuffle }.count == (hasPixelShuffle ? 1 : 0))
        // The last one has a channel that no fix can widen, so it convolves between zeros.
        #expect(kinds.filter { $0 == .unpool2D }.count == (hasPixelShuffle ? 1 : 2))
        #expect(kinds.last == .conv2D && read.report.outputs.map(\.dims) == [[1, 1, 32, 32]])
    }

    @Test("a layer that only pads stays unsigned behind a ReLU", arguments: [true, false])
    func padding(isUnsigned: Bool) throws {
        var model = ModelText.stem()
        model.conv("stem", "signed", (8, 8))
        model.add(
            "MaxPool", [isUnsigned ? "stem" : "signed"], "pool",
            [
                .integers("kernel_shape", [2, 2]), .integers("strides", [2, 2]),
                .integers("pads", [1, 1, 1, 1]),
            ])
        model.conv("pool", "last", (8, 4))
        model.output("last")
        var options = ONNXImport.Options()
        options.approximates = true
        let read = try model.read(options)
        let pad = try #require(read.network.nodes.first { $0.name.hasSuffix("_pad") })
        #expect(pad.layer.settings.activation == (isUnsigned ? .relu : .linear))
    }

    @Test("a model that no layer begins is refused, not left to the host as a whole")
    func noLayer() throws {
        var model = ModelText()
        model.input("x", [1, 4, 8, 8])
        model.add("Tanh", ["x"], "y")
        model.output("y")
        let read = try model.read()
        #expect(read.report.faults.map(\.operator) == ["Tanh"] && read.host == nil)
    }

    @Test("an operator that a layer with weights follows is refused, and what follows is still judged")
    func inside() throws {
        var model = ModelText.stem()
        model.add("Sigmoid", ["stem"], "gate")
        model.conv("gate", "middle", (8, 4), stride: 2)
        model.add("LRN", ["middle"], "lrn", [.integer("size", 5)])
        model.conv("lrn", "last", (4, 4))
        model.add("Transpose", ["last"], "turned", [.integers("perm", [0, 2, 3, 1])])
        model.output("turned")
        let read = try model.read()
        #expect(read.report.faults.map(\.operator) == ["Sigmoid", "LRN"])
        #expect(read.report.host.map(\.operator) == ["Transpose"])
        #expect(read.network.nodes.map(\.name) == ["preprocess", "first_node", "middle_node", "last_node"])
        #expect(read.host == nil)
    }

    @Test(
        "shapes behind refused operators are followed, so that no reason is one that only follows from another"
    )
    func followed() throws {
        var model = ModelText.stem()
        model.add("Einsum", ["stem"], "odd")
        model.conv("odd", "blind", (8, 8))
        model.add("Pad", ["stem", "pads"], "padded", [.text("mode", "reflect")])
        model.integers("pads", [0, 0, 1, 1, 0, 0, 1, 1])
        model.conv("padded", "wide", (8, 8), stride: 2)
        model.add("Add", ["wide", "wide"], "sum")
        model.add("GlobalAveragePool", ["sum"], "mean")
        model.conv("mean", "end", (8, 8), kernel: 1)
        model.output("end")
        model.output("blind")
        let faults = try model.read().report.faults
        #expect(faults.map(\.operator) == ["Einsum", "Pad"], "\(faults)")
    }

    @Test("names of the file cut elsewhere; what cannot be computed then is named")
    func outputs() throws {
        var model = ModelText.stem()
        model.conv("stem", "a", (8, 8))
        model.conv("stem", "b", (8, 8))
        model.add("Sigmoid", ["a"], "first_result")
        model.add("Add", ["a", "b"], "both")
        model.output("first_result")
        model.output("both")
        var options = ONNXImport.Options()
        options.outputs = ["a"]
        let read = try model.read(options)
        #expect(read.network.nodes.map(\.name) == ["preprocess", "first_node", "a_node"])
        #expect(read.report.host.map(\.operator) == ["Sigmoid"])
        #expect(read.report.gone.map(\.operator) == ["Conv", "Add"])
        #expect(read.report.lostOutputs == ["both"])
        #expect(try host(read).output.map(\.name) == ["first_result"])
        options.outputs = ["stem", "a"]
        #expect(
            try model.read(options).report.outputs.map(\.source.description) == [
                "first_node_result", "a_node",
            ])
        options.outputs = ["c"]
        #expect(throws: ONNXError.self) { try model.read(options) }
    }

    @Test("an export with its head has the results of the model, whatever the versions of the operators")
    func joined() throws {
        for opset in [9, 11, 13, 18] {
            var model = ModelText.stem(opset: opset)
            model.add("Softmax", ["stem"], "share", [.integer("axis", 1)])
            model.output("share")
            let read = try model.read()
            let host = try #require(read.host)
            let exported = try export(read, host: host)
            #expect(exported.model.opsetImport.first?.version == (opset > 13 ? 21 : 13))
            let kinds = exported.model.graph.node.map(\.opType)
            #expect(kinds.contains("Flatten") == (opset < 13) && kinds.contains("Softmax"))
            #expect(exported.model.graph.output.map(\.name) == ["share"])
            #expect(exported.model.graph.input.map(\.name) == ["x"])
        }
    }

    @Test("a head that reads what the network no longer gives is refused")
    func foreign() throws {
        var model = ModelText.stem()
        model.add("Sigmoid", ["stem"], "share")
        model.output("share")
        let read = try model.read()
        var other = ModelText.stem()
        other.add("Sigmoid", ["stem"], "share")
        other.output("share")
        for place in other.model.graph.node.indices { other.model.graph.node[place].name += "2" }
        let host = try #require(try other.read().host)
        #expect(throws: ONNXError.self) { try export(read, host: host) }
    }

    private func export(_ read: ONNXImport, host: [UInt8]) throws -> ONNXExport {
        let store = ParameterStore(Analysis(read.network, on: .npu))
        try Checkpoint.load(read.weights, into: store)
        var options = ONNXExport.Options()
        (options.isQuantized, options.opset) = (false, try ONNXExport.opset(for: host))
        return try ONNXExport(
            Analysis(read.network, on: .npu), store: store, options: options, version: ""
        ).joined(with: host)
    }
}

/// Network and head together beside the whole model in onnxruntime.
@Suite(
    .limited,
    .enabled(
        if: Python.has("onnx", "onnxruntime", "numpy"),
        Comment(rawValue: Python.absence(of: "onnx", "onnxruntime", "numpy"))))
struct HeadPythonTests {
    @Test(
        "the network's results, through the head's model or the joined one, are the model's",
        arguments: HeadCase.all)
    func agreement(_ test: HeadCase) throws {
        let read = try test.model.read()
        let host = try #require(read.host)
        let results = try read.report.results(of: read.network, weights: read.weights, on: test.tensors)
        let store = ParameterStore(Analysis(read.network, on: .npu))
        try Checkpoint.load(read.weights, into: store)
        try withTemporaryFolder { folder in
            var files: [(name: String, bytes: Data)] = [
                ("model.onnx", Data(try test.model.bytes)), ("host.onnx", Data(host)),
                ("in.safetensors", Data(test.tensors.encoded())),
                ("out.safetensors", Data(results.encoded())),
            ]
            for opset in ONNXExport.opsets {
                var options = ONNXExport.Options()
                (options.isQuantized, options.opset) = (false, opset)
                let export = try ONNXExport(
                    Analysis(read.network, on: .npu), store: store, options: options, version: ""
                ).joined(with: host)
                files.append(("joined\(opset).onnx", try export.encoded()))
            }
            for file in files { try file.bytes.write(to: URL(filePath: "\(folder)/\(file.name)")) }
            let script = Fixtures.root.appending(path: "Tests/Fixtures/head_check.py")
            let text = try Python.run(
                [script.path(percentEncoded: false)] + files.map { "\(folder)/\($0.name)" })
            let worst = text.split(separator: "\n").compactMap { Double($0) }
            #expect(worst.count == 3 && worst.allSatisfy { $0 < 1e-5 }, "\(text)")
        }
    }
}
