import CKernels
import Foundation

/// A moving average of a stage's weights, w' = w' + (1 - decay') (w - w') after each step.
///
/// The decay' rises from nothing, decay (1 - exp(-step / 2000)), so that the first steps are soon forgotten.
enum WeightAverage {
    /// Steps after which the decay has come within a third of what it rises to.
    private static let ramp = 2000.0

    /// What the average takes of the weights after a step of the stage, counted from 1.
    static func share(decay: Double, step: Int) -> Double {
        1 - decay * (1 - exp(-Double(step) / ramp))
    }
}

extension ParameterStore {
    /// Moves the parameters by a share of the way to those of a store with the same layout; statistics stay.
    func follow(_ other: ParameterStore, share: Double) {
        precondition(layout == other.layout, "a store of another network")
        ck_blend(values, other.values, Int64(layout.parameterCount), Float(1 - share), Float(share))
    }

    /// Takes over the parameters of a store with the same layout; statistics stay.
    func copyParameters(_ other: ParameterStore) {
        precondition(layout == other.layout, "a store of another network")
        values.update(from: other.values, count: layout.parameterCount)
    }
}
