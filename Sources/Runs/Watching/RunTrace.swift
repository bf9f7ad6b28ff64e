import Datasets
import Editing
import Graph
import QAT
import Sessions

/// The curves of one run as far as they were read; each update reads what is new, and nothing twice.
struct RunTrace {
    let run: String
    /// Who wrote it: another process has begun again at a checkpoint.
    private let process: RunProcess
    private let plan: TrainingPlan?
    /// The layers in the order of the network.
    private let order: [String: Int]
    /// The classes that the network tells apart; nil where it does something else.
    private let classes: Int?
    private var seen = RunUpdate.Seen()
    /// The loss as each weight of `Smoothing` has it; the first leaves it as it is.
    private var losses = Smoothing.weights.map {
        (smoothing: Smoothing(weight: $0), series: DownsampledSeries<CurvePoint>())
    }
    private var accuracies = Smoothing.weights.map {
        (smoothing: Smoothing(weight: $0), series: DownsampledSeries<CurvePoint>())
    }
    private var metrics: [RunMetric: DownsampledSeries<CurvePoint>] = [:]
    private var evaluations: [Split: DownsampledSeries<RunDetail.Evaluation>] = [:]
    private var ranges: [String: RangeTrace] = [:]
    private var stages: [RunDetail.Stage] = []
    private var numbers: RunNumbers
    private var log = RunLog()
    private var checkpoints: [RunCheckpoint] = []
    private var resumptions: [RunResumption] = []
    private var last: RunMetrics?
    private var lastStep = 0
    /// Whether all was read that there is.
    private(set) var isWhole = false

    init(_ record: RunRecord) {
        run = record.id
        process = record.process
        plan = TrainingPlan(json: record.plan)
        numbers = RunNumbers(schedule: plan?.schedule)
        do throws(FileError) {
            let document = try Document(bytes: Array(record.network.utf8))
            let names = document.network.nodes.map(\.name)
            order = Dictionary(zip(names, names.indices)) { first, _ in first }
            classes = TrainingDiagnosis.classes(of: document)
        } catch {
            // A network of another version: layers then stand in the order of their names.
            order = [:]
            classes = nil
        }
    }

    /// Whether what was read is still what a run begins with: it is not where the run went on from a checkpoint.
    func isOf(_ run: RunSummary) -> Bool {
        self.run == run.record.id && process == run.record.process && seen.metrics <= run.last?.step ?? -1
    }

    /// Reads what is new, or a portion of that.
    mutating func update(from store: RunStore, portion: RunUpdate.Portion = .init()) throws(RunStoreError) {
        let update = try store.update(of: run, after: seen, portion: portion)
        for metrics in update.metrics { take(metrics) }
        for (evaluation, written) in update.evaluations where evaluation.split != .train {
            let key = "\(evaluation.split.storedName) \(evaluation.mode)"
            if seen.evaluations.isNew(evaluation.step, key) { take(evaluation, written) }
        }
        for range in update.ranges where seen.ranges.isNew(range.step, "\(range.tensor) \(range.layer)") {
            ranges[range.layer, default: RangeTrace()].take(range)
        }
        for spread in update.spreads where seen.histograms.isNew(spread.step, spread.layer) {
            let begins = ranges[spread.layer, default: RangeTrace()].take(spread)
            if begins { log.say(spread.step, .range, spread.written, "p99.9 \(spread.layer) > clip") }
        }
        checkpoints = update.checkpoints
        resumptions = update.resumptions
        isWhole = update.isWhole
    }

    /// All of it, for a screen.
    func detail(_ record: RunRecord) -> RunDetail {
        var detail = RunDetail(run: run)
        detail.lastStep = lastStep
        detail.stepsPerEpoch = record.stepsPerEpoch.map(Double.init)
        detail.plannedSteps = record.state == .finished ? lastStep : record.steps
        detail.smoothedLosses = losses.map(\.series.samples)
        if metrics[.accuracy] != nil { detail.smoothedAccuracies = accuracies.map(\.series.samples) }
        detail.metrics = metrics.mapValues(\.samples)
        let split = evaluatedSplit
        detail.evaluations = evaluations[split]?.samples ?? []
        detail.evaluatedSplit = RunNumbers.word(split)
        detail.stages = stages
        detail.ranges = ranges.mapValues(\.series)
        detail.rangedLayers = ranges.keys.filter { detail.ranges[$0]?.mean.isEmpty == false }.sorted {
            (order[$0] ?? .max, $0) < (order[$1] ?? .max, $1)
        }
        detail.log = log.lines(of: record, checkpoints, resumptions, lastStep: lastStep)
        detail.numbers = numbers.rows(last, split)
        detail.findings =
            TrainingDiagnosis(detail, plan, stage: last?.stage ?? 0, classes: classes, record)
            .findings
        return detail
    }

    /// Samples that were held back, where there are any: weights are chosen by those.
    private var evaluatedSplit: Split { Split.shown(evaluations.keys) }

    private mutating func take(_ metrics: RunMetrics) {
        let x = Double(metrics.step)
        seen.metrics = metrics.step
        lastStep = metrics.step
        for index in losses.indices {
            let loss = losses[index].smoothing.next(metrics.loss)
            losses[index].series.append(CurvePoint(x: x, y: loss))
        }
        if let accuracy = metrics.accuracy {
            for index in accuracies.indices {
                let share = accuracies[index].smoothing.next(accuracy)
                accuracies[index].series.append(CurvePoint(x: x, y: share))
            }
        }
        for metric in RunMetric.allCases {
            guard let number = metrics[metric] else { continue }
            self.metrics[metric, default: DownsampledSeries()].append(CurvePoint(x: x, y: number))
        }
        if let last, last.stage != metrics.stage {
            let titles = [last.stage, metrics.stage].map(title)
            stages.append(.init(x: x, title: "\(titles[0]) -> \(titles[1])"))
            log.say(metrics.step, .stage, metrics.written, "stage \(metrics.stage + 1): \(titles[1])")
        }
        numbers.take(metrics)
        last = metrics
    }

    private func title(_ stage: Int) -> String {
        guard let plan, plan.stages.indices.contains(stage) else { return "stage \(stage + 1)" }
        return plan.stages[stage].title
    }

    private mutating func take(_ evaluation: RunEvaluation, _ written: Double?) {
        let stage = stages.lastIndex { Int(held: $0.x) <= evaluation.step } ?? -1
        let accuracy = evaluation.measure.map { "\($0), " } ?? ""
        guard evaluation.mode != .integer else {
            numbers.take(integer: evaluation, stage: stage)
            let samples = evaluation.samples.map { ", \(Figures.grouped($0)) samples" } ?? ""
            return log.say(
                evaluation.step, .evaluation, written,
                "in integers \(accuracy)loss \(Figures.significant(evaluation.loss))\(samples)")
        }
        evaluations[evaluation.split, default: DownsampledSeries()].append(
            .init(
                x: Double(evaluation.step), loss: evaluation.loss, accuracy: evaluation.accuracy,
                epoch: evaluation.epoch, split: evaluation.split, mode: evaluation.mode))
        numbers.take(evaluation, stage: stage)
        log.say(
            evaluation.step, .evaluation, written,
            "epoch \(evaluation.epoch) \(RunNumbers.word(evaluation.split)) \(accuracy)"
                + "loss \(Figures.significant(evaluation.loss))")
    }
}

/// How a layer's values were spread over time, as far as it was read.
private struct RangeTrace {
    private var minimum = DownsampledSeries<CurvePoint>(limit: 500)
    private var maximum = DownsampledSeries<CurvePoint>(limit: 500)
    private var mean = DownsampledSeries<CurvePoint>(limit: 500)
    private var deviation = DownsampledSeries<CurvePoint>(limit: 500)
    private var clip = DownsampledSeries<CurvePoint>(limit: 500)
    private var clipRatio = DownsampledSeries<CurvePoint>(limit: 500)
    private var upper = DownsampledSeries<CurvePoint>(limit: 500)
    private var middle = DownsampledSeries<CurvePoint>(limit: 500)
    private var flips = DownsampledSeries<CurvePoint>(limit: 500)
    private var crossing: Double?
    private var (deadChannels, statisticsGap): (Double?, Double?)

    mutating func take(_ range: RunRange) {
        let x = Double(range.step)
        if let share = range.flips { flips.append(CurvePoint(x: x, y: share)) }
        guard range.tensor == .feature else { return }
        deadChannels = range.deadChannels
        statisticsGap = range.statisticsGap
        minimum.append(CurvePoint(x: x, y: range.minimum))
        maximum.append(CurvePoint(x: x, y: range.maximum))
        mean.append(CurvePoint(x: x, y: range.mean))
        deviation.append(CurvePoint(x: x, y: range.deviation))
        if let clip = range.clip { self.clip.append(CurvePoint(x: x, y: clip)) }
        if let ratio = range.clipRatio { clipRatio.append(CurvePoint(x: x, y: ratio)) }
    }

    /// Says whether a stretch above the clip begins here.
    mutating func take(_ spread: RunUpdate.Spread) -> Bool {
        guard let high = spread.upper, let half = spread.middle else { return false }
        let x = Double(spread.step)
        upper.append(CurvePoint(x: x, y: high))
        middle.append(CurvePoint(x: x, y: half))
        let wasAbove = crossing != nil
        let isAbove = spread.clip.map { high > $0 } ?? false
        crossing = isAbove ? crossing ?? x : nil
        return isAbove && !wasAbove
    }

    var series: RangeSeries {
        RangeSeries(
            minimum: minimum.samples, maximum: maximum.samples, mean: mean.samples,
            deviation: deviation.samples, clip: clip.samples, clipRatio: clipRatio.samples,
            upper: upper.samples, middle: middle.samples, flips: flips.samples, deadChannels: deadChannels,
            statisticsGap: statisticsGap, crossing: crossing)
    }
}
