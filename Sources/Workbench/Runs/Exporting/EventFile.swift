import Datasets
import QAT

/// A run as an event file of TensorBoard: scalars and histograms by step.
///
/// Names: `train/loss`, `train/learning_rate` and so on of each `RunMetric`; `test/quantized/loss` and
/// `accuracy` or `sqnr` of each split and mode; `sqnr/LAYER/TENSOR` in dB and `clip_ratio/LAYER/TENSOR`, `flips/LAYER/weight`; `LAYER/TENSOR` for
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
