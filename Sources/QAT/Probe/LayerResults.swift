import Graph

/// What the layers of a network gave in some runs, kept with what decided it: of a network that differs in some layers,
/// only what these can reach is computed.
struct LayerResults {
    /// What decides a layer's results, beside those that it reads and the weights, with which all results are forgotten.
    struct Key: Hashable {
        var layer: Layer
        var facts: SignalAnalysis.Facts
        var inputs: [Source]
        /// The layers that read what an upsampling in front of it gives: a product that steps over zeros, which depends on
        /// them all, sums in another order.
        var readersInFront: [Layer]
        var logClip: Float?
        /// Whether its batch norm takes the statistics of the batch.
        var isEstimated: Bool
    }

    /// A layer.
    struct Entry {
        var key: Key
        /// By run, its outputs; nil where they are not kept.
        var outputs: [[KeptTensor]?]
        /// The running statistics after the last run, in the order of the layout.
        var statistics: [[Float]]
        var parts: [ProbedPart]

        var bytes: Int { outputs.reduce(0) { $0 + ($1 ?? []).reduce(0) { $0 + $1.byteCount } } }
        var isKept: Bool { outputs.allSatisfy { $0 != nil } }
    }

    /// Which layers of a network are computed, by position.
    struct Extent {
        /// Those whose results are not known.
        var reached: Set<Int>
        /// These, and those that they read where nothing is kept of them.
        var computed: Set<Int>
        /// Those whose results are put in.
        var given: Set<Int>
    }

    private(set) var entries: [String: Entry] = [:]

    /// The bytes of all outputs.
    private(set) var bytes = 0

    subscript(layer: String) -> Entry? { entries[layer] }

    /// What has to be computed of a network, of the layers that are present in their order of evaluation, with the key of
    /// each.
    func extent(of analysis: Analysis, _ present: [Int], _ keys: [Int: Key]) -> Extent {
        let nodes = analysis.network.nodes
        var reached: Set<Int> = []
        for index in present {
            let readsReached = analysis.order.producers[index].contains { $0.map(reached.contains) ?? false }
            if readsReached || entries[nodes[index].name]?.key != keys[index] { reached.insert(index) }
        }
        var computed = reached
        var given = Set<Int>()
        var waiting = Array(reached)
        while let index = waiting.popLast() {
            for producer in analysis.order.producers[index].compactMap({ $0 })
            where !computed.contains(producer) && !given.contains(producer) {
                if entries[nodes[producer].name]?.isKept == true {
                    given.insert(producer)
                } else {
                    computed.insert(producer)
                    waiting.append(producer)
                }
            }
        }
        return Extent(reached: reached, computed: computed, given: given)
    }

    /// Forgets all but some layers.
    mutating func keep(_ layers: Set<String>) {
        entries = entries.filter { layers.contains($0.key) }
        bytes = entries.values.reduce(0) { $0 + $1.bytes }
    }

    /// Keeps a layer.
    mutating func set(_ layer: String, _ entry: Entry) {
        bytes += entry.bytes - (entries[layer]?.bytes ?? 0)
        entries[layer] = entry
    }

    /// Whether a layer's results are worth keeping: an upsampling costs no more than its copy, and one whose zeros are
    /// stepped over has none.
    static func keeps(_ node: Node) -> Bool { node.kind != .unpool2D }
}

extension LayerResults {
    /// The keys of the layers that are present, by position.
    static func keys(
        _ analysis: Analysis, _ present: [Int], _ store: ParameterStore, estimated: Set<String>
    ) -> [Int: Key] {
        var keys: [Int: Key] = [:]
        let nodes = analysis.network.nodes
        for index in present {
            let node = nodes[index]
            let upsampled = analysis.order.producers[index].compactMap { $0 }
                .filter { nodes[$0].kind == .unpool2D }
            keys[index] = Key(
                layer: node.layer, facts: analysis.facts.nodes[index], inputs: node.inputs,
                readersInFront: upsampled.flatMap { analysis.order.readers[$0].map { nodes[$0].layer } },
                logClip: store.logClip(of: node.name),
                isEstimated: estimated.contains(node.name))
        }
        return keys
    }
}

extension ParameterStore {
    /// The logarithm of the clip that a layer has learned; nil where it learns none.
    fileprivate func logClip(of layer: String) -> Float? {
        layout.parameter("\(layer).logClip").flatMap { $0.layer == layer ? values[$0.offset] : nil }
    }
}

extension ParameterLayout {
    /// By layer, its running statistics.
    var statisticsByLayer: [String: [Entry]] { Dictionary(grouping: statistics, by: \.layer) }
}
