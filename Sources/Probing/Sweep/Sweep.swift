import Devices
import Foundation
import Graph
import QAT

/// Why a sweep cannot go on.
public enum SweepError: Error, Hashable, Sendable {
    /// The network cannot be measured as a whole.
    case unseen(String)
    /// No layer has what the sweep changes.
    case nothingToChange(SweepRequest.Setting)
    /// Accuracy needs weights, labels and data that fit.
    case accuracy(String)
    /// What is kept of sweeps is not a file.
    case cache(String, reason: String)
}

extension SweepError: CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .unseen(let reason): "the network cannot be measured: \(reason)"
        case .nothingToChange(.bits):
            "no layer has bits to change: turn quantize on where it is off, and autoBitwidth off where it decides"
        case .nothingToChange(.clip):
            "no layer has a clip to change: turn quantize on where it is off, and autoThreshold off where it learns"
        case .nothingToChange(.factor):
            "no layer has a weight factor to change: turn quantize on where it is off"
        case .accuracy(let reason): "accuracy cannot be measured: \(reason)"
        case .cache(let path, let reason): "\(path.oneLine(upTo: 400)): cannot be used: \(reason)"
        }
    }
}

/// Tries what a request asks for, one trial after the other: each layer's values by themselves, then the best together.
///
/// The caller decides when the next measurement is taken, so that a sweep can go on in the background, be stopped at any
/// trial, and show what it has. It belongs to the thread that uses it.
public final class Sweep {
    /// What was found so far.
    public private(set) var result: SweepResult
    let request: SweepRequest
    let meter: SweepMeter
    /// Whether the chip has nothing against a change.
    let safety: EditSafety
    private var phase = Phase.baseline
    /// The positions of the trials in the order in which they are measured.
    private var order: [Int] = []
    private var pace: SweepPace?
    /// The clips that are best for their layers' own results, of those that lose much now.
    private var repairs: [SweepChoice] = []

    private enum Phase {
        case baseline
        /// The next trial, by its place in the order.
        case alone(Int)
        /// The next mix of bits.
        case mixes(Int)
        /// Each layer's own best clip, all at once; then gains in falling order.
        case together(JointTrial<SweepChoice>)
        case end
    }

    /// How many mixes of bits are measured.
    static let mixes = 12

    /// A sweep that has measured nothing yet; measures of an earlier one that were kept in `cache` count where the
    /// network measures the same as then.
    public init(_ request: SweepRequest, cache: SweepCache? = nil) throws(SweepError) {
        self.request = request
        meter = SweepMeter(request, cache: cache)
        // Recommended clips and factors are what a sweep puts to the test.
        safety = EditSafety(request.probe.network, on: [request.device], from: .warning)
        let analysis = Analysis(request.probe.network, on: request.probe.family)
        let trials = SweepTrials(request, analysis).trials
        guard trials.contains(where: { !$0.isPresent }) else { throw .nothingToChange(request.setting) }
        result = SweepResult(request: request, cost: SweepCosts(analysis), trials: trials)
        result.progress.of = 1 + trials.count { !$0.isPresent }
    }

    /// Measures a few samples to say in `result.secondsLeft` how long all will take.
    public func estimate(isCancelled: () -> Bool = { false }) {
        guard case .baseline = phase, let times = ProbeTimes(request.probe, isCancelled: isCancelled) else {
            return
        }
        let pace = SweepPace(SweepPace.Expectation(layers: times.trials, whole: times.whole))
        self.pace = pace
        result.secondsLeft = times.probe + pace.seconds(trialsLeft)
    }

    /// Takes the next trial; false where none is left, or `isCancelled` became true, after which it can be called again.
    public func advance(isCancelled: () -> Bool = { false }) throws(SweepError) -> Bool {
        let clock = ContinuousClock()
        let start = clock.now
        let measured = meter.measured
        let next = trialsLeft.first ?? []
        let hasMore = try takeTrial(isCancelled)
        if meter.measured > measured { pace?.count(next, seconds: (clock.now - start) / .seconds(1)) }
        result.secondsLeft = result.isComplete ? nil : pace?.seconds(trialsLeft)
        return hasMore
    }

    private func takeTrial(_ isCancelled: () -> Bool) throws(SweepError) -> Bool {
        switch phase {
        case .baseline:
            guard let (found, report) = try meter.baseline(isCancelled) else { return false }
            result.baseline = found
            result.samples = report.samples
            result.weights = report.weights
            result.data =
                report.feeds.compactMap { feed in
                    if case .data(let spec) = feed.content { return spec }
                    return nil
                }.first ?? "drawn values"
            let analysis = Analysis(request.probe.network, on: request.probe.family)
            let trials = SweepTrials(request, analysis, seen: report)
            result.trials = trials.trials
            repairs = trials.repairs
            order = trials.order(of: result.trials)
            pace = meter.expectation.map(SweepPace.init)
            result.progress.of = 1 + result.trials.count { !$0.isPresent }
            for index in result.trials.indices where result.trials[index].isPresent {
                result.trials[index].measure = found
            }
            result.progress.done += 1
            phase = .alone(0)
        case .alone(let place):
            guard place < order.count else {
                combine()
                return true
            }
            guard try tryAlone(order[place], isCancelled) else { return false }
            result.progress.done += 1
            result.mixes = singles
            phase = .alone(place + 1)
        case .mixes(let index):
            guard index < result.mixes.count else {
                result.mixes = unbeaten(result.mixes)
                finish()
                return false
            }
            let choices = result.mixes[index].choices
            let found = choices.isEmpty ? result.baseline : try meter.measure(choices, isCancelled)
            guard let found else { return false }
            result.mixes[index].measure = found
            result.progress.done += 1
            phase = .mixes(index + 1)
        case .together(let joint):
            guard joint.next != nil else {
                finish()
                return false
            }
            try join(joint, isCancelled)
        case .end: return false
        }
        return true
    }

    /// Measures one trial, where the chip has nothing against it; false where it was cancelled.
    private func tryAlone(_ index: Int, _ isCancelled: () -> Bool) throws(SweepError) -> Bool {
        let choice = result.trials[index].choice
        result.trials[index].cost = meter.cost(of: [choice])
        guard safety.isSafe([choice.edit]) else {
            result.trials[index].isForbidden = true
            return true
        }
        result.trials[index].measure = try meter.measure([choice], isCancelled)
        return result.trials[index].measure != nil
    }

    private func finish() {
        phase = .end
        result.isComplete = true
        meter.save()
    }

    /// Changed networks that were measured: others were known.
    var measured: Int { meter.measured }

    /// Keeps what was measured, for a sweep that goes on later.
    public func save() { meter.save() }

    // MARK: - Together

    private func combine() {
        switch request.setting {
        case .bits:
            result.mixes = mixes()
            result.progress.of += result.mixes.count
            phase = .mixes(0)
        case .clip, .factor:
            result.mixes = []
            let joint = JointTrial(
                Sweep.value(result.baseline), together: repairs, then: gains, leastGain: Sweep.leastGain
            ) { $0.layer == $1.layer && $0.field == $1.field }
            result.progress.of += joint.remaining
            phase = .together(joint)
        }
    }

    /// What changes together are judged by.
    private static func value(_ measure: SweepMeasure?) -> Double { measure?.sqnr ?? .infinity }

    /// Takes the next trial of changes together, where the chip has nothing against them.
    private func join(
        _ joint: JointTrial<SweepChoice>, _ isCancelled: () -> Bool
    ) throws(SweepError) {
        guard let choices = joint.next else { return }
        let left = joint.remaining
        var joint = joint
        if safety.isSafe(choices.map(\.edit)), let cost = meter.cost(of: choices) {
            guard let found = try meter.measure(choices, isCancelled) else { return }
            if joint.take(Sweep.value(found)) {
                meter.build(on: choices)
                result.mixes.append(
                    SweepMix(choices: choices, predicted: nil, measure: found, cost: cost))
            }
        } else {
            joint.skip()
        }
        result.progress.done += 1
        result.progress.of += joint.remaining - (left - 1)
        phase = .together(joint)
    }

    /// The changes of the trials that are left, as far as they are known. Of what is tried together only the number can be
    /// guessed before: of clips and factors, half of the layers gain something.
    private var trialsLeft: [[SweepChoice]] {
        switch phase {
        case .baseline: result.trials.filter { !$0.isPresent }.map { [$0.choice] } + trialsTogether
        case .alone(let place): order[place...].map { [result.trials[$0].choice] } + trialsTogether
        case .mixes(let index): result.mixes[index...].map(\.choices)
        case .together(let joint): joint.left
        case .end: []
        }
    }

    private var trialsTogether: [[SweepChoice]] {
        guard request.setting != .bits else { return Array(repeating: [], count: Sweep.mixes) }
        return result.rows.enumerated().filter { $0.offset.isMultiple(of: 2) }
            .compactMap { row in row.element.first.map { [$0.choice] } }
    }

    /// A gain below this is no reason to change a value, in dB.
    static let leastGain = 0.05
}
