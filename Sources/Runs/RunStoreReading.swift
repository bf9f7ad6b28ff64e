import Editing
import GRDB
import Graph
import Platform
public import QAT
public import Weights

/// What a store knows of its runs.
extension RunStore {
    /// All runs, oldest first.
    public func runs() throws(RunStoreError) -> [RunRecord] {
        try read { try RunRecord.rows(in: $0) }
    }

    /// The run of a name, or nil.
    public func run(_ id: String) throws(RunStoreError) -> RunRecord? {
        try read { try RunRecord.rows(id: id, in: $0).first }
    }

    /// The data of the run that was finished last, as typed; nil where there is none.
    var dataOfLastFinishedRun: String? {
        get throws(RunStoreError) {
            try read {
                try String.fetchOne(
                    $0,
                    sql: "SELECT data FROM runs WHERE state = 'finished' ORDER BY ended DESC, id DESC LIMIT 1"
                )
            }
        }
    }

    /// The training plan of the run that was finished last; nil where there is none, or none that this program understands.
    var planOfLastFinishedRun: TrainingPlan? {
        get throws(RunStoreError) {
            try runs().filter { $0.state == .finished }
                .max { ($0.ended ?? 0, $0.id) < ($1.ended ?? 0, $1.id) }
                .flatMap { TrainingPlan(json: $0.plan) }
        }
    }

    /// How the steps of a run went that come after one, in their order.
    public func metrics(of run: String, after step: Int = -1) throws(RunStoreError) -> [RunMetrics] {
        try read { try RunMetrics.rows(of: run, where: "step > ?", [step], by: "step", in: $0) }
    }

    /// How the last step of a run went, or nil before the first.
    public func lastMetrics(of run: String) throws(RunStoreError) -> RunMetrics? {
        try read { database in
            try RunMetrics.rows(
                of: run, where: "step = (SELECT max(step) FROM metrics WHERE run = ?)", [run], by: "step",
                in: database
            ).first
        }
    }

    /// How good the network was after the steps that come after one, in their order.
    public func evaluations(of run: String, after step: Int = -1) throws(RunStoreError) -> [RunEvaluation] {
        try read {
            try RunEvaluation.rows(of: run, where: "step > ?", [step], by: "step, split, mode", in: $0)
        }
    }

    /// The values of a layer, or of all, at the steps that come after one, in their order.
    public func ranges(
        of run: String, layer: String? = nil, after step: Int = -1
    ) throws(RunStoreError) -> [RunRange] {
        try read {
            try RunRange.rows(
                of: run, where: "step > ?" + (layer == nil ? "" : " AND layer = ?"),
                [step] + (layer.map { [$0] } ?? []), by: "step, layer, tensor", in: $0)
        }
    }

    /// How the values of a tensor were spread at the steps that come after one, in their order.
    public func histograms(
        of run: String, layer: String, _ tensor: TensorObservation.Kind, after step: Int = -1
    ) throws(RunStoreError) -> [RunHistogram] {
        try read {
            try RunHistogram.rows(
                of: run, where: "step > ? AND layer = ? AND tensor = ?", [step, layer, tensor.rawValue],
                by: "step", in: $0)
        }
    }

    /// How the values of a tensor were spread at a step, or at the last one before it that was recorded.
    public func histogram(
        of run: String, layer: String, _ tensor: TensorObservation.Kind, at step: Int = .max
    ) throws(RunStoreError) -> RunHistogram? {
        try read {
            try RunHistogram.rows(
                of: run, where: "layer = ? AND tensor = ? AND step <= ?", [layer, tensor.rawValue, step],
                by: "step DESC LIMIT 1", in: $0
            ).first
        }
    }

    /// The steps whose histograms were recorded, in their order.
    public func histogramSteps(of run: String) throws(RunStoreError) -> [Int] {
        try read {
            try Row.fetchAll(
                $0, sql: "SELECT DISTINCT step FROM histograms WHERE run = ? ORDER BY step", arguments: [run]
            ).map { try $0.count("step") }
        }
    }

    /// The layers whose histograms were recorded, in the order of their names.
    func histogramLayers(of run: String) throws(RunStoreError) -> [String] {
        try read {
            try String.fetchAll(
                $0, sql: "SELECT DISTINCT layer FROM histograms WHERE run = ? ORDER BY layer",
                arguments: [run])
        }
    }

    /// The checkpoints of a run: the last, the best, or none yet.
    public func checkpoints(of run: String) throws(RunStoreError) -> [RunCheckpoint] {
        try read { try RunCheckpoint.rows(of: run, where: "TRUE", [], by: "kind DESC", in: $0) }
    }

    /// A number that differs from the one before where anybody else has written meanwhile: cheap to ask often.
    public func changes() throws(RunStoreError) -> Int {
        try read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
    }

    /// Reads a checkpoint of a run, or gives nil where none was written.
    public func checkpoint(
        _ kind: RunCheckpoint.Kind = .last, of run: String
    ) throws(RunStoreError) -> Safetensors? {
        try read(RunFiles.checkpoint(kind, of: run))
    }

    /// Reads the float model that a run learns from, or gives nil where there is none. Runs that kept no network beside the
    /// weights learn from their own, which is `network`.
    func teacher(of run: String, network: Network) throws(RunStoreError) -> FloatModel? {
        guard let weights = try read(RunFiles.teacher(of: run)) else { return nil }
        let file = RunFiles.teacherNetwork(of: run)
        do {
            guard let bytes = try files.readIfThere(file, limit: JSON.sizeLimit) else {
                return FloatModel(network: network, weights: weights)
            }
            return FloatModel(network: try Document(bytes: bytes).network, weights: weights)
        } catch {
            throw .unreadable(files.path(of: file), reason: "\(error)")
        }
    }

    private func read(_ name: String) throws(RunStoreError) -> Safetensors? {
        let bytes: [UInt8]?
        do {
            bytes = try files.readIfThere(name, limit: RunStore.checkpointLimit)
        } catch {
            throw .unreadable(files.path(of: name), reason: "\(error)")
        }
        do {
            return try bytes.map { bytes throws(SafetensorsError) in try Safetensors(bytes: bytes) }
        } catch {
            throw .brokenCheckpoint(files.path(of: name), error)
        }
    }

    /// Larger files are no checkpoints of networks for these chips.
    private static let checkpointLimit = 8 << 30
}
