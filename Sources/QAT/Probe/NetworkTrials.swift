public import Graph

/// Measures how far the results of networks are from those of the float network, where the networks differ from one in
/// settings of layers.
///
/// That one, the base, runs once. Of another only what its changes can reach is computed, on each batch, and nothing but
/// the results is compared. The numbers are those of a probe, to the bit. It belongs to the thread that uses it.
public final class NetworkTrials {
    /// What a trial has found.
    public enum Finding: Hashable, Sendable {
        /// Signal to quantization noise of the results in dB, the lowest of them; nil where nothing is lost.
        case sqnr(Double?)
        /// It takes a whole probe: the network differs in more than settings, or cannot be computed.
        case unknown
    }

    /// A batch of samples.
    struct Batch {
        /// For each input, its values.
        let values: [[Float]]
        /// What the float network gives as results.
        let float: FloatResults
        /// The base beside it, by result.
        var matches: [String: FloatMatch] = [:]
    }

    private let request: ProbeRequest
    private let feed: ProbeBatch
    private let weights: ProbeWeights
    /// The network in float.
    private let plain: Network
    private let isModel: Bool
    /// The layers whose results are the network's.
    private let results: Set<String>
    private var batches: [Batch]
    /// What the base gave: a run is a batch.
    private var base = LayerResults()
    /// Seconds that the layers of the base took on all batches, and those that making it ready took.
    private var layerSeconds: [String: Double] = [:]
    private var readySeconds = 0.0

    /// Trials of what a request looks at, with the float network's results on each batch.
    init(
        _ request: ProbeRequest, _ feed: ProbeBatch, _ side: Probe.FloatSide, _ weights: ProbeWeights,
        plain: Network, results: Set<String>, batches: [Batch]
    ) {
        self.request = request
        self.feed = feed
        self.weights = weights
        self.plain = plain
        self.results = results
        self.batches = batches
        isModel = side.isModel
    }

    /// Measures a network; nil where it was cancelled. With `keeping`, it becomes the base.
    public func measure(
        _ network: Network, keeping: Bool = false, isCancelled: () -> Bool = { false }
    ) -> Finding? {
        guard let trial = trial(of: network) else { return .unknown }
        do throws(EngineError) {
            guard let matches = try run(trial, keeping: keeping, isCancelled) else { return nil }
            var lowest: Double?
            for layer in results {
                var sum: FloatMatch?
                for batch in matches {
                    guard let match = batch[layer] else { return .unknown }
                    if sum == nil { sum = match } else { sum?.add(match) }
                }
                if let sqnr = sum?.decibels { lowest = min(lowest ?? sqnr, sqnr) }
            }
            return .sqnr(lowest)
        } catch {
            return .unknown
        }
    }

    /// The seconds that a network is expected to take which differs from the base in one layer.
    public func seconds(changing layer: String) -> Double {
        var reached: Set<String> = [layer]
        for index in NetworkOrder(request.network).evaluation {
            let node = request.network.nodes[index]
            if node.inputs.contains(where: { reached.contains($0.name) }) { reached.insert(node.name) }
        }
        let share = Double(reached.count) / Double(max(1, request.network.nodes.count))
        return reached.reduce(share * readySeconds) { $0 + (layerSeconds[$1] ?? 0) }
    }

    /// The seconds that a network is expected to take which differs from the base everywhere.
    public var wholeSeconds: Double { layerSeconds.values.reduce(readySeconds, +) }

    /// A network, and what is computed of it.
    private struct Trial {
        var analysis: Analysis
        var present: [Int]
        var keys: [Int: LayerResults.Key]
        var extent: LayerResults.Extent
        var store: ParameterStore
        var estimated: Set<String>
    }

    /// Nil where the network does not go with the base.
    private func trial(of network: Network) -> Trial? {
        let analysis = Analysis(network, on: request.family)
        let plan = ProbePlan(analysis, batch: request.batch, memoryLimit: request.memoryLimit)
        guard plan.absent.isEmpty, ProbeBatch.Key(request, plan).samples >= feed.samples,
            ProbeBatch.Key(request, plan).inputs == feed.key.inputs
        else { return nil }
        let plain = network.inFloat(analysis.facts)
        guard isModel || plain == self.plain,
            ParameterLayout(Analysis(plain, on: request.family)) == weights.store.layout
        else { return nil }
        let layout = ParameterLayout(analysis)
        let normalized = request.estimatesNormalization ? [] : weights.normalized
        let estimated = Set(layout.statistics.map(\.layer)).subtracting(normalized)
        let whole = weights.store(for: analysis, layout)
        let keys = LayerResults.keys(analysis, plan.present, whole, estimated: estimated)
        return Trial(
            analysis: analysis, present: plan.present, keys: keys,
            extent: base.extent(of: analysis, plan.present, keys), store: whole, estimated: estimated)
    }

    /// Runs what is computed of a network on each batch; by batch, the results beside the float network's.
    private func run(
        _ trial: Trial, keeping: Bool, _ isCancelled: () -> Bool
    ) throws(EngineError) -> [[String: FloatMatch]]? {
        var found = batches.map(\.matches)
        guard !trial.extent.reached.isEmpty else { return found }
        let nodes = trial.analysis.network.nodes
        let reached = Set(trial.extent.reached.map { nodes[$0].name })
        let clock = ContinuousClock()
        var moment = clock.now
        let run = try ProbeRun(
            trial.analysis, base, trial.extent, store: trial.store, feed: feed, request,
            memoryLimit: request.memoryLimit)
        let ready = (clock.now - moment) / .seconds(1)
        var seconds: [String: Double] = [:]
        var outputs: [String: [[KeptTensor]?]] = [:]
        var room =
            request.memoryLimit - base.bytes - run.program.arenaBytes - weights.bytes
            - batches.reduce(0) { $0 + $1.bytes }
        for (place, batch) in batches.enumerated() {
            if isCancelled() { return nil }
            run.take(batch.values)
            for index in trial.extent.given {
                let name = nodes[index].name
                if let kept = base[name]?.outputs[place] { run.give(name, kept) }
            }
            moment = clock.now
            try run.forward { layer in
                // Later batches are normalized as the first one was, or by themselves.
                if trial.estimated.contains(layer), place == 0 { return .estimation }
                return isModel ? .evaluation : .frozenTraining
            } inspect: { _, layer, isLast in
                seconds[layer, default: 0] += (clock.now - moment) / .seconds(1)
                defer { moment = clock.now }
                guard isLast, reached.contains(layer) else { return }
                if results.contains(layer), let result = run.program.results[layer]?.first {
                    found[place][layer] = batch.float.match(of: layer, result)
                }
                guard keeping, let node = trial.analysis.network[layer], LayerResults.keeps(node) else {
                    return
                }
                let kept = run.results(of: layer, on: request.family)
                let bytes = kept.reduce(0) { $0 + $1.byteCount }
                guard bytes <= room, place == 0 || outputs[layer]?[0] != nil else { return }
                room -= bytes
                outputs[layer, default: Array(repeating: nil, count: batches.count)][place] = kept
            }
        }
        guard keeping else { return found }
        if reached.count == nodes.count { (layerSeconds, readySeconds) = (seconds, ready) }
        base.keep(Set(nodes.map(\.name)).subtracting(reached))
        for index in trial.extent.reached {
            guard let key = trial.keys[index] else { continue }
            let none = [[KeptTensor]?](repeating: nil, count: batches.count)
            base.set(
                nodes[index].name,
                LayerResults.Entry(
                    key: key, outputs: outputs[nodes[index].name] ?? none, statistics: [], parts: []))
        }
        for place in batches.indices { batches[place].matches = found[place] }
        return found
    }
}

extension NetworkTrials.Batch {
    /// The bytes of its values and of the results.
    var bytes: Int { values.reduce(0) { $0 + 4 * $1.count } + float.bytes }
}

extension Probe {
    /// Trials of networks that differ from a request's in settings, which this probe has reported on; nil where they would
    /// not measure what probes do, because not all of it can be computed or compared, or it was cancelled.
    public func trials(
        _ request: ProbeRequest, after report: ProbeReport, isCancelled: () -> Bool = { false }
    ) -> NetworkTrials? {
        do {
            return try makeTrials(request, report, isCancelled)
        } catch {
            return nil
        }
    }

    private func makeTrials(
        _ request: ProbeRequest, _ report: ProbeReport, _ isCancelled: () -> Bool
    ) throws -> NetworkTrials? {
        let analysis = Analysis(request.network, on: request.family)
        let plan = ProbePlan(analysis, batch: request.batch, memoryLimit: request.memoryLimit)
        let results = Set(report.results(of: request.network).map(\.layer))
        guard report.failure == nil, plan.absent.isEmpty, results == request.network.comparedResults,
            let feed = try feed(for: request, plan)
        else { return nil }
        let count = feed.batches(request.batches)
        guard count * feed.samples == report.samples else { return nil }
        let plain = request.network.inFloat(analysis.facts)
        let floatAnalysis = Analysis(plain, on: request.family)
        let weights = weights(request, ParameterLayout(floatAnalysis), floatAnalysis)
        let side =
            floatModel(request)
            ?? FloatSide(
                analysis: floatAnalysis, weights: weights, absent: [], isModel: false, change: (1, 0))
        float = nil
        kept = nil
        // Another batch is in the feed afterwards than the one that the next probe begins with.
        defer { if count > 1 { forgetFeed() } }
        let run = try floatRun(request, side, feed)
        let key = floatKey(request, side, feed)
        var batches: [NetworkTrials.Batch] = []
        for place in 0..<count {
            if isCancelled() { return nil }
            if place > 0 {
                try feed.next()
                run.take(feed)
            }
            let float = try FloatResults(key, run, samples: feed.samples, of: results)
            batches.append(NetworkTrials.Batch(values: feed.values, float: float))
        }
        let trials = NetworkTrials(
            request, feed, side, weights, plain: plain, results: results, batches: batches)
        guard case .sqnr(let sqnr) = trials.measure(request.network, keeping: true, isCancelled: isCancelled),
            sqnr == report.outputSQNR(of: request.network)
        else { return nil }
        return trials
    }
}

extension Network {
    /// Of every path, the last layer that is compared with the float network.
    fileprivate var comparedResults: Set<String> {
        var found: Set<String> = []
        var hasResultBehind: Set<String> = []
        for index in NetworkOrder(self).evaluation.reversed() {
            let node = nodes[index]
            let isCompared = FloatResults.compares(node)
            if isCompared, !hasResultBehind.contains(node.name) { found.insert(node.name) }
            if isCompared || hasResultBehind.contains(node.name) {
                hasResultBehind.formUnion(node.inputs.map(\.name))
            }
        }
        return found
    }
}
