import Datasets
import GRDB
import QAT
import Sessions

/// Reads runs for tables and comparisons; keeps what it has read, and reads again only what has changed.
public struct RunComparer: Sendable {
    /// The runs of the store, the newest first.
    public private(set) var runs: [RunFacts] = []
    /// How much of the value before stays in a smoothed training loss.
    public let smoothing: Double

    private var list = RunList()
    private var costs: [RunFacts.Origin: RunFacts.Costs] = [:]
    private var traces: [String: CurveTrace] = [:]

    /// Nothing read yet; `smoothing` is one of `Smoothing.weights`, or another weight from 0 to below 1.
    public init(smoothing: Double = 0.9) { self.smoothing = smoothing }

    /// Reads the list of runs as it is now.
    public mutating func update(from store: RunStore) throws(RunStoreError) {
        try update(from: store, at: System.now)
    }

    package mutating func update(from store: RunStore, at now: Double) throws(RunStoreError) {
        try list.update(from: store, at: now)
        let known = Dictionary(uniqueKeysWithValues: runs.map { ($0.id, $0) })
        let changed = list.runs.filter { known[$0.record.id]?.isOf($0) != true }
        let measured = try store.read { database in
            try changed.map { try CurveTrace.evaluations(of: $0.record.id, in: database) }
        }
        let read = Dictionary(uniqueKeysWithValues: zip(changed.map(\.record.id), measured))
        runs = list.runs.map { run in
            if let evaluations = read[run.record.id] {
                return RunFacts(run, described(run), measured: evaluations)
            }
            guard var facts = known[run.record.id] else {
                preconditionFailure("a run that did not change was known before")
            }
            facts.summary = run
            return facts
        }
        let ids = Set(runs.map(\.id))
        traces = traces.filter { ids.contains($0.key) }
    }

    /// The runs of these names side by side, at most four; those that are gone are left out, and the others keep their
    /// letters.
    public mutating func compare(
        _ names: [String], from store: RunStore
    ) throws(RunStoreError) -> RunComparison {
        precondition(names.count <= RunComparison.limit, "at most four runs are compared")
        try update(from: store)
        var members: [RunComparison.Member] = []
        var sqnr: [[String: Double]] = []
        var flips: [[String: Double]] = []
        for (letter, name) in zip(["A", "B", "C", "D"], names) {
            guard let facts = runs.first(where: { $0.id == name }) else { continue }
            var trace =
                traces[name].flatMap { $0.isOf(facts.summary) ? $0 : nil }
                ?? CurveTrace(facts.summary, smoothing: smoothing)
            // There is no other reference to it, so that its series are not copied.
            traces[name] = nil
            try trace.update(from: store)
            traces[name] = trace
            members.append(
                .init(
                    letter: letter, facts: facts, trainLoss: trace.trainLoss,
                    stepsPerEpoch: facts.summary.record.stepsPerEpoch ?? trace.stepsPerEpoch))
            sqnr.append(trace.sqnr)
            flips.append(trace.flips)
        }
        return RunComparison(members, sqnr: sqnr, flips: flips)
    }

    private mutating func described(_ run: RunSummary) -> RunFacts.Costs {
        let origin = RunFacts.Origin(run)
        if let known = costs[origin] { return known }
        let found = origin.costs
        costs[origin] = found
        return found
    }
}

extension RunFacts {
    /// Whether nothing was written to the run since.
    fileprivate func isOf(_ run: RunSummary) -> Bool {
        summary.record == run.record && summary.last == run.last && summary.evaluation == run.evaluation
    }
}

/// What a comparison has read of a run's steps.
private struct CurveTrace {
    let run: String
    /// Who wrote it: another process has begun again at a checkpoint.
    private let process: RunProcess
    private var smoothing: Smoothing
    private var series = DownsampledSeries<CurvePoint>()
    private var lastStep = -1
    private var lastEpoch: Int?
    /// Steps of the first epoch, where the run came to its end.
    private(set) var stepsPerEpoch: Int?
    /// Decibels by layer at the last observation, the lower one of weights and result.
    private(set) var sqnr: [String: Double] = [:]
    /// The share of weights by layer whose code changed between the last two observations.
    private(set) var flips: [String: Double] = [:]

    var trainLoss: [CurvePoint] { series.samples }

    init(_ run: RunSummary, smoothing: Double) {
        self.run = run.record.id
        process = run.record.process
        self.smoothing = Smoothing(weight: smoothing)
    }

    /// Whether what was read is still what the run begins with.
    func isOf(_ run: RunSummary) -> Bool {
        process == run.record.process && lastStep <= run.last?.step ?? -1
    }

    /// Reads the steps that are new, and the last observation.
    mutating func update(from store: RunStore) throws(RunStoreError) {
        try store.read { database in
            try readSteps(in: database)
            (sqnr, flips) = try CurveTrace.looks(of: run, in: database)
        }
    }

    /// Columns by their place: a run may have made a hundred thousand steps.
    private mutating func readSteps(in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "SELECT step, epoch, loss FROM metrics WHERE run = ? AND step > ? ORDER BY step")
        let rows = try Row.fetchCursor(statement, arguments: [run, lastStep])
        while let row = try rows.next() {
            let values: (DatabaseValue, DatabaseValue, DatabaseValue) = (row[0], row[1], row[2])
            guard let step = Int.fromDatabaseValue(values.0), let epoch = Int.fromDatabaseValue(values.1),
                let loss = values.2.isNull ? .nan : Double.fromDatabaseValue(values.2)
            else { throw DamagedRow(reason: "a step of \(run) is no step") }
            if stepsPerEpoch == nil, lastEpoch == 0, epoch == 1 { stepsPerEpoch = lastStep }
            lastStep = step
            lastEpoch = epoch
            series.append(CurvePoint(x: Double(step), y: smoothing.next(loss)))
        }
    }

    /// Of the last two observations, because a flush may end between the rows of one.
    private static func looks(
        of run: String, in database: Database
    ) throws -> (
        sqnr: [String: Double], flips: [String: Double]
    ) {
        let steps = try Int.fetchAll(
            database, sql: "SELECT DISTINCT step FROM ranges WHERE run = ? ORDER BY step DESC LIMIT 2",
            arguments: [run])
        var newest: [String: [TensorObservation.Kind: Double]] = [:]
        var flips: [String: Double] = [:]
        for step in steps.reversed() {
            let rows = try RunRange.rows(
                of: run, where: "step = ?", [step], by: "layer, tensor", in: database)
            for row in rows {
                newest[row.layer, default: [:]][row.tensor] = row.sqnr
                if row.tensor == .weight { flips[row.layer] = row.flips }
            }
        }
        return (newest.compactMapValues { $0.values.filter { !$0.isNaN }.min() }, flips)
    }

    /// What was measured of a run, in the order of its steps.
    static func evaluations(of run: String, in database: Database) throws -> [RunEvaluation] {
        try RunEvaluation.rows(
            of: run, where: "split <> 'training'", [], by: "step, split, mode", in: database)
    }
}
