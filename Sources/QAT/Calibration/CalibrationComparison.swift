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
                    padsBothSides: padsBothSides, arithmetic: .float, memoryLimit: memoryLimit,
                    keepsValues: true)
                let other = try CalibrationRun(
                    quantized.analysis, store: quantized.store, batch: batch, isQuantized: true,
                    padsBothSides: padsBothSides, arithmetic: .best, memoryLimit: memoryLimit,
                    keepsValues: true)
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

    private mutating func compare(
        _ float: CalibrationRun, _ quantized: CalibrationRun, _ analysis: Analysis,
        _ samples: CalibrationSamples
    ) throws(CalibrationError) {
        for run in [float, quantized] {
            _ = run.take(samples, from: 0)
            do {
                try run.forward { _, _, _ in }
            } catch {
                throw .engine(error)
            }
        }
        for (index, node) in analysis.network.nodes.enumerated() where FloatResults.compares(node) {
            guard let one = float.program.results[node.name]?.first,
                let other = quantized.program.results[node.name]?.first, one.shape == other.shape
            else { continue }
            let count = float.program.options.batch * one.shape.elements
            var (signal, product, square, apart) = (0.0, 0.0, 0.0, 0.0)
            for place in 0..<count {
                let (x, y) = (Double(one.values[place]), Double(other.values[place]))
                signal += x * x
                product += x * y
                square += y * y
                apart += (x - y) * (x - y)
            }
            let noise = square > 0 && product > 0 ? signal - product * product / square : signal
            if signal > 0, noise > 0 { layers[node.name] = 10 * log10(signal / noise) }
            guard analysis.facts.nodes[index].isLast, signal > 0, apart > 0 else { continue }
            results[node.name] = 10 * log10(signal / apart)
        }
    }
}
