import Graph
import QAT

/// The curves of one run as far as they were read; each update reads what is new.
struct RunTrace {
    let run: String
    private var detail: RunDetail
    private var losses = ThinSeries()
    private var ranges: [String: (maximum: ThinSeries, mean: ThinSeries, clip: ThinSeries, ratio: ThinSeries)] = [:]
    private var seen = (metrics: -1, evaluations: -1, ranges: -1, histograms: -1)
    private var stage = 0
    private var best: (loss: Double, step: Int)?
    private var last: RunMetrics?
    private var order: [String] = []
    private let plan: TrainingPlan?
    private var lines: [RunDetail.LogLine] = []

    /// The most lines of the log.
    static let logLimit = 200

    init(_ record: RunRecord) {
        run = record.id
        plan = TrainingPlan(json: record.plan)
        detail = RunDetail(run: record.id)
        detail.stepsPerEpoch = record.stepsPerEpoch.map(Double.init)
        do throws(FileError) {
            order = try Document(bytes: Array(record.network.utf8)).network.nodes.map(\.name)
        } catch {
            // A network of another version: layers then stand in the order of their names.
            order = []
        }
    }

    /// Whether the store has fewer steps than were read: the run went on from an earlier checkpoint.
    func isAhead(of store: RunStore) throws(RunStoreError) -> Bool {
        (try store.lastMetrics(of: run)?.step ?? -1) < seen.metrics
    }

    /// Reads what is new.
    mutating func update(_ store: RunStore, _ record: RunRecord) throws(RunStoreError) {
        for metrics in try store.metrics(of: run, after: seen.metrics) { take(metrics) }
        let evaluations = try store.evaluations(of: run, after: seen.evaluations)
        for evaluation in evaluations { take(evaluation) }
        for range in try store.ranges(of: run, after: seen.ranges) { take(range) }
        try readHistograms(store)
        finish(record)
    }

    /// All of it.
    var snapshot: RunDetail {
        var detail = detail
        detail.losses = losses.samples
        for (layer, series) in ranges {
            detail.ranges[layer]?.maximum = series.maximum.samples
            detail.ranges[layer]?.mean = series.mean.samples
            detail.ranges[layer]?.clip = series.clip.samples
            detail.ranges[layer]?.clipRatio = series.ratio.samples
        }
        return detail
    }

    private mutating func take(_ metrics: RunMetrics) {
        seen.metrics = metrics.step
        detail.lastStep = max(detail.lastStep, metrics.step)
        losses.append(Sample(x: Double(metrics.step), y: metrics.loss))
        last = metrics
        if metrics.loss.isFinite, metrics.loss < best?.loss ?? .infinity { best = (metrics.loss, metrics.step) }
        guard metrics.stage != stage else { return }
        let titles = [stage, metrics.stage].map { index in
            plan.flatMap { $0.stages.indices.contains(index) ? $0.stages[index].title : nil } ?? "stage \(index + 1)"
        }
        detail.stages.append(.init(x: Double(metrics.step), title: "\(titles[0]) -> \(titles[1])"))
        say(metrics.step, "stage \(metrics.stage + 1): \(titles[1])")
        (stage, best) = (metrics.stage, (metrics.loss, metrics.step))
    }

    private mutating func take(_ evaluation: RunEvaluation) {
        seen.evaluations = max(seen.evaluations, evaluation.step)
        guard evaluation.split != .training else { return }
        detail.evaluatedSplit = evaluation.split == .validation ? "val" : "test"
        detail.evaluations.append(
            .init(x: Double(evaluation.step), loss: evaluation.loss, accuracy: evaluation.accuracy))
        let accuracy = evaluation.accuracy.map { "\(Figures.decibels($0 * 100)) %, " } ?? ""
        say(
            evaluation.step,
            "epoch \(evaluation.epoch + 1) \(detail.evaluatedSplit) \(accuracy)loss \(Figures.significant(evaluation.loss))")
    }

    private mutating func take(_ range: RunRange) {
        seen.ranges = max(seen.ranges, range.step)
        guard range.tensor == .feature else { return }
        let x = Double(range.step)
        var series = ranges[range.layer] ?? (.init(), .init(), .init(), .init())
        series.maximum.append(Sample(x: x, y: range.maximum))
        series.mean.append(Sample(x: x, y: range.mean))
        if let clip = range.clip { series.clip.append(Sample(x: x, y: clip)) }
        if let ratio = range.clipRatio { series.ratio.append(Sample(x: x, y: ratio)) }
        ranges[range.layer] = series
        detail.ranges[range.layer, default: RangeSeries()].clip = [Sample(x: x, y: range.clip ?? .nan)]
    }

    private mutating func readHistograms(_ store: RunStore) throws(RunStoreError) {
        let newest = try store.histogramSteps(of: run).last ?? -1
        guard newest > seen.histograms else { return }
        for layer in ranges.keys.sorted() {
            for histogram in try store.histograms(of: run, layer: layer, .feature, after: seen.histograms) {
                take(histogram)
            }
        }
        seen.histograms = newest
    }

    private mutating func take(_ histogram: RunHistogram) {
        guard let upper = histogram.quantile(0.999), let middle = histogram.quantile(0.5) else { return }
        let x = Double(histogram.step)
        var series = detail.ranges[histogram.layer] ?? RangeSeries()
        series.upper.append(Sample(x: x, y: upper))
        series.middle.append(Sample(x: x, y: middle))
        let clip = series.clip.last?.y ?? .nan
        if upper > clip {
            if series.crossing == nil {
                series.crossing = x
                say(histogram.step, "p99.9 \(histogram.layer) > clip")
            }
        } else {
            series.crossing = nil
        }
        detail.ranges[histogram.layer] = series
    }

    private mutating func say(_ step: Int, _ text: String, isProblem: Bool = false) {
        lines.append(.init(step: step, text: text, isProblem: isProblem))
        if lines.count > 2 * RunTrace.logLimit { lines.removeFirst(RunTrace.logLimit) }
    }

    /// What is put together from all of it.
    private mutating func finish(_ record: RunRecord) {
        let known = ranges.keys
        detail.rangedLayers = order.filter(known.contains) + known.filter { !order.contains($0) }.sorted()
        var log = lines.enumerated().sorted { ($0.element.step, $0.offset) < ($1.element.step, $1.offset) }.map(\.element)
        log.insert(.init(step: 0, text: "begun, seed \(record.seed), \(record.data)"), at: 0)
        switch record.state {
        case .running: break
        case .finished: log.append(.init(step: detail.lastStep, text: "finished"))
        case .interrupted: log.append(.init(step: detail.lastStep, text: "stopped at a checkpoint"))
        case .failed:
            log.append(.init(step: detail.lastStep, text: record.message ?? "failed", isProblem: true))
        }
        detail.log = Array(log.suffix(RunTrace.logLimit))
        detail.numbers = numbers
    }

    private var numbers: [RunDetail.Number] {
        var rows: [RunDetail.Number] = []
        if let last {
            rows.append(
                .init(
                    name: "train loss", now: Figures.significant(last.loss),
                    best: best.map { Figures.significant($0.loss) } ?? ""))
        }
        if let now = detail.evaluations.last {
            let least = detail.evaluations.map(\.loss).filter(\.isFinite).min()
            rows.append(
                .init(
                    name: "\(detail.evaluatedSplit) loss", now: Figures.significant(now.loss),
                    best: least.map(Figures.significant) ?? ""))
            if let accuracy = now.accuracy {
                let most = detail.evaluations.compactMap(\.accuracy).max()
                rows.append(
                    .init(
                        name: "\(detail.evaluatedSplit) acc", now: Figures.decibels(accuracy * 100) + "%",
                        best: most.map { Figures.decibels($0 * 100) + "%" } ?? ""))
            }
        }
        if let last {
            rows.append(
                .init(
                    name: "rate", now: Figures.scientific(last.learningRate), best: plan?.schedule.rawValue ?? ""))
        }
        return rows
    }
}
