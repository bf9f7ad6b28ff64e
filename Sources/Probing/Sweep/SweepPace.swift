import Foundation
import QAT

/// How long the trials of a sweep that are left will take. What they are expected to take is corrected by the trials that
/// were taken: by what these took over what they were expected to.
struct SweepPace {
    /// What trials are expected to take, in seconds.
    struct Expectation {
        /// By layer, a trial with that layer changed.
        var layers: [String: Double]
        /// A trial with all layers changed.
        var whole: Double

        /// A trial with some layers changed: that of the one that reaches the most.
        func seconds(_ choices: [SweepChoice]) -> Double {
            choices.compactMap { layers[$0.layer] }.max() ?? whole
        }
    }

    var expectation: Expectation
    private var taken = 0.0
    private var expected = 0.0

    init(_ expectation: Expectation) { self.expectation = expectation }

    /// Counts a trial that was taken.
    mutating func count(_ choices: [SweepChoice], seconds: Double) {
        taken += seconds
        expected += expectation.seconds(choices)
    }

    /// What trials are expected to take, by those before.
    func seconds(_ trials: [[SweepChoice]]) -> Double {
        let ratio = expected > 0 ? taken / expected : 1
        return trials.reduce(0) { $0 + expectation.seconds($1) } * ratio
    }
}
