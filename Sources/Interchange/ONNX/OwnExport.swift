import Devices
import Foundation
import Graph
import QAT

/// An export of ours that is read again: its settings lie in the metadata, its weights under the names of parameters.
///
/// Only an unchanged one is read so: it is exported once more and must have the same operators.
struct OwnExport {
    let network: Network
    let store: ParameterStore
    let device: String
    let analysis: Analysis

    /// Numbers beside those of the file: tensors begin at multiples of some.
    private static let roomLimit = 1 << 20

    /// Nil where the file is no export of ours, or has been changed.
    init?(_ file: ONNXFile) throws(ONNXError) {
        guard file.model.producerName == ONNXExport.producer else { return nil }
        var texts: [String: String] = [:]
        for entry in file.model.metadataProps { texts[entry.key] = entry.value }
        guard let text = texts[ONNXExport.Key.network],
            let family = texts[ONNXExport.Key.family].flatMap(ArithmeticFamily.init(rawValue:)),
            let opset = file.model.opsetImport.first.map({ Int($0.version) })
        else { return nil }
        do {
            var reader = try ObjectReader(try JSON(text: text), at: "")
            network = try Network(reading: &reader)
        } catch {
            throw .network("its metadata holds a network that cannot be read: \(error)")
        }
        device = texts[ONNXExport.Key.device] ?? ""
        // Weights for one kind of arithmetic are none for a chip of the other.
        guard Device(name: device).map({ $0.family == family }) ?? device.isEmpty else { return nil }
        analysis = Analysis(network, on: family)
        let layout = ParameterLayout(analysis)
        // The network is a text, which may ask for more weights than the file can hold, two a byte.
        guard layout.parameterCount + layout.statisticCount <= OwnExport.roomLimit + 4 * file.size else {
            return nil
        }
        store = ParameterStore(analysis)
        var options = ONNXExport.Options()
        options.isQuantized = texts[ONNXExport.Key.isQuantized] == "true"
        options.padsBothSides = texts[ONNXExport.Key.padsBothSides] == "true"
        options.opset = opset
        options.device = device
        guard fill(from: file, isQuantized: options.isQuantized) else { return nil }
        for keepsAll in [false, true] {
            options.keepsAll = keepsAll
            let again = try ONNXExport(analysis, store: store, options: options, version: "").model.graph
            if OwnExport.isSame(again, file.model.graph) { return }
        }
        return nil
    }

    /// Whether two graphs have the same operators, and weights of the same axes and types.
    private static func isSame(_ first: ONNXGraph, _ second: ONNXGraph) -> Bool {
        first.node == second.node && first.input == second.input && first.output == second.output
            && first.initializer.count == second.initializer.count
            && zip(first.initializer, second.initializer).allSatisfy {
                $0.name == $1.name && $0.dims == $1.dims && $0.dataType == $1.dataType
            }
    }

    /// Takes the parameters over; false where one is missing.
    private func fill(from file: ONNXFile, isQuantized: Bool) -> Bool {
        for entry in store.layout.parameters + store.layout.statistics {
            guard let values = values(of: entry, in: file, isQuantized: isQuantized),
                values.count == entry.count, values.allSatisfy(\.isFinite)
            else { return false }
            do {
                try store.set(entry.name, to: values)
            } catch {
                return false
            }
        }
        return true
    }

    private func values(
        of entry: ParameterLayout.Entry, in file: ONNXFile, isQuantized: Bool
    ) -> [Float]? {
        if let tensor = file.initializers[entry.name] {
            guard let steps = file.initializers["\(entry.name).scale"]?.floats, !steps.isEmpty else {
                return tensor.floats
            }
            let offsets = file.initializers["\(entry.name).offset"]?.floats
            let row = max(1, tensor.count / steps.count)
            return tensor.integers.enumerated().map { place, code in
                let channel = min(place / row, steps.count - 1)
                return Float(code) * steps[channel] - (offsets.map { $0[min(channel, $0.count - 1)] } ?? 0)
            }
        }
        if entry.role == .logClip { return [logClip(of: entry.layer, in: file, isQuantized: isQuantized)] }
        // Batch norm over a sequence is written as a factor and an addend.
        let prefix = entry.name.split(separator: ".").dropLast().joined(separator: ".") + "."
        switch entry.role {
        case .parameter(.scale): return file.initializers[prefix + "normScale"]?.floats
        case .parameter(.shift): return file.initializers[prefix + "normShift"]?.floats
        case .mean: return [Float](repeating: 0, count: entry.count)
        case .variance: return [Float](repeating: 1 - BatchNorm.epsilon, count: entry.count)
        case .parameter, .logClip: return nil
        }
    }

    /// A learned clip is the step of the layer's quantizer times its steps; in float the one that was set.
    private func logClip(of layer: String, in file: ONNXFile, isQuantized: Bool) -> Float {
        let set = store["\(layer).logClip"]?.first ?? 0
        guard isQuantized, let index = analysis.network.index(of: layer) else { return set }
        let signal = analysis.facts.nodes[index].output
        // A transposed convolution of the SIMD family quantizes twice with the same clip, unsigned first.
        let isInner = analysis.network.nodes[index].kind == .convTranspose2D && analysis.facts.family == .simd
        guard !signal.isFloat, let step = file.initializers["\(layer).scale"]?.floats.first else {
            return set
        }
        let grid = QuantizationGrid(
            bits: signal.bits, isSigned: signal.isSigned && !isInner, on: analysis.facts.family)
        return log(step * Float(grid.levels) / Float(grid.stride))
    }
}

extension ONNXReport {
    /// Remarks on an export of ours.
    init(_ own: OwnExport, _ file: ONNXFile) {
        self.init()
        let model = file.model
        producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
        opset = Int(model.opsetImport.first?.version ?? 0)
        nodes = model.graph.node.count
        isOwn = true
        device = own.device
        inputs = own.network.inputs.map {
            Input(name: $0.name, input: $0.name, dims: [1] + $0.shape.dimensions)
        }
        outputs = model.graph.output.compactMap { output in
            guard let source = Source(text: output.name), let index = own.network.index(of: source.name),
                case .success(let shapes) = own.analysis.shapes.outputs[index],
                shapes.indices.contains(source.output)
            else { return nil }
            return Output(
                name: output.name, source: source, dims: [1] + shapes[source.output].dimensions)
        }
    }
}
