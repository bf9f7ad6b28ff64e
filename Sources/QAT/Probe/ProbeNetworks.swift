import Graph

// The two networks of a probe.
extension Probe {
    /// A run of the quantized network.
    enum Run: Hashable {
        /// To be compared with the float network, on the statistics of the batch, as that one ran; beside a float model, on
        /// the trained ones.
        case comparison
        /// To find the statistics that are new behind trained ones, where the batch looks otherwise.
        case estimation
        /// To be looked at, on running statistics.
        case evaluation
    }

    /// The float and the quantized network of a request, with their weights.
    struct Networks {
        var side: FloatSide
        var weights: ProbeWeights
        var float: FloatResults
        var run: ProbeRun
        var store: ParameterStore
        /// The layers whose trained running statistics hold, and those that take the batch's.
        var normalized: Set<String>
        var estimated: Set<String>
        /// The runs of the quantized network, one after the other.
        var runs: [Run]
        /// What is computed of the quantized network, and what decides its results.
        var extent: LayerResults.Extent
        var keys: [Int: LayerResults.Key]

        /// The pass of a layer in a run. Layers without trained statistics keep those of the batch, each in front of the
        /// ones behind it; where they are not estimated any more, they hold.
        func pass(_ run: Run, of layer: String, estimates: Bool = true) -> Pass {
            if run != .evaluation, estimates, estimated.contains(layer) { return .estimation }
            return run == .comparison && !float.key.isModel ? .frozenTraining : .evaluation
        }
    }

    /// Makes the networks of a request ready; of the quantized one, what does not follow from kept results.
    func networks(
        _ request: ProbeRequest, _ plan: ProbePlan, _ feed: ProbeBatch
    ) throws(EngineError) -> Networks {
        let analysis = plan.analysis
        let plain = Analysis(request.network.inFloat(analysis.facts), on: request.family)
        let weights = weights(request, ParameterLayout(plain, leavingOut: plan.absent), plain)
        let side =
            floatModel(request)
            ?? FloatSide(
                analysis: plain, weights: weights, absent: plan.absent, isModel: false, change: (1, 0))
        let float = try float(request, side, feed)
        let store = weights.store(for: analysis, ParameterLayout(analysis, leavingOut: plan.absent))
        let normalized = request.estimatesNormalization ? [] : weights.normalized
        let estimated = Set(store.layout.statistics.map(\.layer)).subtracting(normalized)
        let runs = Probe.runs(
            normalized: normalized, estimated: estimated,
            isUniform: float.key.isModel || store.layout.statistics.isEmpty, isModel: float.key.isModel)
        if let kept, kept.circumstances != KeptPass.Circumstances(request, runs) { self.kept = nil }
        let keys = LayerResults.keys(analysis, plan.present, store, estimated: estimated)
        func prepare() throws(EngineError) -> (ProbeRun, LayerResults.Extent) {
            let known = kept?.results ?? LayerResults()
            let extent = known.extent(of: analysis, plan.present, keys)
            let run = try ProbeRun(
                analysis, known, extent, store: store, feed: feed, request,
                memoryLimit: request.memoryLimit - keptBytes)
            return (run, extent)
        }
        let prepared: (ProbeRun, LayerResults.Extent)
        do throws(EngineError) {
            prepared = try prepare()
        } catch {
            guard kept != nil else { throw error }
            // What is kept may stand in the way.
            kept = nil
            prepared = try prepare()
        }
        return Networks(
            side: side, weights: weights, float: float, run: prepared.0, store: store, normalized: normalized,
            estimated: estimated, runs: runs, extent: prepared.1, keys: keys)
    }

    /// The runs that a probe takes. Where no batch norm takes the statistics of the batch, all would be the same.
    private static func runs(
        normalized: Set<String>, estimated: Set<String>, isUniform: Bool, isModel: Bool
    ) -> [Run] {
        if estimated.isEmpty { return isUniform ? [.evaluation] : [.comparison, .evaluation] }
        return isModel || normalized.isEmpty
            ? [.comparison, .evaluation] : [.comparison, .estimation, .evaluation]
    }

    /// Runs the quantized network on the batch that it has and compares it with the float one, where another run than the
    /// last does that. Where statistics were estimated on an earlier batch, they hold.
    func compare(
        _ networks: Networks, estimates: Bool
    ) throws(EngineError) -> [String: FloatMatch] {
        var found: [String: FloatMatch] = [:]
        for run in networks.runs.dropLast() where run == .comparison || estimates {
            try networks.run.forward {
                networks.pass(run, of: $0, estimates: estimates)
            } inspect: { _, layer, isLast in
                guard run == .comparison, isLast else { return }
                found[layer] = match(of: layer, networks)
            }
        }
        return found
    }

    /// A layer's result beside that of the float network.
    func match(of layer: String, _ networks: Networks) -> FloatMatch? {
        let program = networks.run.program
        let float = networks.float
        guard let result = program.results[layer]?.first else { return nil }
        let match = float.match(of: layer, result)
        if let tap, match != nil, let expected = float[layer]?.baseAddress {
            let shape = [program.options.batch] + result.shape.lastAxes
            tap("\(layer).float", expected, shape)
            tap("\(layer).quantized", result.values, shape)
        }
        return match
    }

    /// Runs the quantized network with its running statistics and looks at everything.
    func measure(
        _ networks: Networks, _ collector: inout TensorStatisticsCollector, _ plan: ProbePlan,
        _ matches: [String: FloatMatch]
    ) throws(EngineError) {
        var matches = matches
        let compares = networks.runs.count == 1 && !collector.scope.isBrief
        collector.measureInputs(plan.present)
        try networks.run.forward { _ in
            .evaluation
        } inspect: {
            if compares, $2 { matches[$1] = match(of: $1, networks) }
            collector.measure($0, $1, isLast: $2, matches)
        }
    }
}

extension ProbeRun {
    /// Makes ready what is computed of a network, and feeds it; the rest is given by kept results.
    init(
        _ analysis: Analysis, _ known: LayerResults, _ extent: LayerResults.Extent, store: ParameterStore,
        feed: ProbeBatch, _ request: ProbeRequest, memoryLimit: Int
    ) throws(EngineError) {
        let nodes = analysis.network.nodes
        var given: [String: [KeptTensor.Form]] = [:]
        for index in extent.given {
            let name = nodes[index].name
            given[name] = known[name]?.outputs.first?.map { $0.map(\.form) }
        }
        try self.init(
            analysis,
            leavingOut: Set(nodes.indices).subtracting(extent.computed).subtracting(extent.given),
            store: store, feed: feed, isQuantized: true, padsBothSides: request.padsBothSides,
            memoryLimit: memoryLimit, given: given)
    }
}
