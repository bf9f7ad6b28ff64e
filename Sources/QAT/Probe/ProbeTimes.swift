import Graph

/// How long probes of a network would take, told from probes of few samples.
public struct ProbeTimes: Sendable {
    /// Seconds of a probe of all samples of the request.
    public let probe: Double
    /// By layer, the seconds of a trial in which it is changed.
    public let trials: [String: Double]
    /// The seconds of a trial in which all layers are changed.
    public let whole: Double

    /// The samples that are probed.
    private static let few = (1, 3)

    /// Probes one sample and three of them; nil where the network or its data cannot be probed, or it was
    /// cancelled.
    public init?(_ request: ProbeRequest, isCancelled: () -> Bool = { false }) {
        let analysis = Analysis(request.network, on: request.family)
        let plan = ProbePlan(analysis, batch: request.batch, memoryLimit: request.memoryLimit)
        let samples = Double(plan.samples * max(1, request.batches))
        var small = request
        small.batches = 1
        small.batch = ProbeTimes.few.0
        guard let one = Probe().report(small, isCancelled: isCancelled), one.failure == nil else {
            return nil
        }
        small.batch = ProbeTimes.few.1
        let probe = Probe()
        guard let more = probe.report(small, isCancelled: isCancelled), more.failure == nil,
            let trials = probe.trials(small, after: more, isCancelled: isCancelled)
        else { return nil }
        let apart = Double(ProbeTimes.few.1 - ProbeTimes.few.0)
        let each = max(0, more.milliseconds - one.milliseconds) / apart
        self.probe = (max(0, one.milliseconds - each) + each * samples) / 1000
        let share = samples / Double(max(1, more.samples))
        self.trials = Dictionary(
            request.network.nodes.map { ($0.name, share * trials.seconds(changing: $0.name)) }
        ) { first, _ in first }
        whole = share * trials.wholeSeconds
    }
}
