import Graph

/// How long looks at a network would take, told from looks at few samples.
public struct LookTimes: Sendable {
    /// Seconds of a look at all samples of the request.
    public let look: Double
    /// By layer, the seconds of a trial in which it is changed.
    public let trials: [String: Double]
    /// The seconds of a trial in which all layers are changed.
    public let whole: Double

    /// The samples that are looked at.
    private static let few = (1, 3)

    /// Looks at one sample and at three of them; nil where the network or its data cannot be looked at, or it was
    /// cancelled.
    public init?(_ request: ProbeRequest, isCancelled: () -> Bool = { false }) {
        let analysis = Analysis(request.network, on: request.family)
        let plan = ProbePlan(analysis, batch: request.batch, memoryLimit: request.memoryLimit)
        let samples = Double(plan.samples * max(1, request.batches))
        var small = request
        (small.batches, small.batch) = (1, LookTimes.few.0)
        guard let one = Probe().report(small, isCancelled: isCancelled), one.failure == nil else {
            return nil
        }
        small.batch = LookTimes.few.1
        let probe = Probe()
        guard let more = probe.report(small, isCancelled: isCancelled), more.failure == nil,
            let trials = probe.trials(small, after: more, isCancelled: isCancelled)
        else { return nil }
        let apart = Double(LookTimes.few.1 - LookTimes.few.0)
        let each = max(0, more.milliseconds - one.milliseconds) / apart
        look = (max(0, one.milliseconds - each) + each * samples) / 1000
        let share = samples / Double(max(1, more.samples))
        self.trials = Dictionary(
            request.network.nodes.map { ($0.name, share * trials.seconds(changing: $0.name)) }
        ) { first, _ in first }
        whole = share * trials.wholeSeconds
    }
}
