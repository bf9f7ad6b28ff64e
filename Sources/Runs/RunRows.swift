import Datasets
import Foundation
import GRDB
import Graph
import QAT

/// A value that is a row of a table.
protocol StoredRow {
    /// The name of the table.
    static var table: String { get }
    /// The columns, without the run's.
    static var columns: [String] { get }
    /// The values, in the order of the columns.
    var values: [(any DatabaseValueConvertible)?] { get }
    /// The value that a row stands for.
    init(_ row: Row) throws
}

extension StoredRow {
    /// Writes the row, in place of one that has the same key: a run that goes on repeats steps.
    func insert(run: String, in database: Database) throws {
        let columns = Self.columns.joined(separator: ", ")
        let marks = String(repeating: ", ?", count: Self.columns.count)
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO \(Self.table) (run, \(columns)) VALUES (?\(marks))")
        try statement.execute(arguments: StatementArguments([run] + values))
    }

    /// The rows of a run that fulfil a condition, in the order of a key.
    static func rows(
        of run: String, where condition: String, _ arguments: [any DatabaseValueConvertible], by key: String,
        in database: Database
    ) throws -> [Self] {
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns.joined(separator: ", ")) FROM \(table) "
                + "WHERE run = ? AND \(condition) ORDER BY \(key)")
        // A cursor copies no row.
        let rows = try Row.fetchCursor(statement, arguments: StatementArguments([run] + arguments))
        var values: [Self] = []
        while let row = try rows.next() { values.append(try Self(row)) }
        return values
    }
}

extension Row {
    /// The value of a column; throws where it has another type, or none.
    func get<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
        let stored: DatabaseValue = self[column]
        guard let value = Value.fromDatabaseValue(stored) else {
            throw DamagedRow(reason: "\(column) is \("\(stored)".oneLine(upTo: 64))")
        }
        return value
    }

    /// The value of a column, or nil where there is none; throws where it has another type.
    func find<Value: DatabaseValueConvertible>(_ column: String) throws -> Value? {
        let stored: DatabaseValue = self[column]
        return stored.isNull ? nil : try get(column)
    }

    /// The number of a column, and not a number where there is none: SQLite stores such numbers as NULL.
    func number(_ column: String) throws -> Double { try find(column) ?? .nan }

    /// A whole number that counts something, from 0 to `TrainingLimits.count`: sums and products of it stay whole numbers.
    func count(_ column: String) throws -> Int {
        let number: Int = try get(column)
        guard (0...TrainingLimits.count).contains(number) else {
            throw DamagedRow(reason: "\(column) is \(number)")
        }
        return number
    }

    /// A number that counts something, or nil for NULL.
    func findCount(_ column: String) throws -> Int? {
        (self[column] as DatabaseValue).isNull ? nil : try count(column)
    }

    /// A moment in seconds since 1970, within the years that a calendar has; NULL means that it is not known.
    func time(_ column: String) throws -> Double { try findTime(column) ?? .nan }

    /// A moment, or nil for NULL.
    func findTime(_ column: String) throws -> Double? {
        guard let seconds: Double = try find(column) else { return nil }
        guard abs(seconds) < 2.5e11 else { throw DamagedRow(reason: "\(column) is \(seconds)") }
        return seconds
    }

    /// The part of a data set that a column names; throws where it names none.
    func split(_ column: String) throws -> Split {
        let text: String = try get(column)
        guard let split = Split(storedName: text) else {
            throw DamagedRow(reason: "\(column) is '\(text.oneLine(upTo: 64))'")
        }
        return split
    }

    /// The word of a column as one of a closed list; throws where it is none of them.
    func word<Word: RawRepresentable<String>>(_ column: String) throws -> Word {
        let text: String = try get(column)
        guard let word = Word(rawValue: text) else {
            throw DamagedRow(reason: "\(column) is '\(text.oneLine(upTo: 64))'")
        }
        return word
    }
}

/// A row holds what no magikbench writes.
struct DamagedRow: Error {
    let reason: String
}

extension RunMetrics: StoredRow {
    static let table = "metrics"
    static let columns = ["step", "epoch", "stage"] + RunMetric.columns + ["written"]
    var values: [(any DatabaseValueConvertible)?] {
        [step, epoch, stage] + RunMetric.allCases.map { self[$0] } + [written]
    }

    init(_ row: Row) throws {
        self.init(
            step: try row.count("step"), epoch: try row.count("epoch"), stage: try row.count("stage"),
            values: try RunMetric.columns.map { try row.find($0) }, written: try row.findTime("written"))
    }
}

extension RunEvaluation: StoredRow {
    static let table = "evaluations"
    static let columns =
        ["step", "epoch", "split", "mode", "loss", "accuracy", "sqnr", "samples"]
        + MeasuredNumber.allCases.map(\.column)
    var values: [(any DatabaseValueConvertible)?] {
        [step, epoch, split.storedName, mode.rawValue, loss, accuracy, sqnr, samples]
            + MeasuredNumber.allCases.map { numbers[$0] }
    }

    init(_ row: Row) throws {
        self.init(
            step: try row.count("step"), epoch: try row.count("epoch"), split: try row.split("split"),
            mode: try row.word("mode"), loss: try row.number("loss"), accuracy: try row.find("accuracy"),
            sqnr: try row.find("sqnr"), samples: try row.findCount("samples"))
        for number in MeasuredNumber.allCases { numbers[number] = try row.find(number.column) }
    }
}

extension RunRange: StoredRow {
    static let table = "ranges"
    static let columns = [
        "step", "layer", "tensor", "min", "max", "clip", "clip_ratio", "mean", "deviation", "sqnr",
        "flips", "dead_channels", "statistics_gap",
    ]
    var values: [(any DatabaseValueConvertible)?] {
        [
            step, layer, tensor.rawValue, minimum, maximum, clip, clipRatio, mean, deviation, sqnr, flips,
            deadChannels, statisticsGap,
        ]
    }

    init(_ row: Row) throws {
        self.init(
            step: try row.count("step"), layer: try row.get("layer"), tensor: try row.word("tensor"),
            minimum: try row.number("min"), maximum: try row.number("max"), clip: try row.find("clip"),
            clipRatio: try row.find("clip_ratio"), mean: try row.number("mean"),
            deviation: try row.number("deviation"), sqnr: try row.find("sqnr"),
            flips: try row.find("flips"), deadChannels: try row.find("dead_channels"),
            statisticsGap: try row.find("statistics_gap"))
    }
}

extension RunHistogram: StoredRow {
    static let table = "histograms"
    static let columns = ["step", "layer", "tensor", "low", "high", "counts"]
    var values: [(any DatabaseValueConvertible)?] {
        [step, layer, tensor.rawValue, low, high, RunHistogram.blob(of: counts)]
    }

    init(_ row: Row) throws {
        self.init(
            step: try row.count("step"), layer: try row.get("layer"), tensor: try row.word("tensor"),
            low: try row.number("low"), high: try row.number("high"),
            counts: try RunHistogram.counts(in: try row.get("counts")))
    }

    /// Four bytes a count, little endian.
    private static func blob(of counts: [UInt32]) -> Data {
        var blob = Data(capacity: counts.count * 4)
        for count in counts {
            for shift in stride(from: 0, to: 32, by: 8) {
                blob.append(UInt8(truncatingIfNeeded: count >> shift))
            }
        }
        return blob
    }

    private static func counts(in blob: Data) throws -> [UInt32] {
        guard blob.count.isMultiple(of: 4) else { throw DamagedRow(reason: "counts has \(blob.count) bytes") }
        let bytes = Array(blob)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            let low = UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
            let high = UInt32(bytes[start + 2]) | UInt32(bytes[start + 3]) << 8
            return low | high << 16
        }
    }
}

extension RunCheckpoint: StoredRow {
    static let table = "checkpoints"
    static let columns = ["kind", "step", "epoch", "path", "written"]
    var values: [(any DatabaseValueConvertible)?] { [kind.rawValue, step, epoch, path, written] }

    init(_ row: Row) throws {
        self.init(
            kind: try row.word("kind"), step: try row.count("step"), epoch: try row.count("epoch"),
            path: try row.get("path"), written: try row.time("written"))
    }
}

extension RunResumption: StoredRow {
    static let table = "resumptions"
    static let columns = ["step", "resumed", "ended", "state", "message"]
    var values: [(any DatabaseValueConvertible)?] { [step, resumed, ended, state.rawValue, message] }

    init(_ row: Row) throws {
        self.init(
            step: try row.count("step"), resumed: try row.time("resumed"), ended: try row.findTime("ended"),
            state: try row.word("state"), message: try row.find("message"))
    }
}

extension RunReport {
    /// The row that the report is.
    var row: any StoredRow {
        switch self {
        case .metrics(let metrics): metrics
        case .evaluation(let evaluation): evaluation
        case .range(let range): range
        case .histogram(let histogram): histogram
        case .checkpoint(let checkpoint): checkpoint
        }
    }
}
