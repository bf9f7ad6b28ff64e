import Graph

/// Looks at more samples than one batch has: twice over all batches, first for the ends of the histograms, then for what
/// lies between them. Memory does not grow with their number.
extension Probe {
    /// Probes all batches instead of the first alone; false where it was cancelled.
    func probeBatches(
        _ request: ProbeRequest, _ plan: ProbePlan, _ feed: ProbeBatch, batches: Int,
        into report: inout ProbeReport, _ isCancelled: () -> Bool
    ) throws(ProbeFailure) -> Bool {
        // Another batch is in the feed afterwards than the one that the next probe begins with.
        defer { forgetFeed() }
        var passes: MultiBatchProbe
        do {
            passes = try MultiBatchProbe(self, request, plan, feed)
            try passes.begin()
            var ranges: [String: ClosedRange<Float>] = [:]
            for batch in 0..<batches {
                if isCancelled() { return false }
                if batch > 0 { try passes.next() }
                for part in try passes.ranges() {
                    guard let seen = part.feature?.observation, seen.minimum <= seen.maximum else { continue }
                    let range = Float(seen.minimum)...Float(seen.maximum)
                    ranges[part.name] = ranges[part.name].map { $0.joined(range) } ?? range
                }
            }
            try feed.restart()
            var parts: [ProbedPart] = []
            for batch in 0..<batches {
                if isCancelled() { return false }
                if batch > 0 { try feed.next() }
                let seen = try passes.parts(ranges, isFirst: batch == 0)
                if batch == 0 { parts = seen } else { parts.add(seen) }
            }
            report.parts = parts
            report.samples = batches * feed.samples
            return true
        } catch let error as EngineError {
            throw .engine(feed.naming(error))
        } catch let error as ProbeFailure {
            throw error
        } catch {
            preconditionFailure("programs and feeds say what is wrong: \(error)")
        }
    }
}

/// The two networks of a probe of several batches, and what they are fed.
private struct MultiBatchProbe {
    private let probe: Probe
    private let request: ProbeRequest
    private let plan: ProbePlan
    private let feed: ProbeBatch
    private let networks: Probe.Networks
    private let floatRun: ProbeRun

    init(_ probe: Probe, _ request: ProbeRequest, _ plan: ProbePlan, _ feed: ProbeBatch) throws {
        self.probe = probe
        self.request = request
        self.plan = plan
        self.feed = feed
        networks = try probe.networks(request, plan, feed)
        floatRun = try probe.floatRun(request, networks.side, feed)
    }

    /// Finds the statistics that are new, on the first batch.
    func begin() throws {
        _ = try probe.compare(networks, estimates: true)
    }

    func next() throws {
        try feed.next()
        networks.run.take(feed)
    }

    /// The batch that the quantized network has, as far as extremes go.
    func ranges() throws -> [ProbedPart] {
        var collector = TensorStatisticsCollector(
            networks.run.program, plan.analysis, request, memory: probe.memory, isBrief: true)
        try probe.measure(networks, &collector, plan, [:])
        return collector.parts
    }

    /// Looks at the batch that is in the feed and compares both networks on it.
    func parts(_ ranges: [String: ClosedRange<Float>], isFirst: Bool) throws -> [ProbedPart] {
        floatRun.take(feed)
        networks.run.take(feed)
        try networks.float.take(floatRun, samples: feed.samples)
        let matches = try probe.compare(networks, estimates: isFirst)
        var collector = TensorStatisticsCollector(
            networks.run.program, plan.analysis, request, memory: probe.memory, ranges: ranges)
        try probe.measure(networks, &collector, plan, matches)
        probe.memory = collector.memory
        return collector.parts
    }
}

extension ClosedRange<Float> {
    fileprivate func joined(_ other: ClosedRange<Float>) -> ClosedRange<Float> {
        Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
    }
}

extension [ProbedPart] {
    /// Adds the same network's parts on other samples.
    fileprivate mutating func add(_ others: [ProbedPart]) {
        precondition(map(\.name) == others.map(\.name), "a network has the same parts on every batch")
        for index in indices {
            guard let other = others[index].feature else { continue }
            self[index].feature?.add(other)
        }
    }
}

extension ProbedTensor {
    /// Adds other values of the same tensor; histograms have the same ends.
    fileprivate mutating func add(_ other: ProbedTensor) {
        let counts = (Double(observation.values), Double(other.observation.values))
        let share = counts.1 / Swift.max(1, counts.0 + counts.1)
        func mean(_ one: Double, _ two: Double) -> Double { one + (two - one) * share }
        let seen = (observation, other.observation)
        observation.mean = mean(seen.0.mean, seen.1.mean)
        let squares = mean(
            seen.0.deviation * seen.0.deviation + seen.0.mean * seen.0.mean,
            seen.1.deviation * seen.1.deviation + seen.1.mean * seen.1.mean)
        observation.deviation = max(0, squares - observation.mean * observation.mean).squareRoot()
        if let one = seen.0.clipRatio, let two = seen.1.clipRatio { observation.clipRatio = mean(one, two) }
        for bin in observation.histogram.indices {
            observation.histogram[bin] = observation.histogram[bin].adding(seen.1.histogram[bin])
        }
        if var grid = quantizer, let more = other.quantizer {
            grid.meanSquare = mean(grid.meanSquare, more.meanSquare)
            grid.meanSquaredError = mean(grid.meanSquaredError, more.meanSquaredError)
            for level in grid.counts.indices {
                grid.counts[level] = grid.counts[level].adding(more.counts[level])
            }
            quantizer = grid
            observation.sqnr = grid.decibels
        }
        if let more = other.match { match?.add(more) }
        if let more = other.channels { channels?.add(more) }
    }
}

extension ProbedChannels {
    /// Adds the ranges on other samples: dead is what gave the same one value on all of them.
    fileprivate mutating func add(_ other: ProbedChannels) {
        level = zip(level, other.level).map { $0 == $1 ? $0 : nil }
        for channel in minimum.indices {
            minimum[channel] = Swift.min(minimum[channel], other.minimum[channel])
            maximum[channel] = Swift.max(maximum[channel], other.maximum[channel])
        }
    }
}

extension UInt32 {
    fileprivate func adding(_ other: UInt32) -> UInt32 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
