import Editing
import Graph
import QAT
import Reporting
import Runs
import Terminal

// The upper plot of view 4, the small ones of a large screen, and the other runs on top of it.
extension ScreenState {
    /// The chosen curve; the loss where the run has no such numbers.
    func shownCurve(_ detail: RunDetail) -> TrainCurve {
        detail.has(training.curve) ? training.curve : .loss
    }

    /// The position of the weight that smooths the shown run: the chosen one; else the longest memory that the run is long enough
    /// for, and none for one epoch or fewer than 50 steps.
    func smoothing(_ detail: RunDetail) -> Int {
        if let chosen = training.smoothing { return chosen }
        let count = detail.losses.count
        let isOneEpoch = (detail.plannedSteps.map(Double.init) ?? .infinity) <= detail.stepsPerEpoch ?? 0
        guard count >= 50, !isOneEpoch else { return 0 }
        return (0...TrainingState.longestMemory).last { Double(count) * (1 - Smoothing.weights[$0]) >= 5 }
            ?? 0
    }

    func drawCurve(_ run: RunSummary, _ detail: RunDetail, in rect: Rect, on canvas: inout Canvas) {
        var rect = rect
        let curve = shownCurve(detail)
        let smoothing = smoothing(detail)
        let weight = Smoothing.weights[smoothing]
        let isSmoothed = weight > 0 && (curve == .loss || curve == .accuracy)
        var words: [(String, Style)] = [(curve.title, .dim)]
        if let unit = curve == .loss ? run.plan?.loss.rawValue : curve.unit { words.append((unit, .dim)) }
        let others = overlaid(curve, detail)
        switch curve {
        case .loss, .accuracy:
            let memory = isSmoothed && others.isEmpty ? " smoothed \(weight)" : ""
            words.append(("train \(appearance.glyphs.horizontal)\(memory)", Style(.seriesA)))
            if !detail.measured(curve).isEmpty {
                words.append(("\(detail.evaluatedSplit) \(appearance.glyphs.dot)", Style(.seriesB)))
            }
        case .rate, .gradients, .speed, .loading, .load: break
        }
        for other in others { words.append(("\(other.letter) \(other.name)", Style(other.ink).bold)) }
        let frozen = training.frozen == nil ? "" : "frozen   "
        drawTitle(
            words, right: frozen + (training.isLogarithmic ? "log y" : "linear y") + zoomWords,
            in: rect.takeTop(1), pane.scope == .loss, on: &canvas)
        var plot = LinePlot(x: .steps(shownSteps(detail), perEpoch: detail.stepsPerEpoch))
        plot.isLogarithmic = training.isLogarithmic
        plot.axis = training.curveAxis
        for other in others {
            plot.series.append(.init(other.samples, ink: other.ink, style: .line, label: other.letter))
        }
        addCurve(curve, detail, smoothing: isSmoothed ? smoothing : 0, to: &plot)
        plot.events = detail.stages.map { .init(x: $0.x, text: $0.title) } + progressMark(run, detail)
        if training.isInspecting { plot.hairline = training.hairline }
        plot.draw(in: rect, on: &canvas)
    }

    /// The numbers of the steps, with those as they are behind smoothed ones, and the evaluations on top.
    private func addCurve(_ curve: TrainCurve, _ detail: RunDetail, smoothing: Int, to plot: inout LinePlot) {
        if smoothing > 0 {
            plot.series.append(.init(detail.samples(curve, smoothing: 0), ink: .guide, style: .line))
        }
        plot.series.append(
            .init(detail.samples(curve, smoothing: smoothing), ink: .seriesA, style: .line))
        plot.series.append(.init(detail.measured(curve), ink: .seriesB, style: .dots))
    }

    /// Where the run is on an axis that goes on to its planned end.
    func progressMark(_ run: RunSummary, _ detail: RunDetail) -> [LinePlot.Event] {
        guard let planned = detail.plannedSteps, detail.lastStep < planned, detail.lastStep > 0 else {
            return []
        }
        return [.init(x: Double(detail.lastStep), text: run.isLive ? "now" : run.word)]
    }

    /// Small plots of the other curves, beside each other.
    func drawSmallCurves(_ run: RunSummary, _ detail: RunDetail, in rect: Rect, on canvas: inout Canvas) {
        let curves = TrainCurve.allCases.filter { $0 != shownCurve(detail) && detail.has($0) }
        let count = min(curves.count, max(1, rect.columns / 40))
        guard count > 0 else { return }
        var left = rect
        for (index, curve) in curves.prefix(count).enumerated() {
            var part = left.takeLeft(left.columns / (count - index))
            let now = (detail.measured(curve).last ?? detail.samples(curve, smoothing: 0).last)?.y
            drawTitle(
                [(curve.title, .dim)] + (curve.unit.map { [($0, .dim)] } ?? []),
                right: now.map(Figures.significant) ?? "", in: part.takeTop(1), false, on: &canvas)
            var plot = LinePlot(x: .steps(shownSteps(detail), perEpoch: detail.stepsPerEpoch))
            addCurve(curve, detail, smoothing: smoothing(detail), to: &plot)
            if curve != .accuracy { plot.series.removeAll { $0.ink == .guide } }
            plot.events = detail.stages.map { .init(x: $0.x, text: "") }
            plot.draw(in: part, on: &canvas)
        }
    }

    /// Rows that small plots take of so many.
    static func smallCurveRows(of rows: Int) -> Int { rows >= 44 ? 11 : 0 }
}

// Other runs of the session over the shown one.
extension ScreenState {
    /// Another run on the plot.
    struct OverlaidRun {
        /// Its letter in view 5.
        let letter: String
        /// The end of its name.
        let name: String
        let ink: Ink
        /// By steps of the shown run: at the same epoch where both are known by epochs.
        let samples: [CurvePoint]
    }

    /// The runs whose curves lie over that of the shown one: those of view 5.
    func overlaid(_ curve: TrainCurve, _ detail: RunDetail) -> [OverlaidRun] {
        guard training.isOverlaid, let comparison = training.pictured?.comparison else { return [] }
        let shown: RunComparison.Curve
        switch curve {
        case .loss: shown = .trainLoss
        case .accuracy: shown = .accuracy
        case .rate, .gradients, .speed, .loading, .load: return []
        }
        return comparison.members.filter { $0.facts.id != detail.run }.compactMap { member in
            let isByEpoch = detail.stepsPerEpoch != nil && member.stepsPerEpoch != nil
            let scale = isByEpoch ? detail.stepsPerEpoch ?? 1 : 1
            let samples = comparison.samples(shown, of: member, by: isByEpoch ? .epoch : .step)
                .map { CurvePoint(x: $0.x * scale, y: $0.y * curve.factor) }
            guard !samples.isEmpty else { return nil }
            let name = member.facts.summary.shortName.split(separator: "-").last.map(String.init) ?? ""
            return OverlaidRun(
                letter: member.letter, name: name, ink: ScreenState.inks[member.letter] ?? .text,
                samples: samples)
        }
    }

    /// The runs that the watching thread is to read beside the shown one.
    var overlaidRuns: [String] {
        compare.chosen ?? Array(training.runs.prefix(RunComparison.limit).map(\.record.id))
    }

    mutating func toggleOverlay() {
        training.isOverlaid.toggle()
        training.curveAxis = AxisRange()
        guard training.isOverlaid else { return say("the shown run alone") }
        let count = overlaidRuns.count { $0 != training.shown?.record.id }
        say(
            count == 0
                ? "the session has no other run yet"
                : "\(counted(count, "other run")) beside it; \(key("choose")) in view 5 chooses them")
    }

    mutating func showCurve(_ curve: TrainCurve?) {
        guard let detail = training.pictured?.detail else { return refuse(whyNoRuns ?? "no run is shown") }
        if let curve {
            guard detail.has(curve) else { return refuse("the run has recorded no \(curve.rawValue)") }
            training.curve = curve
        } else {
            let all = TrainCurve.allCases.filter(detail.has)
            let place = all.firstIndex(of: shownCurve(detail)) ?? -1
            guard !all.isEmpty else { return refuse("the run has made no step yet") }
            training.curve = all[(place + 1) % all.count]
        }
        training.curveAxis = AxisRange()
    }
}
