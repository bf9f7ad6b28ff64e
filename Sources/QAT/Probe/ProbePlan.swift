import Graph

/// The layers of a network that a probe computes, why it leaves out the others, and how many samples it takes.
struct ProbePlan {
    let analysis: Analysis
    /// By position, why a layer is left out; whatever reads it is left out too.
    private(set) var reasons: [Int: ProbeReason] = [:]
    /// Samples.
    private(set) var samples: Int
    private let memoryLimit: Int

    /// The most layers that are computed.
    static let layerLimit = 1000
    /// The most operations, multiplications and what pools compare or add, of one sample.
    static let workLimit = 40_000_000_000
    /// The operations of a batch; more samples than these allow are not worth waiting for.
    static let batchWork = 6_000_000_000

    /// Leaves out what cannot be computed, and what is too large.
    init(_ analysis: Analysis, batch: Int, memoryLimit: Int) {
        self.analysis = analysis
        self.memoryLimit = memoryLimit
        samples = max(1, batch)
        for index in analysis.order.cyclic { reasons[index] = .cycle }
        for index in analysis.order.blocked { reasons[index] = .waits(on: "") }
        for index in analysis.order.blocked { reasons[index] = waiting(index) }
        for index in analysis.order.evaluation { reasons[index] = fault(index) ?? waiting(index) }
        // Whatever reads these layers comes behind them.
        for index in present.dropFirst(ProbePlan.layerLimit) {
            reasons[index] = .tooManyLayers(limit: ProbePlan.layerLimit)
        }
        while let clash = clash {
            leaveOut(clash.index, .nameTaken(tensor: clash.tensor))
        }
        fit()
    }

    /// The positions of the layers that are computed, in the order of evaluation.
    var present: [Int] { analysis.order.evaluation.filter { reasons[$0] == nil } }

    /// The positions of the others.
    var absent: Set<Int> { Set(reasons.keys) }

    /// The others, in the order of the network.
    var gaps: [ProbeGap] {
        reasons.keys.sorted().compactMap { index in
            reasons[index].map { ProbeGap(layer: analysis.network.nodes[index].name, reason: $0) }
        }
    }

    /// Leaves out a layer and whatever reads it; whether it was there.
    @discardableResult
    mutating func leaveOut(_ index: Int, _ reason: ProbeReason) -> Bool {
        guard reasons[index] == nil else { return false }
        reasons[index] = reason
        for later in analysis.order.evaluation where reasons[later] == nil { reasons[later] = waiting(later) }
        return true
    }

    /// Takes fewer samples.
    mutating func take(atMost count: Int) { samples = max(1, min(samples, count)) }

    /// Makes the probe smaller, because it took so many bytes: fewer samples, or without the largest layer. Whether it
    /// could.
    mutating func shrink(_ bytes: Int) -> Bool {
        if samples > 1 {
            samples /= 2
            return true
        }
        guard let largest = present.max(by: { cost($0).bytes < cost($1).bytes }) else {
            return false
        }
        return leaveOut(largest, .memory(bytes: bytes, limit: memoryLimit))
    }

    private func fault(_ index: Int) -> ProbeReason? {
        if case .preprocess(let settings) = analysis.network.nodes[index].layer,
            settings.variance == 0 || !settings.variance.isFinite
        {
            return .variance(settings.variance)
        }
        guard case .failure(let error) = analysis.shapes.outputs[index] else { return nil }
        if case .waits(let layer) = error { return .waits(on: layer) }
        return .shape(error)
    }

    /// The reason where a layer above is left out.
    private func waiting(_ index: Int) -> ProbeReason? {
        let missing = analysis.order.producers[index].compactMap { $0 }.first { reasons[$0] != nil }
        return missing.map { .waits(on: analysis.network.nodes[$0].name) }
    }

    /// The layer that has a tensor whose name another layer's has, the later of the two.
    private var clash: (index: Int, tensor: String)? {
        let layout = ParameterLayout(analysis, leavingOut: absent)
        guard let tensor = layout.clashes.first,
            let layer = layout.parameters.last(where: { $0.name == tensor })?.layer
        else { return nil }
        return analysis.network.index(of: layer).map { ($0, tensor) }
    }
}

// What a layer costs. Estimates: the plan of the memory is held to the limit once more, exactly.
extension ProbePlan {
    private struct Cost {
        /// Of the weights, in float and quantized, as files order them and as the library does.
        var weightBytes: Double
        /// Of a sample of the result, where it is kept to be compared with.
        var keptBytes: Double
        /// Of a sample while the layer runs.
        var workBytes: Double
        /// Multiplications, and what pools compare or add, of a sample.
        var operations: Double

        var bytes: Double { weightBytes + keptBytes + workBytes }
    }

    /// Leaves out the most expensive layers until one sample fits; then takes as many samples as fit.
    private mutating func fit() {
        let costs = Dictionary(uniqueKeysWithValues: present.map { ($0, cost($0)) })
        func sum(_ layers: [Int], _ part: (Cost) -> Double) -> Double {
            layers.reduce(0) { $0 + (costs[$1].map(part) ?? 0) }
        }
        while true {
            let layers = present
            let work = sum(layers, \.operations)
            let fixed = sum(layers, \.weightBytes)
            let each =
                sum(layers, \.keptBytes) + (layers.compactMap { costs[$0]?.workBytes }.max() ?? 0)
                + inputBytes
            let isLarge = fixed + each > Double(memoryLimit)
            guard isLarge || work > Double(ProbePlan.workLimit) else {
                take(atMost: Int(held: min(1e6, (Double(memoryLimit) - fixed) / max(1, each))))
                take(atMost: Int(held: min(1e6, Double(ProbePlan.batchWork) / max(1, work))))
                return
            }
            let size: (Cost) -> Double = isLarge ? { $0.bytes } : { $0.operations }
            guard let largest = layers.max(by: { sum([$0], size) < sum([$1], size) }) else { return }
            leaveOut(
                largest,
                isLarge
                    ? .memory(bytes: Int(held: min(1e18, fixed + each)), limit: memoryLimit)
                    : .work(operations: Int(held: min(1e18, work)), limit: ProbePlan.workLimit))
        }
    }

    /// Bytes of a sample of all inputs, here and in the program.
    private var inputBytes: Double {
        analysis.network.inputs.reduce(0) { $0 + 8 * Double($1.shape.elements) }
    }

    private func cost(_ index: Int) -> Cost {
        let shapes = analysis.shapes.known(index) ?? []
        let settings = analysis.network.nodes[index].layer.settings
        let parameters = settings.parameters(for: shapes, on: analysis.facts.family)
        let inputs = shapes.reduce(0.0) { $0 + Double($1.elements) }
        let outputs = analysis.shapes.outputs(of: index)
            .reduce(0.0) { $0 + Double($1.elements) }
        var window = 1.0
        // Sums, the result, what its quantizer reads, and the inputs once more.
        var floats = 3 * outputs + 2 * inputs
        let layer = analysis.network.nodes[index].layer
        if case .maxpool2D(let pool) = layer { window = Double(pool.window.height * pool.window.width) }
        if case .avgpool2D(let pool) = layer { window = Double(pool.window.height * pool.window.width) }
        if layer.kind == .convTranspose2D { floats += 12 * inputs }
        // Gates and states of every step.
        if layer.kind == .lstm { floats += 2 * inputs + 7 * outputs }
        return Cost(
            weightBytes: parameters.reduce(0) { $0 + 20 * Double($1.count) },
            keptBytes: FloatResults.compares(analysis.network.nodes[index]) ? 4 * outputs : 0,
            workBytes: 4 * floats,
            operations: Double(analysis.cost.nodes[index].multiplyAccumulates) + outputs * window)
    }
}
