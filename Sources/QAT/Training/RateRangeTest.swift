import Datasets
import Foundation
import Graph

/// A range test of learning rates (Smith 2017, "Cyclical learning rates for training neural networks", section 3.3): the rate
/// grows by the same factor from step to step, and the loss says where it begins to learn and where it breaks down.
public struct RateRangeTest: Hashable, Sendable {
    /// The rates that are tried.
    public struct Bounds: Hashable, Sendable {
        /// The first rate.
        public var low = 1e-6
        /// The last rate.
        public var high = 1.0
        /// The steps between them.
        public var steps = 100

        /// From 1e-6 to 1 in 100 steps.
        public init() {}

        /// The rate of a step, counted from 0.
        public func rate(of step: Int) -> Double {
            low * pow(high / low, Double(step) / Double(max(1, steps - 1)))
        }
    }

    /// A step at a rate.
    public struct Point: Hashable, Sendable {
        /// The rate that was applied.
        public var rate: Double
        /// The mean loss of the batch in front of that step.
        public var loss: Double

        /// A step.
        public init(rate: Double, loss: Double) { (self.rate, self.loss) = (rate, loss) }
    }

    /// The steps, the rate growing.
    public var points: [Point]
    /// Why it ended before its last rate: a number was not finite, or the smoothed loss rose above four times its least;
    /// nil where it did not.
    public var breakdown: String?

    /// A test that was made.
    public init(points: [Point] = [], breakdown: String? = nil) {
        self.points = points
        self.breakdown = breakdown
    }

    /// So many times the least smoothed loss end the test.
    static let most = 4.0
    /// Steps at each side that a loss is averaged with.
    static let reach = 3

    /// The losses, each the mean of itself and its neighbours.
    public var smoothed: [Double] {
        points.indices.map { index in
            let part = points[
                max(0, index - RateRangeTest.reach)..<min(points.count, index + RateRangeTest.reach + 1)]
            return part.reduce(0) { $0 + $1.loss } / Double(part.count)
        }
    }

    /// The rate at which the loss falls most for its logarithm, of those up to the least loss: the steepest descent. Nil where
    /// the loss does not fall by a fiftieth.
    public var proposal: Double? {
        let losses = smoothed
        let first = losses.prefix(max(1, losses.count / 5))
        guard losses.count >= 12, let least = losses.indices.min(by: { losses[$0] < losses[$1] }),
            let start = first.max(), losses[least] < 0.98 * start
        else { return nil }
        // A slope over several steps on both sides, for single batches differ.
        let reach = max(2, losses.count / 20)
        let slopes = (reach..<max(reach + 1, min(least + 1, losses.count - reach))).map { index in
            (index, losses[index + reach] - losses[index - reach])
        }
        guard let steepest = slopes.min(by: { $0.1 < $1.1 }), steepest.1 < 0 else { return nil }
        return twoDigits(points[steepest.0].rate)
    }

    /// What the test says, in a sentence.
    public var sentence: String {
        guard !points.isEmpty else { return "no step was made" }
        guard let proposal else {
            return "the loss fell at no rate: other initial weights, batch norm or another optimizer may help"
        }
        return "the loss falls most steeply at a rate of \(proposal)"
    }
}

extension Trainer {
    /// Makes the steps of a range test with the optimizer of the first stage, on the trainer's own numbers: a trainer that has
    /// made one is of no further use. `tell` hears each step; `isCancelled` ends the test.
    public func testRates(
        _ bounds: RateRangeTest.Bounds, isCancelled: () -> Bool, tell: (Int, RateRangeTest.Point) -> Void
    ) throws(TrainingError) -> RateRangeTest {
        let step = try StageStep(
            Analysis(stageNetwork, on: family), store: store, plan: plan, stage: stage,
            isQuantized: isQuantized, padsBothSides: padsBothSides, products: .fixed, teacher: teacher,
            data: data)
        let loader = Loader(
            data, split: .train, batch: plan.batch, seed: plan.seed, shuffled: true, augmented: true,
            dropsLast: true, mean: step.normalization.mean, variance: step.normalization.variance)
        var test = RateRangeTest()
        while test.points.count < bounds.steps, !isCancelled() {
            let rate = bounds.rate(of: test.points.count)
            let done: StepResult?
            do throws(TrainingError) {
                done = try step.run(loader, rate: rate, at: test.points.count + 1, isFrozen: false)
            } catch .notFinite(_, let layer, let what) {
                test.breakdown =
                    "at a rate of \(twoDigits(rate)) \(what) in '\(layer)' is not finite"
                break
            }
            guard let done else { continue }
            let point = RateRangeTest.Point(rate: rate, loss: done.loss)
            test.points.append(point)
            tell(test.points.count, point)
            let losses = test.smoothed
            if let least = losses.min(), let now = losses.last, test.points.count > 10,
                now > RateRangeTest.most * least
            {
                test.breakdown = "at a rate of \(twoDigits(rate)) the loss has grown fourfold"
                break
            }
        }
        return test
    }
}
