import Devices
import Editing
import Graph
import QAT
public import Sessions

/// A session as one of its runs has left it.
extension Session {
    /// The session with the network and the numbers of a run's checkpoint, to look at, measure or export: also of a run
    /// that was stopped or failed. `name` is as much of the run's name as no other has, or "last".
    ///
    /// Throws `SessionError`, `RunStoreError` or `TrainingError`.
    public func asOf(run name: String, _ kind: RunCheckpoint.Kind) throws -> Session {
        let folder = try folder()
        guard let store = try RunStore.openForReading(session: folder) else {
            throw RunStoreError.noRun(name, store: folder)
        }
        let record = try RunName.resolved(name, among: try store.runs().reversed(), in: store.path)
        guard let checkpoint = try store.checkpoint(kind, of: record.id) else {
            throw TrainingError.checkpoint(
                "run '\(record.id)' has no checkpoint\(kind == .best ? " of a best evaluation" : "")")
        }
        guard let plan = TrainingPlan(json: record.plan) else {
            throw TrainingError.checkpoint(
                "run '\(record.id)' has no plan that this magikbench understands")
        }
        var document = try Document(bytes: Array(record.network.utf8))
        let state = try Checkpoint.state(of: checkpoint)
        guard plan.stages.indices.contains(state.stage) else {
            throw TrainingError.checkpoint(
                "the checkpoint is at stage \(state.stage + 1); the plan has \(plan.stages.count)")
        }
        document.network = plan.stages[state.stage].network(of: document.network)
        let weights = try Checkpoint.weights(
            of: checkpoint, document.network, on: document.device.family, digest: document.network.digest)
        return Session(self, document: document, carrying: weights)
    }

    /// The data that the weights were trained on: that of the last run that was finished, which wrote them; nil where
    /// none is recorded.
    public var weightsData: String? {
        get throws { try RunStore.openForReading(session: try folder())?.dataOfLastFinishedRun }
    }

    /// Whether the weights were learned behind their quantizers, and are not those of a float model that was quantized: what the
    /// quantizers cut off was never part of the network. False where it is not known, as where the runs cannot be read.
    public var weightsWereTrainedQuantized: Bool {
        do {
            guard path != file, document.network.isQuantized, try floatModel() == nil,
                let store = try RunStore.openForReading(session: try folder()),
                let stage = try store.planOfLastFinishedRun?.stages.last
            else { return false }
            return stage.bits != Quantization.float
        } catch {
            // What is about runs says why they cannot be read; advice does without them.
            return false
        }
    }
}
