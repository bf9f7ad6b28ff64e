import GRDB

/// What a run recorded after what a reader has seen, all of one moment.
struct RunUpdate {
    /// How the values of a layer's result were spread, in what a plot needs of a histogram.
    struct Spread {
        var step: Int
        var layer: String
        /// Below it lie 99.9 % of the values; nil where there are none.
        var upper: Double?
        /// Below it lies half of the values.
        var middle: Double?
        /// Where the quantizer's range ended at that step.
        var clip: Double?
        /// When the step was made.
        var written: Double?
    }

    /// What a reader has seen: the last step of each table.
    struct Seen {
        var metrics = -1
        var evaluations = ReadCursor()
        var ranges = ReadCursor()
        var histograms = ReadCursor()
    }

    /// The last step that was seen of a table with several rows a step, and which of its rows were: a flush may end
    /// between them.
    struct ReadCursor {
        private(set) var step = -1
        private var keys: Set<String> = []

        /// Whether a row was not seen before; it is from now on.
        mutating func isNew(_ step: Int, _ key: String) -> Bool {
            if step > self.step { (self.step, keys) = (step, []) }
            return step == self.step && keys.insert(key).inserted
        }
    }

    /// The most rows of each table that are read at once, but for those of one step.
    struct Portion {
        var metrics = 20_000
        var ranges = 10_000
        var histograms = 500
    }

    var metrics: [RunMetrics] = []
    var evaluations: [(row: RunEvaluation, written: Double?)] = []
    var ranges: [RunRange] = []
    var spreads: [Spread] = []
    /// All that there are.
    var checkpoints: [RunCheckpoint] = []
    /// All that there are.
    var resumptions: [RunResumption] = []
    /// Whether this was all.
    var isWhole = true
}

extension RunStore {
    /// What a run recorded after what was seen, or as much of that as is read at once.
    func update(
        of run: String, after seen: RunUpdate.Seen, portion: RunUpdate.Portion = .init()
    ) throws(RunStoreError) -> RunUpdate {
        try read { database in
            // The step before which every table has few enough rows.
            let ends = try [
                (RunMetrics.table, seen.metrics, portion.metrics),
                (RunRange.table, seen.ranges.step, portion.ranges),
                (RunHistogram.table, seen.histograms.step, portion.histograms),
            ].compactMap { table, step, count in
                try Int.fetchOne(
                    database,
                    sql:
                        "SELECT step FROM \(table) WHERE run = ? AND step > ? ORDER BY step LIMIT 1 OFFSET ?",
                    arguments: [run, step, count])
            }
            let end = ends.min() ?? Int(Int64.max)
            var update = RunUpdate()
            update.isWhole = ends.isEmpty
            update.metrics = try RunMetrics.rows(
                of: run, where: "step > ? AND step <= ?", [seen.metrics, end], by: "step", in: database)
            // Those of the last step that was seen may not have been all.
            update.evaluations = try Row.fetchAll(
                database,
                sql: """
                    SELECT evaluations.*, metrics.written FROM evaluations LEFT JOIN metrics USING (run, step)
                    WHERE run = ? AND step >= ? AND step <= ? ORDER BY step, split, mode
                    """, arguments: [run, seen.evaluations.step, end]
            ).map { (try RunEvaluation($0), try $0.find("written")) }
            update.ranges = try RunRange.rows(
                of: run, where: "step >= ? AND step <= ? AND (tensor = 'feature' OR flips IS NOT NULL)",
                [seen.ranges.step, end], by: "step, layer, tensor", in: database)
            update.spreads = try RunUpdate.Spread.rows(of: run, seen.histograms.step...end, in: database)
            update.checkpoints = try RunCheckpoint.rows(of: run, where: "TRUE", [], by: "step", in: database)
            update.resumptions = try RunResumption.rows(
                of: run, where: "TRUE", [], by: "resumed", in: database)
            return update
        }
    }
}

extension RunUpdate.Spread {
    /// Keeps two numbers of each histogram: its counts are long.
    fileprivate static func rows(
        of run: String, _ steps: ClosedRange<Int>, in database: Database
    ) throws -> [RunUpdate.Spread] {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT histograms.*, ranges.clip, metrics.written FROM histograms
                LEFT JOIN ranges USING (run, step, layer, tensor) LEFT JOIN metrics USING (run, step)
                WHERE run = ? AND step >= ? AND step <= ? AND tensor = 'feature' ORDER BY step, layer
                """, arguments: [run, steps.lowerBound, steps.upperBound])
        var spreads: [RunUpdate.Spread] = []
        while let row = try rows.next() {
            let histogram = try RunHistogram(row)
            spreads.append(
                RunUpdate.Spread(
                    step: histogram.step, layer: histogram.layer, upper: histogram.quantile(0.999),
                    middle: histogram.quantile(0.5), clip: try row.find("clip"),
                    written: try row.find("written")))
        }
        return spreads
    }
}

extension RunHistogram {
    /// Below which value a share of the values lies, as if they were spread evenly in each bin; nil without any value.
    func quantile(_ share: Double) -> Double? {
        let total = counts.reduce(0) { $0 + UInt64($1) }
        guard total > 0, low.isFinite, high.isFinite else { return nil }
        let wanted = share * Double(total)
        let width = (high - low) / Double(counts.count)
        var sum = 0.0
        for (index, count) in counts.enumerated() where count > 0 {
            if sum + Double(count) >= wanted {
                return low + width * (Double(index) + (wanted - sum) / Double(count))
            }
            sum += Double(count)
        }
        return high
    }
}
