import Editing
import Graph
import QAT
import Reporting
import Runs
import Terminal

// View 4 in lines.
extension ScreenState {
    /// The shown run: how far it is, what goes wrong, its curve by epoch, the ranges of its layers, the last of its log. With
    /// the focus on the log all of that.
    var trainLines: [String] {
        guard let detail = training.pictured?.detail else {
            return [whyNoRuns ?? "no run is shown"]
        }
        let log = detail.log.reversed().map { "\($0.clock) \($0.text)" }
        if pane.scope == .log { return ["log of \(detail.run), the newest first"] + log }
        let ranges = detail.rangedLayers.flatMap(rangeOverTime)
        if pane.scope == .range || pane.scope == .saturation { return ranges }
        return trainingText + findingLines(of: detail) + curveLines(of: detail) + ranges
            + log.prefix(5).map { "log: \($0)" }
    }

    /// What the focused pane selects: the numbers of the run, a layer's range, or a line of the log.
    var trainedLines: [String] {
        guard let detail = training.pictured?.detail else { return [whyNoRuns ?? "no run is shown"] }
        if pane.scope == .log {
            let log = Array(detail.log.reversed())
            return log.indices.contains(training.logLine)
                ? ["\(log[training.logLine].clock) \(log[training.logLine].text)"] : ["the log is empty"]
        }
        let range = training.layer.map(rangeOverTime) ?? []
        return pane.scope == .loss ? trainingText + findingLines(of: detail) + range : range
    }

    /// How far the run that trains is, in a line; nil where none does.
    var runProgress: String? {
        guard let run = training.liveRun else { return nil }
        let measure = run.evaluation.flatMap { evaluation in
            evaluation.measure.map { "\(evaluation.split.storedName) \($0)" }
        }
        let words = [
            run.word == "running" ? "" : run.word, run.epochWords, run.stepWords, run.speedWords,
            run.leftWords,
        ]
        return "run \(run.shortName): "
            + (words.filter { !$0.isEmpty } + [measure].compactMap { $0 })
            .joined(separator: ", ")
    }

    private func findingLines(of detail: RunDetail) -> [String] {
        detail.findings.enumerated().map { index, finding in
            "\(finding.isAdvice ? "advice" : "goes wrong"): \(finding.text)"
                + (index == 0
                    ? "; \(key("treat")) helps: \(finding.remedy.words)" : "; \(finding.remedy.words)")
        }
    }

    /// The upper plot: what was measured at each epoch, and the curve at ten places.
    private func curveLines(of detail: RunDetail) -> [String] {
        let curve = shownCurve(detail)
        let measured = detail.evaluations.map { evaluation in
            "epoch \(evaluation.epoch), \(evaluation.split.storedName): loss \(Figures.significant(evaluation.loss))"
                + (evaluation.accuracy.map { ", accuracy \(Figures.accuracy($0)) percent" } ?? "")
        }
        let samples = detail.samples(curve, smoothing: smoothing(detail))
        guard !samples.isEmpty else { return measured }
        let places = (0..<min(10, samples.count)).map {
            $0 * (samples.count - 1) / max(1, min(10, samples.count) - 1)
        }
        let points = places.map { "step \(Int(held: samples[$0].x)) \(Figures.significant(samples[$0].y))" }
        return measured + ["\(curve.rawValue) by step: \(points.joined(separator: ", "))"]
    }
}
