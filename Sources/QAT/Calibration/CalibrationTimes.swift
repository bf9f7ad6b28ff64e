import Graph

/// How long a calibration will take on this machine: its passes are timed with a few samples, placing and rounding with a few
/// weights, and each is multiplied by how much of it there is. Layers that quantizing adds are not counted.
struct CalibrationTimes {
    private let request: Calibration.Request
    private let float: (analysis: Analysis, store: ParameterStore)
    private let quantized: (analysis: Analysis, store: ParameterStore)

    /// The samples that are timed.
    private static let few = 8

    init(
        _ request: Calibration.Request, float: (analysis: Analysis, store: ParameterStore),
        quantized: (analysis: Analysis, store: ParameterStore)
    ) {
        (self.request, self.float, self.quantized) = (request, float, quantized)
    }

    /// What the steps will take. Samples are read by now.
    func expectation() throws(CalibrationError) -> Calibration.Expectation {
        let count = request.samples.count
        let comparison = try time { samples throws(CalibrationError) in
            _ = try CalibrationComparison(
                float: float, quantized: quantized, samples: samples, padsBothSides: request.padsBothSides,
                memoryLimit: request.memoryLimit)
        }
        .seconds(min(CalibrationComparison.samples, count))
        let channels = try time { samples throws(CalibrationError) in
            _ = try ChannelSurvey(
                float.analysis, store: float.store, samples: samples, padsBothSides: request.padsBothSides)
        }
        let wanted = Set(request.network.nodes.filter(\.isQuantized).map { Source($0.name) })
        let ranges = try time { samples throws(CalibrationError) in
            _ = try RangeSurvey(
                float.analysis, store: float.store, samples: samples, padsBothSides: request.padsBothSides,
                wanted: wanted, progress: { _ in true })
        }
        var work = LearnedRounding.Work()
        var parts: [Double] = []
        let correction = try time { samples throws(CalibrationError) in
            (work, parts) = try correct(samples, batch: min(PairedRun.samples, count))
        }
        let rounding = request.learnsRounding ? LearnedRounding.seconds(work) : 0
        return Calibration.Expectation(
            seconds: [
                .channels: comparison + channels.seconds(min(ChannelSurvey.samples, count)),
                .ranges: ranges.seconds(count),
                .correction: correction.seconds(min(PairedRun.samples, count)) + comparison + rounding
                    + WeightPlacement.seconds(float.store.layout.parameters.reduce(0) { $0 + $1.count }),
            ], parts: parts)
    }

    /// Computes what correcting computes, and changes nothing. Gives how much rounding there is in a batch, and the seconds
    /// that pass until each part is done.
    private func correct(
        _ samples: CalibrationSamples, batch: Int
    ) throws(CalibrationError) -> (LearnedRounding.Work, parts: [Double]) {
        var work = LearnedRounding.Work()
        var parts: [Double] = []
        let pairs = try PairedRun(
            float: float, quantized: quantized, samples: samples, padsBothSides: request.padsBothSides,
            memoryLimit: request.memoryLimit)
        do {
            let start = ContinuousClock.now
            while let pair = try pairs.next() {
                _ = Correction.moments(pair, batch: pairs.batch, unit: 1)
                // Once with rounded weights, and once with corrected numbers.
                for _ in 0..<(request.learnsRounding ? 2 : 1) { try pair.quantized.forward(.evaluation) }
                if let kernel = pair.quantized as? ConvolutionKernel { work.add(kernel, batch: batch) }
                parts.append((ContinuousClock.now - start) / .seconds(1))
            }
        } catch {
            throw .engine(error)
        }
        return (work, parts)
    }

    /// What a number of samples takes: seconds before the first, and of each.
    private struct Pace {
        let fixed: Double
        let each: Double

        func seconds(_ count: Int) -> Double { fixed + each * Double(count) }
    }

    /// Times a work on a few samples twice: the first time methods of products are measured too.
    private func time(
        _ work: (CalibrationSamples) throws(CalibrationError) -> Void
    ) throws(CalibrationError) -> Pace {
        let few = request.samples.prefix(CalibrationTimes.few)
        let first = try Calibration.timed { () throws(CalibrationError) in try work(few) }
        let again = try Calibration.timed { () throws(CalibrationError) in try work(few) }
        return Pace(fixed: max(0, first - again), each: again / Double(few.count))
    }
}

extension Calibration {
    /// What the steps of a calibration are expected to take.
    public struct Expectation: Hashable, Sendable {
        /// By step, seconds; empty where that is not known.
        public var seconds: [Progress.Step: Double]
        /// Seconds until each part of the network is corrected, which need not be to scale; the parts with large maps come first.
        public var parts: [Double]

        /// Seconds by step, and until each part is corrected.
        public init(seconds: [Progress.Step: Double] = [:], parts: [Double] = []) {
            (self.seconds, self.parts) = (seconds, parts)
        }

        /// The share of a step's time that has passed where a share of its parts is done.
        public func share(of step: Progress.Step, done: Double) -> Double {
            guard step == .correction, let last = parts.last, last > 0 else { return done }
            let place = min(1, max(0, done)) * Double(parts.count)
            let before = place.rounded(.down)
            let (low, high) = (Int(before), min(parts.count, Int(before) + 1))
            func passed(_ count: Int) -> Double { count == 0 ? 0 : parts[count - 1] / last }
            return passed(low) + (passed(high) - passed(low)) * (place - before)
        }
    }

    /// Times a few samples and weights to say what the steps of `run` will take, about.
    public func expectation() throws(CalibrationError) -> Expectation {
        try CalibrationTimes(request, float: (floatAnalysis, floatStore), quantized: plainlyQuantized)
            .expectation()
    }

    /// The seconds of a work.
    static func timed<Failure: Error>(_ work: () throws(Failure) -> Void) throws(Failure) -> Double {
        let start = ContinuousClock.now
        try work()
        return (ContinuousClock.now - start) / .seconds(1)
    }
}
