import CKernels
import Graph
import Weights

/// The weights of a probe: trained ones where they fit, initial ones elsewhere; kept until layers or weights change.
final class ProbeWeights {
    /// What was asked for.
    let seed: UInt64
    let trained: Safetensors?
    /// The numbers, without learned clips: these belong to quantizers, and the numbers outlive those.
    let store: ParameterStore
    /// Layers all of whose tensors are trained ones, and the others.
    let kept: [String]
    let drawn: [String]
    /// The layers whose trained running statistics hold.
    let normalized: Set<String>

    var bytes: Int { 4 * (store.layout.parameterCount + store.layout.statisticCount) }

    /// Draws and takes over. The layout has no learned clips.
    init(_ analysis: Analysis, _ layout: ParameterLayout, seed: UInt64, trained: Safetensors?) {
        self.seed = seed
        self.trained = trained
        store = ParameterStore(analysis, layout)
        store.initialize(seed: seed)
        var missing: Set<String> = []
        for entry in layout.parameters where !ProbeWeights.adopt(entry, trained, store.values) {
            missing.insert(entry.layer)
        }
        for entry in layout.statistics where !ProbeWeights.adopt(entry, trained, store.running) {
            missing.insert(entry.layer)
        }
        var layers: [String] = []
        for entry in layout.parameters where entry.layer != layers.last { layers.append(entry.layer) }
        kept = layers.filter { !missing.contains($0) }
        drawn = layers.filter(missing.contains)
        // Statistics of what other weights gave are none.
        normalized = Set(layout.statistics.map(\.layer)).subtracting(missing)
    }

    /// Whether these are the weights of such a request.
    func fit(_ layout: ParameterLayout, seed: UInt64, trained: Safetensors?) -> Bool {
        seed == self.seed && layout == store.layout && trained == self.trained
    }

    /// Takes over the trained tensor of an entry; whether there is one of its shape whose numbers are all finite.
    private static func adopt(
        _ entry: ParameterLayout.Entry, _ trained: Safetensors?, _ target: UnsafeMutablePointer<Float>
    ) -> Bool {
        guard let values = try? trained?.values(entry.name, shape: entry.shape, as: Float.self),
            ck_find_not_finite(values, Int64(values.count)) < 0
        else { return false }
        (target + entry.offset).update(from: values, count: values.count)
        return true
    }

    /// The numbers in a store for the quantized network. Learned clips are the trained ones only where the network is
    /// the one that they were learned in.
    func store(for analysis: Analysis, _ layout: ParameterLayout) -> ParameterStore {
        let quantized = ParameterStore(analysis, layout)
        quantized.adopt(store)
        let clips = layout.parameters.filter { $0.role == .logClip }
        if !clips.isEmpty, trained?.metadata[Checkpoint.digestKey] == analysis.network.digest {
            for entry in clips { _ = ProbeWeights.adopt(entry, trained, quantized.values) }
        }
        return quantized
    }
}
