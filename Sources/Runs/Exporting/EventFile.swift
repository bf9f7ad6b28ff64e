import Datasets
import QAT

/// A run as an event file of TensorBoard: scalars and histograms by step.
///
/// Names: `train/loss`, `train/learning_rate` and so on of each `RunMetric`; `test/quantized/loss` and
/// `accuracy`, `sqnr` and each `MeasuredNumber` of each split and mode; `sqnr/LAYER/TENSOR` in dB and `clip_ratio/LAYER/TENSOR`, `flips/LAYER/weight`; `LAYER/TENSOR` for
/// histograms.
struct EventFile {
    private let record: RunRecord
    private var events: [Int: EventValues] = [:]
    /// When each step was made, where the store says so.
    private var times: [Int: Double] = [:]

    /// Reads a run.
    init(of record: RunRecord, in store: RunStore) throws(RunStoreError) {
        self.record = record
        for row in try store.metrics(of: record.id) {
            times[row.step] = row.written
            for metric in RunMetric.allCases {
                if let number = row[metric] ?? metric.missing {
                    add("train/" + metric.column, number, at: row.step)
                }
            }
        }
        for row in try store.evaluations(of: record.id) {
            let name = "\(row.split.storedName)/\(row.mode.rawValue)"
            add(name + "/loss", row.loss, at: row.step)
            if let accuracy = row.accuracy { add(name + "/accuracy", accuracy, at: row.step) }
            if let sqnr = row.sqnr { add(name + "/sqnr", sqnr, at: row.step) }
            for number in MeasuredNumber.allCases {
                if let value = row.numbers[number] { add("\(name)/\(number.column)", value, at: row.step) }
            }
        }
        for row in try store.ranges(of: record.id) {
            let name = "\(row.layer)/\(row.tensor.rawValue)"
            if let sqnr = row.sqnr { add("sqnr/" + name, sqnr, at: row.step) }
            if let ratio = row.clipRatio { add("clip_ratio/" + name, ratio, at: row.step) }
            if let flips = row.flips { add("flips/" + name, flips, at: row.step) }
        }
        for layer in try store.histogramLayers(of: record.id) {
            for tensor in TensorObservation.Kind.allCases {
                // One tensor at a time: counts are long.
                for histogram in try store.histograms(of: record.id, layer: layer, tensor) {
                    change(histogram.step) { $0.add("\(layer)/\(tensor.rawValue)", histogram) }
                }
            }
        }
    }

    /// The records of the file: the version, then a record a step, in their order.
    var records: [[UInt8]] {
        [EventValues.header(time: record.started)]
            + events.keys.sorted().compactMap { step in
                guard var event = events[step] else { return nil }
                // Looks and measurements have no time of their own.
                event.time = times[step] ?? record.started
                return event.record
            }
    }

    private mutating func add(_ name: String, _ number: Double, at step: Int) {
        change(step) { $0.add(name, number) }
    }

    private mutating func change(_ step: Int, _ body: (inout EventValues) -> Void) {
        body(&events[step, default: EventValues(time: record.started, step: step)])
    }
}

/// The frames of TensorBoard's event files: TFRecords, each the length of its data (8 bytes, little endian), a masked
/// CRC-32C of that, the data, and a masked CRC-32C of the data.
enum EventRecord {
    /// The frame of some data.
    static func framed(_ data: [UInt8]) -> [UInt8] {
        let length = little(UInt64(data.count))
        return length + little(CRC32C.masked(length)) + data + little(CRC32C.masked(data))
    }

    /// The bytes of a number, the lowest first.
    static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        stride(from: 0, to: Number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

/// The cyclic redundancy check with Castagnoli's polynomial (RFC 3720, B.4).
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }

    /// The checksum of some bytes.
    static func of(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ sum >> 8 }
    }

    /// The checksum as records hold it, so that a checksum of data with checksums is one as well.
    static func masked(_ bytes: [UInt8]) -> UInt32 {
        let sum = of(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
