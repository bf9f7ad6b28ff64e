import Datasets
import Devices
import Editing
import Graph
public import QAT
public import Sessions

// A range test of learning rates on a session, in which nothing changes.
extension TrainingRun {
    /// What watchers of a range test are told.
    public enum RateEvent: Sendable {
        /// The test is about to make its first step, with these remarks on the data.
        case started(TrainingPlan, RateRangeTest.Bounds, notes: [String])
        /// A step is done, counted from 1.
        case step(Int, RateRangeTest.Point)
        /// The test is over.
        case ended(RateRangeTest)
    }

    /// Tries learning rates for a plan; `fromWeights` begins with the session's weights instead of drawing new ones. Nothing is
    /// recorded. Throws `TrainingError` or `SessionError`.
    public static func testRates(
        of session: Session, for plan: TrainingPlan, fromWeights: Bool, _ bounds: RateRangeTest.Bounds,
        isStopped: () -> Bool, tell: (RateEvent) -> Void
    ) throws -> RateRangeTest {
        guard let input = session.document.network.inputs.first else {
            throw TrainingError.mismatch("the network has no input to feed data into")
        }
        let spec = try DataSpec(plan.data)
        let data = try Dataset.open(
            spec, shape: input.shape, task: session.document.network.task,
            readsLabels: plan.readsLabels(of: spec), seed: plan.seed)
        let weights = try session.weights(isRequired: fromWeights)
        let document = session.document
        let trainer = try Trainer(
            document.network, on: document.device.family, padsBothSides: document.device.padsBothSides,
            plan: plan, data: data, weights: fromWeights ? weights : nil,
            teacher: plan.loss == .distillation ? try teacher(of: session, weights) : nil
        ) { $0.digest }
        tell(.started(plan, bounds, notes: data.notes))
        let test = try trainer.testRates(bounds, isCancelled: isStopped) { tell(.step($0, $1)) }
        tell(.ended(test))
        return test
    }
}
