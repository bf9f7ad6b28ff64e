import Foundation
import Graph

/// How near a quantized network's results are to those of its float network, layer by layer, on a few samples.
struct CalibrationComparison {
    /// By layer, signal to noise in dB; nil where nothing is lost or there is no signal.
    private(set) var layers: [String: Double] = [:]
    /// The same of the network's results, in real units, by layer.
    private(set) var results: [String: Double] = [:]

    /// The most samples that are compared.
    static let samples = 16

    /// Runs both and compares the layers that have the same name and shape.
    init(
        float: (analysis: Analysis, store: ParameterStore),
        quantized: (analysis: Analysis, store: ParameterStore), samples: CalibrationSamples,
        padsBothSides: Bool, memoryLimit: Int
    ) throws(CalibrationError) {
        var batch = min(CalibrationComparison.samples, samples.count)
        while true {
            do {
                let one = try CalibrationRun(
                    float.analysis, store: float.store, batch: batch, isQuantized: false,
                    padsBothSides: padsBothSides, arithmetic: .float, memoryLimit: memoryLimit)
                let other = try CalibrationRun(
                    quantized.analysis, store: quantized.store, batch: batch, isQuantized: true,
                    padsBothSides: padsBothSides, arithmetic: .best, memoryLimit: memoryLimit)
                try compare(one, other, quantized.analysis, samples)
                return
            } catch .engine(.memory(let bytes)) {
                guard batch > 1 else { throw .engine(.memory(bytes: bytes)) }
                batch /= 2
            } catch {
                throw error
            }
        }
    }

    /// Runs both side by side, so that each layer's results are compared while they are in memory.
    private mutating func compare(
        _ float: CalibrationRun, _ quantized: CalibrationRun, _ analysis: Analysis,
        _ samples: CalibrationSamples
    ) throws(CalibrationError) {
        for run in [float, quantized] { _ = run.take(samples, from: 0) }
        let floatLayers = Set(float.layers)
        var floatSteps = float.steps
        var steps = quantized.steps
        // Float results of layers that come earlier there than in the quantized network.
        var earlier: [String: [Float]] = [:]
        do {
            while let layer = try steps.next() {
                guard let index = analysis.network.index(of: layer), floatLayers.contains(layer),
                    FloatResults.compares(analysis.network.nodes[index]),
                    let (one, other) = both(layer, float.program, quantized.program)
                else { continue }
                while earlier[layer] == nil, let passed = try floatSteps.next(), passed != layer {
                    guard let tensor = float.program.results[passed]?.first else { continue }
                    earlier[passed] = Array(CalibrationComparison.values(of: tensor, in: float.program))
                }
                let isLast = analysis.facts.nodes[index].isLast
                let found = CalibrationComparison.values(of: other, in: quantized.program)
                if let kept = earlier.removeValue(forKey: layer) {
                    kept.withUnsafeBufferPointer { add(layer, $0, found, isLast: isLast) }
                } else {
                    let expected = CalibrationComparison.values(of: one, in: float.program)
                    add(layer, expected, found, isLast: isLast)
                }
            }
        } catch {
            throw .engine(error)
        }
    }

    /// The first result of a layer in both programs, where it has one shape.
    private func both(_ layer: String, _ float: Program, _ quantized: Program) -> (Tensor, Tensor)? {
        guard let one = float.results[layer]?.first, let other = quantized.results[layer]?.first,
            one.shape == other.shape
        else { return nil }
        return (one, other)
    }

    private static func values(of tensor: Tensor, in program: Program) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: tensor.values, count: program.options.batch * tensor.shape.elements)
    }

    private mutating func add(
        _ layer: String, _ float: UnsafeBufferPointer<Float>, _ quantized: UnsafeBufferPointer<Float>,
        isLast: Bool
    ) {
        var signal = 0.0
        var product = 0.0
        var square = 0.0
        var apart = 0.0
        for place in float.indices {
            let x = Double(float[place])
            let y = Double(quantized[place])
            signal += x * x
            product += x * y
            square += y * y
            apart += (x - y) * (x - y)
        }
        let noise = square > 0 && product > 0 ? signal - product * product / square : signal
        if let alike = decibels(signal: signal, noise: noise) { layers[layer] = alike }
        if isLast, let equal = decibels(signal: signal, noise: apart) { results[layer] = equal }
    }
}
