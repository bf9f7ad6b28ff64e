import CKernels
import Foundation
import Graph
import Weights

/// The weights of a look: trained ones where they fit, initial ones elsewhere; kept until layers or weights change.
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
    /// By layer, a number that is another one where its tensors are others.
    let versions: [String: Int]
    private let version: Int

    var bytes: Int { 4 * (store.layout.parameterCount + store.layout.statisticCount) }

    /// Draws and takes over; layers whose tensors are those of the weights before keep their versions. The layout has no
    /// learned clips.
    init(
        _ analysis: Analysis, _ layout: ParameterLayout, seed: UInt64, trained: Safetensors?,
        after previous: ProbeWeights? = nil
    ) {
        self.seed = seed
        self.trained = trained
        let store = ParameterStore(analysis, layout)
        self.store = store
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
        version = (previous?.version ?? 0) + 1
        let changed = previous.map { ProbeWeights.changes(from: $0.store, to: store) }
        let (own, known) = (version, previous?.versions ?? [:])
        versions = Dictionary(
            layers.map { layer in
                (layer, changed?.contains(layer) == false ? known[layer] ?? own : own)
            }
        ) { first, _ in first }
    }

    /// The layers that have another tensor in the second store than in the first.
    private static func changes(from first: ParameterStore, to second: ParameterStore) -> Set<String> {
        func isEqual(_ entry: ParameterLayout.Entry, _ other: ParameterLayout.Entry?) -> Bool {
            guard let other, other.shape == entry.shape else { return false }
            let isStatistic = entry.role == .mean || entry.role == .variance
            let one = isStatistic ? first.running : first.values
            let two = isStatistic ? second.running : second.values
            return memcmp(one + other.offset, two + entry.offset, 4 * entry.count) == 0
        }
        var changed: Set<String> = []
        for entry in second.layout.parameters where !isEqual(entry, first.layout.parameter(entry.name)) {
            changed.insert(entry.layer)
        }
        for entry in second.layout.statistics where !isEqual(entry, first.layout.statistic(entry.name)) {
            changed.insert(entry.layer)
        }
        return changed
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
