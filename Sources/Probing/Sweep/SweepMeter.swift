import Datasets
import Graph
import QAT

/// Measures a network with changes: how far its results are from the float network's, and, where asked for, accuracy.
final class SweepMeter {
    private let request: SweepRequest
    private let probe = Probe()
    /// Measures changed networks from the layers on that are changed; nil where each takes a whole trial.
    private var trials: NetworkTrials?
    /// The changes that are to be the base of further trials, and those that are.
    private var wanted: [SweepChoice] = []
    private var base: [SweepChoice] = []
    private var cache: SweepCache?
    private var data: Dataset?
    /// What is known by the changes that led to it.
    private var known: [String: SweepMeasure] = [:]
    private var isSaved = true
    /// How many changed networks were measured; others were known.
    private(set) var measured = 0

    /// Samples that batch norm's statistics are taken from; so many are also asked at once.
    private static let batch = 256

    init(_ request: SweepRequest, cache: SweepCache?) {
        self.request = request
        self.cache = cache
    }

    /// The network as it is; nil where it was cancelled.
    func baseline(_ isCancelled: () -> Bool) throws(SweepError) -> (SweepMeasure, ProbeReport)? {
        guard let report = probe.report(request.probe, isCancelled: isCancelled) else { return nil }
        let sqnr = try sqnr(report)
        guard let accuracy = try accuracy(request.probe.network, isCancelled) else { return nil }
        let found = SweepMeasure(sqnr: sqnr, accuracy: accuracy.value)
        trials = probe.trials(request.probe, after: report, isCancelled: isCancelled)
        if isCancelled() { return nil }
        try cache?.open(as: SweepCache.Key(request, report, found))
        known = cache?.measures ?? [:]
        return (found, report)
    }

    /// The network with changes; nil where it was cancelled.
    func measure(_ choices: [SweepChoice], _ isCancelled: () -> Bool) throws(SweepError) -> SweepMeasure? {
        let key = choices.map(\.assignment).sorted().joined(separator: " ")
        if let found = known[key] { return found }
        let network = try changed(by: choices)
        guard let sqnr = try sqnr(of: network, isCancelled) else { return nil }
        guard let accuracy = try accuracy(network, isCancelled) else { return nil }
        let found = SweepMeasure(sqnr: sqnr, accuracy: accuracy.value)
        known[key] = found
        measured += 1
        isSaved = false
        return found
    }

    /// What the network costs with changes; nil where they cannot be made together.
    func cost(of choices: [SweepChoice]) -> SweepCosts? {
        (try? changed(by: choices)).map { SweepCosts(Analysis($0, on: request.probe.family)) }
    }

    /// What measuring changed networks is expected to take; nil before the network as it is was measured, and where each
    /// takes a whole trial.
    var expectation: SweepPace.Expectation? {
        trials.map { trials in
            SweepPace.Expectation(
                layers: Dictionary(
                    request.probe.network.nodes.map { ($0.name, trials.seconds(changing: $0.name)) }
                ) { first, _ in first }, whole: trials.wholeSeconds)
        }
    }

    /// Writes what is known to the cache.
    func save() {
        guard !isSaved else { return }
        cache?.measures = known
        cache?.write()
        isSaved = true
    }

    /// Says that what is measured next has these changes and few others.
    func build(on choices: [SweepChoice]) { wanted = choices }

    /// The network's SQNR, nil in it where nothing is lost; all is nil where it was cancelled.
    private func sqnr(of network: Network, _ isCancelled: () -> Bool) throws(SweepError) -> Double?? {
        if let trials {
            if base != wanted {
                guard trials.measure(try changed(by: wanted), keeping: true, isCancelled: isCancelled) != nil
                else { return nil }
                base = wanted
            }
            switch trials.measure(network, isCancelled: isCancelled) {
            case .sqnr(let sqnr): return .some(sqnr)
            case .unknown: break
            case nil: return nil
            }
        }
        var changed = request.probe
        changed.network = network
        guard let report = probe.report(changed, isCancelled: isCancelled) else { return nil }
        return .some(try sqnr(report))
    }

    private func changed(by choices: [SweepChoice]) throws(SweepError) -> Network {
        do {
            return try request.probe.network.applying(.all("", choices.map(\.edit)))
        } catch {
            throw .unseen("\(error)")
        }
    }

    private func sqnr(_ report: ProbeReport) throws(SweepError) -> Double? {
        if let failure = report.failure { throw .unseen("\(failure)") }
        if let gap = report.firstFault { throw .unseen("\(gap)") }
        return report.outputSQNR(of: request.probe.network)
    }

    /// The share of right answers with batch norm's statistics of the changed network; its `value` is nil where it was not
    /// asked, and all is nil where it was cancelled.
    private func accuracy(
        _ network: Network, _ isCancelled: () -> Bool
    ) throws(SweepError) -> (value: Double?, Void)? {
        guard request.labelled > 0 else { return (nil, ()) }
        do {
            let data = try opened(network)
            let analysis = Analysis(network, on: request.probe.family)
            let store = ParameterStore(analysis)
            guard let weights = request.probe.weights else {
                throw SweepError.accuracy("the session has no trained weights; train it first")
            }
            try Checkpoint.load(weights, into: store)
            let evaluator = try Evaluator(
                analysis, store: store, mode: .quantized, padsBothSides: request.probe.padsBothSides,
                loss: .advised(for: network.task), batch: SweepMeter.batch, arithmetic: .best)
            if request.probe.estimatesNormalization { try evaluator.estimateNormalization(data) }
            let split = data.observed
            guard
                let found = try evaluator.evaluate(
                    data, split, limit: request.labelled, isCancelled: isCancelled)
            else { return nil }
            return (found.accuracy, ())
        } catch let error as SweepError {
            throw error
        } catch {
            throw .accuracy("\(error)")
        }
    }

    private func opened(_ network: Network) throws -> Dataset {
        if let data { return data }
        guard let input = network.inputs.first else {
            throw TrainingError.mismatch("the network has no input to feed data into")
        }
        let spec = try request.probe.data.map { try DataSpec($0) } ?? .generated(for: input.shape)
        let found = try Dataset.open(spec, shape: input.shape, task: network.task, seed: request.probe.seed)
        data = found
        return found
    }
}
