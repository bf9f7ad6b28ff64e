import Graph

/// Runs one batch through the float and the quantized network and says what every layer looks like: what a screen shows
/// after an edit.
///
/// It keeps data, weights and what both networks gave between requests, so that a change of bits or clips runs the
/// quantized network alone, from the changed layer on. A probe belongs to the thread that uses it.
public final class Probe {
    private var feed: ProbeBatch?
    /// Data that could not be read, and why; it is tried again once other data was asked for.
    private var unread: (key: ProbeBatch.Key, reason: String)?
    private var weights: ProbeWeights?
    var float: FloatResults?
    /// The numbers of a float model.
    var modelWeights: ProbeWeights?
    var memory = TensorStatisticsCollector.Memory()
    /// What the quantized network gave in the probe before.
    var kept: KeptPass?
    /// Sees the tensors that are compared, if there is one.
    public var tap: ProbeTap?

    /// A probe that has seen nothing yet.
    public init() {}

    /// Answers a request; nil where `isCancelled`, which is asked between the passes, became true. Whatever is wrong with
    /// the network or the data stands in the report.
    public func report(_ request: ProbeRequest, isCancelled: () -> Bool = { false }) -> ProbeReport? {
        let clock = ContinuousClock()
        let start = clock.now
        Engine.useThreads(request.threads)
        let analysis = Analysis(request.network, on: request.family)
        var plan = ProbePlan(analysis, batch: request.batch, memoryLimit: request.memoryLimit)
        var report = ProbeReport(revision: request.revision)
        do throws(ProbeFailure) {
            try Probe.check(request)
            guard try measure(request, &plan, into: &report, isCancelled) else { return nil }
        } catch {
            report.failure = error
        }
        report.gaps = plan.gaps
        report.keptBytes = keptBytes
        report.milliseconds = (clock.now - start) / .milliseconds(1)
        return report
    }

    /// The bytes that are kept between requests.
    public var keptBytes: Int {
        (feed?.bytes ?? 0) + (weights?.bytes ?? 0) + (float?.bytes ?? 0)
            + (modelWeights?.bytes ?? 0) + (kept?.results.bytes ?? 0)
    }

    private static func check(_ request: ProbeRequest) throws(ProbeFailure) {
        guard !request.network.nodes.isEmpty else { throw .empty }
        guard !request.network.inputs.isEmpty else { throw .noInputs }
        for input in request.network.inputs {
            let bytes = 8 * input.shape.elements
            guard bytes <= request.memoryLimit else {
                throw .input(input.name, bytes: bytes, limit: request.memoryLimit)
            }
        }
    }

    /// Looks at what the plan leaves, and leaves out more where the engine refuses a layer; false where it was cancelled.
    private func measure(
        _ request: ProbeRequest, _ plan: inout ProbePlan, into report: inout ProbeReport,
        _ isCancelled: () -> Bool
    ) throws(ProbeFailure) -> Bool {
        while !plan.present.isEmpty {
            let feed = try feed(request, &plan, &report)
            report.feeds = feed.feeds
            report.samples = feed.samples
            if isCancelled() { return false }
            let batches = feed.batches(request.batches)
            do throws(EngineError) {
                guard try run(request, plan, feed, isWhole: batches == 1, into: &report, isCancelled) else {
                    return false
                }
            } catch {
                let error = feed.naming(error)
                guard plan.shrinks(after: error) else { throw .engine(error) }
                continue
            }
            guard batches > 1 else { return true }
            return try probeBatches(request, plan, feed, batches: batches, into: &report, isCancelled)
        }
        return true
    }

    private func feed(
        _ request: ProbeRequest, _ plan: inout ProbePlan, _ report: inout ProbeReport
    ) throws(ProbeFailure) -> ProbeBatch {
        var key = ProbeBatch.Key(request, plan)
        let wanted = key
        if request.replacesUnreadData, let unread, unread.key == wanted {
            key.data = nil
            report.dataFailure = unread.reason
        }
        if let feed, feed.key == key { return feed }
        do {
            return try open(key)
        } catch .data(let reason) where request.replacesUnreadData && key.data != nil {
            unread = (wanted, reason)
            key.data = nil
            report.dataFailure = reason
            return try open(key)
        }
    }

    /// The first batch of a request, as its probe took it.
    func feed(for request: ProbeRequest, _ plan: ProbePlan) throws(ProbeFailure) -> ProbeBatch? {
        var (plan, report) = (plan, ProbeReport(revision: 0))
        return try feed(request, &plan, &report)
    }

    private func open(_ key: ProbeBatch.Key) throws(ProbeFailure) -> ProbeBatch {
        // Results of the batch before are of no use any more; the new one needs the room.
        forgetFeed()
        let feed = try ProbeBatch(key)
        self.feed = feed
        return feed
    }

    /// Computes the same batch in integers, with the statistics that the probe has left in the store; false where it was
    /// cancelled.
    func compareIntegers(
        _ request: ProbeRequest, _ plan: ProbePlan, _ feed: ProbeBatch, _ store: ParameterStore,
        into report: inout ProbeReport, _ isCancelled: () -> Bool
    ) -> Bool {
        guard let absent = plan.gaps.first else {
            do throws(EngineError) {
                report.integers = try IntegerAgreement.report(
                    plan.analysis, store: store, inputs: feed.values, batch: feed.samples,
                    padsBothSides: request.padsBothSides,
                    memoryLimit: max(0, request.memoryLimit - keptBytes), isCancelled: isCancelled)
                return report.integers != nil
            } catch .memory(let bytes) {
                report.integerFailure =
                    "in integers the batch needs \(bytes >> 20) MiB, more than the \(request.memoryLimit >> 20) MiB that a probe may take with what it keeps; take fewer samples"
            } catch {
                report.integerFailure = "\(error)"
            }
            return true
        }
        report.integerFailure = "'\(absent.layer)' could not be looked at"
        return true
    }

    /// Forgets the data and what was computed of it.
    func forgetFeed() {
        feed = nil
        float = nil
        kept = nil
    }

    func weights(
        _ request: ProbeRequest, _ layout: ParameterLayout, _ plain: Analysis
    ) -> ProbeWeights {
        if let weights, weights.fit(layout, seed: request.seed, trained: request.weights) { return weights }
        weights = nil
        float = nil
        kept = nil
        memory = [:]
        let made = ProbeWeights(plain, layout, seed: request.seed, trained: request.weights)
        weights = made
        return made
    }
}

extension ProbePlan {
    /// Leaves out what an error of the engine is about, or takes fewer samples; whether that makes another try worth it.
    fileprivate mutating func shrinks(after error: EngineError) -> Bool {
        let layer: String
        switch error {
        case .memory(let bytes): return shrink(bytes)
        case .unfinished(let name, _), .unsupported(let name, _), .library(_, let name, _),
            .notFinite(let name, _), .index(let name, _, _, _):
            layer = name
        case .noOutput, .parameters: return false
        }
        let network = analysis.network
        guard let name = ProbeRun.layer(named: layer, in: network), let index = network.index(of: name) else {
            return false
        }
        return leaveOut(index, .engine(error))
    }
}

/// Sees the tensors that a probe compares, as they lie in memory: a name, the values, and the axes of the whole batch,
/// channels last.
///
/// Of each part: "conv0.weight" and "conv0.weight.quantized", in the order of files; "conv0.feature", what its quantizer
/// reads, and "conv0.feature.quantized", normalized; "conv0.float" and "conv0.quantized", the results that are compared
/// between the two networks.
public typealias ProbeTap = (_ name: String, _ values: UnsafePointer<Float>, _ shape: [Int]) -> Void

extension Shape {
    /// The axes of one sample, channels last.
    var lastAxes: [Int] {
        switch self {
        case .map(let channels, let height, let width): [height, width, channels]
        case .sequence(let length, let features): [length, features]
        case .vector(let count): [count]
        }
    }
}
