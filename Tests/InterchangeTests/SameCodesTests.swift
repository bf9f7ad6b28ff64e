import Devices
import Editing
import Foundation
import Graph
import Interchange
import Probing
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

/// What the forms in which a person gets a layer's codes say of one sample: `dump`, `inspect --dump`, the export as ONNX, and
/// the interpreter that is the truth of all of them.
@Suite("The same codes", .limited)
struct SameCodesTests {
    /// 8 and 4 bits on both families, signed and not.
    static let cases = PairCase.all.filter {
        [4, 8].contains($0.widths.features) && $0.widths.weights == $0.widths.features
    }

    @Test("every operator has the same codes in a dump, a look and the interpreter", arguments: cases)
    func looks(_ test: PairCase) throws {
        for reads in ["image", "tokens"] {
            try CodesCase.with(test, reading: reads) { codes in
                let interpreted = codes.interpreted()
                let looked = try codes.looked()
                try codes.expectEqual(interpreted, as: "the interpreter", least: codes.dump.layers.count)
                // A look writes what has a quantizer or is a product; parts inside a layer are not in a dump.
                try codes.expectEqual(looked, as: "a look", least: codes.dump.layers.count / 2)
            }
        }
    }

    @Test(
        "every operator has the same codes in a dump and in onnxruntime, but where rounding explains it",
        .enabled(
            if: Python.has("onnx", "onnxruntime", "numpy"),
            Comment(rawValue: Python.absence(of: "onnx", "onnxruntime", "numpy"))), arguments: cases)
    func exported(_ test: PairCase) throws {
        for reads in ["image", "tokens"] {
            try CodesCase.with(test, reading: reads) { codes in
                let counts = try codes.countInRuntime()
                #expect(counts.unexplained == 0 && counts.codes > 0 && counts.floats < 1e-4, "\(counts)")
            }
        }
    }
}

/// A session whose network has every operator that reads one of the trunk's inputs, and a dump of one sample.
struct CodesCase {
    /// What the script counted.
    struct Counts: Decodable {
        var codes, unexplained: Int
        var floats: Double
        var floatLayer: String
    }

    let dump: FeatureDump
    private let analysis: Analysis
    private let device: Device
    private let store: ParameterStore
    private let reference: ReferenceNetwork
    /// The sample as a loader gives it.
    private let input: [Float]
    private let data: String
    private let folder: String

    /// Runs a test with the case; its folder is gone afterwards.
    static func with(_ test: PairCase, reading input: String, _ body: (CodesCase) throws -> Void) throws {
        try withTemporaryFolder { try body(try CodesCase(test, reading: input, in: $0)) }
    }

    private init(_ test: PairCase, reading input: String, in folder: String) throws {
        device = test.device
        self.folder = folder
        let network = try CodesCase.network(test, reading: input)
        analysis = Analysis(network, on: device.family)
        var reference = ReferenceNetwork(analysis, quantized: true, padsBothSides: device.padsBothSides)
        reference.randomizeParameters(seed: 5)
        self.reference = reference
        store = ParameterStore(analysis)
        for (name, values) in reference.parameters { try store.set(name, to: values.map(Float.init)) }
        for (name, values) in reference.statistics { try store.set(name, to: values.map(Float.init)) }
        let file = folder + "/data.npz"
        let axes = network.inputs[0].shape.dimensions
        // Pictures are divided by 255; indices of tables have 16 values and stay as they are.
        let isImage = input == "image"
        func values(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 * 37 % (isImage ? 256 : 16)) } }
        self.input = Program.channelsLast(
            values(axes.reduce(1, *)).map { Float($0) / (isImage ? 255 : 1) }, network.inputs[0].shape,
            batch: 1)
        let bytes = npzFile(train: 4, test: 1) { count in
            npyFile("|u1", [count] + axes, values(count * axes.reduce(1, *)))
        } y: { count in
            npyFile("|u1", [count], [UInt8](repeating: 1, count: count))
        }
        try Data(bytes).write(to: URL(filePath: file))
        data = "npz:" + file
        let session = try Session.create(folder + "/s", Document(network: network, device: device))
        try session.save(weights: Checkpoint.weights(store, digest: network.digest))
        dump = try session.dump(data: data, index: 0, seed: 1)
    }

    /// Every operator that the chip takes behind the trunk's convolution, or behind its indices.
    private static func network(_ test: PairCase, reading input: String) throws -> Network {
        var trunk = try OperatorTrunk(on: test.device, test.widths, isSigned: test.isSigned)
        var branches: Set<String> = []
        for variant in OperatorVariant.all
        where variant.kind != .preprocess && (variant.kind == .embedding) == (input == "tokens") {
            guard let result = try trunk.grow(variant, on: ["stem"], owner: variant.name) else { continue }
            for output in 0..<trunk.outputs(of: result) {
                try trunk.end(result, output: output, owner: variant.name)
            }
            branches.insert(variant.name)
        }
        let report = Checker.report(
            on: Analysis(try trunk.network(), on: test.device.family), for: test.device)
        let refused = report.findings.filter { $0.severity == .error }.compactMap(\.layer).map(trunk.owner)
        let kept = trunk.keptBranches(without: Set(refused)).intersection(branches)
        #expect(kept.count >= (input == "tokens" ? 1 : 20), "\(test): \(kept.sorted())")
        let network = try trunk.network(keeping: kept)
        guard network["indices"] != nil else { return network }
        return try network.applying(.set(layer: "indices", field: "variance", to: .number(1)))
    }

    /// A layer's result in a dump as the training arithmetic has it: what the codes stand for, over the clip.
    private func values(of layer: LayerCodes) -> [Float] {
        if analysis.network[layer.layer]?.kind == .preprocess { return input }
        if let values = layer.values { return values }
        let isSigned = analysis.facts.nodes[analysis.network.index(of: layer.layer) ?? 0].output.isSigned
        let count = Float(1 << layer.bits)
        return (layer.codes ?? []).map { code in
            if !isSigned { return Float(code) / (count - 1) }
            return layer.isSigned ? 2 * Float(code) / count : (2 * Float(code) - (count - 1)) / (count - 1)
        }
    }

    private func name(of layer: LayerCodes) -> String {
        Source(layer.layer, output: layer.output).description
    }

    /// What the interpreter computes of the sample, by layer, channels last.
    func interpreted() -> [String: [Float]] {
        var reference = reference
        let shape = analysis.network.inputs[0].shape
        let sample = input.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { Program.channelsFirst($0, shape, batch: 1) } ?? []
        }
        _ = reference.forward([sample.map(Double.init)], batch: 1, training: false)
        var found: [String: [Float]] = [:]
        for layer in dump.layers {
            let values = reference.values(of: layer.layer, output: layer.output).map(Float.init)
            found[name(of: layer)] = Program.channelsLast(values, layer.shape, batch: 1)
        }
        return found
    }

    /// What a look writes of the layers with quantizers, as `inspect --dump` does.
    func looked() throws -> [String: [Float]] {
        var request = ProbeRequest(analysis.network, on: device.family)
        (request.batch, request.data, request.padsBothSides) = (1, data, device.padsBothSides)
        request.weights = Checkpoint.weights(store, digest: analysis.network.digest)
        let probe = Probe()
        var found: [String: [Float]] = [:]
        let ending = ".feature.quantized"
        probe.tap = { name, values, shape in
            guard name.hasSuffix(ending) else { return }
            found[String(name.dropLast(ending.count))] = Array(
                UnsafeBufferPointer(start: values, count: shape.reduce(1, *)))
        }
        let report = try #require(probe.report(request))
        #expect(report.failure == nil && report.gaps.isEmpty && report.dataFailure == nil, "\(report.gaps)")
        return found
    }

    /// Expects what others have of at least so many layers: the same codes wherever a layer reads the same ones. One in fifty
    /// may differ by a step, where the order of a sum decides.
    func expectEqual(_ others: [String: [Float]], as what: String, least: Int) throws {
        var (compared, parted) = (0, Set<String>())
        for layer in dump.layers {
            let node = try #require(analysis.network[layer.layer])
            let readsParted = node.inputs.contains { parted.contains($0.name) }
            if readsParted { parted.insert(layer.layer) }
            guard let other = others[name(of: layer)] else { continue }
            let own = values(of: layer)
            try #require(own.count == other.count, "\(what): \(layer.layer)")
            compared += 1
            if readsParted { continue }
            // The coarsest grid with so many codes; floats have none.
            let largest = own.map(abs).max() ?? 0
            let step = layer.codes == nil ? 1e-3 * max(1, largest) : 2 / Float(1 << layer.bits)
            let apart = zip(own, other).map { abs($0 - $1) }
            let differing = apart.count { $0 > step / 8 }
            if differing > 0 { parted.insert(layer.layer) }
            #expect(differing * 50 <= own.count, "\(what): \(differing) of \(own.count) of \(layer.layer)")
            #expect(apart.allSatisfy { $0 < step * 1.1 }, "\(what): \(layer.layer)")
        }
        #expect(compared >= least, "\(what)")
        #expect(parted.count * 4 <= compared, "\(what): \(parted.sorted())")
    }

    /// Compares the dump with the export's operators in onnxruntime.
    func countInRuntime() throws -> Counts {
        var options = ONNXExport.Options()
        (options.isQuantized, options.keepsAll) = (true, true)
        (options.padsBothSides, options.device) = (device.padsBothSides, device.rawValue)
        let (model, values) = (folder + "/model.onnx", folder + "/values.safetensors")
        try ONNXExport(analysis, store: store, options: options, version: "test").encoded()
            .write(to: URL(filePath: model))
        var tensors: [Safetensors.Tensor] = []
        var steps: [String: String] = [:]
        let port = analysis.network.inputs[0]
        for (name, shape, numbers) in [(port.name, port.shape, input)]
            + dump.layers.map({ (name(of: $0), $0.shape, self.values(of: $0)) })
        {
            let first = numbers.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { Program.channelsFirst($0, shape, batch: 1) } ?? []
            }
            tensors.append(.init(name, first, shape: [1] + shape.dimensions))
        }
        for index in analysis.network.nodes.indices {
            for layer in dump.layers where layer.layer == analysis.network.nodes[index].name {
                steps[name(of: layer)] = "\(ExportCase.step(index, in: analysis))"
            }
        }
        try Data(Safetensors(tensors, metadata: steps).encoded()).write(to: URL(filePath: values))
        let script = Fixtures.root.appending(path: "Tests/Fixtures/onnx_check.py")
        let text = try Python.run([script.path(percentEncoded: false), model, values])
        return try JSONDecoder().decode(Counts.self, from: Data(text.utf8))
    }
}
