import Devices
import Editing
import Graph
import QAT
import Reporting
public import Runs
import Terminal

// Starting, stopping and looking at runs.
extension ScreenState {
    /// Opens the form of a new run with the settings of the last one, and those of `options` in place of theirs; where `isOnce`,
    /// for that run alone.
    mutating func openRunForm(
        _ options: [String: String] = [:], selecting first: String? = nil, isOnce: Bool = false
    ) {
        let former = training.settings.isEmpty ? settings.runOptions : training.settings
        let values = former.merging(options) { $1 }
        var form = OptionForm.run(
            values, generated: generatedData, data: usualData, automatic: automaticSettings)
        form.selected = form.settings.firstIndex { $0.option == first } ?? 0
        if isOnce { form.once = Set(options.keys) }
        popups.append(form)
    }

    /// What a run trains on unless another set is named: that of the last run, else what is generated.
    var usualData: String { training.runs.first?.record.data ?? generatedData }

    /// What the command train takes for options that are left out, in words, by option.
    private var automaticSettings: @Sendable (OptionForm) -> [String: String] {
        let network = editor.network
        let bits = editor.analysis.bitsInUse
        let recovers = editor.floatModel != nil
        return { form in
            let values = form.values
            let widths = values["--recipe"].map { $0.split(separator: ",").map { Int($0) } } ?? [nil]
            let chosen = values["--optimizer"]
            let hasRate = values["--learning-rate"] != nil
            func stages(_ defaults: StageDefaults) -> [TrainingPlan.Stage] {
                widths.map { defaults.stage(bits: $0, epochs: 1, of: network) }
            }
            let optimizers = stages(StageDefaults(recovers: recovers, hasRate: hasRate || chosen != nil))
            let rates = stages(
                StageDefaults(
                    recovers: recovers, optimizer: chosen.map { $0.hasPrefix("adam") ? .adam : .sgd },
                    hasRate: hasRate))
            let begins = recovers || values["--from-weights"] == "on"
            func auto(_ words: [String]) -> String {
                let parts = Set(words).count == 1 ? [words[0]] : words
                return "\(OptionForm.auto) (\(parts.joined(separator: ", ")))"
            }
            return [
                "--recipe": "\(OptionForm.currentBits) (\(bits.isEmpty ? "float" : bits))",
                "--optimizer": auto(optimizers.map(\.optimizer.word)),
                "--learning-rate": auto(rates.map { "\($0.learningRate)" }),
                "--loss": auto([Loss.advised(for: network.task).rawValue]),
                "--initial-weights": begins ? "those of the session" : InitialWeights.fitted.rawValue,
                "--from-weights": recovers ? "on: quantized from data" : "off",
            ]
        }
    }

    /// The optimizer that a run takes for the first stage where none is chosen, as the option names it.
    var automaticOptimizer: String {
        let bits = training.settings["--recipe"]?.split(separator: ",").first.flatMap { Int($0) }
        let stage = StageDefaults(recovers: editor.floatModel != nil)
            .stage(bits: bits, epochs: 1, of: editor.network)
        switch stage.optimizer {
        case .sgd: return "sgd"
        case .adam(_, _, _, let decoupled): return decoupled ? "adamw" : "adam"
        }
    }

    /// What starting a run does before it.
    var whatStartingDoes: String {
        if editor.path == nil { return "asks for a name, saves the session, then trains" }
        return editor.history.isChanged
            ? "saves the session, then trains" : "trains the session as it is saved"
    }

    mutating func pauseRun() {
        guard let run = training.shown else { return }
        let isPaused = run.activity == .paused
        effects.append(.signal(run: run.record.id, isPaused ? .goOn : .pause))
        say(
            isPaused
                ? "run \(run.shortName) resumes" : "run \(run.shortName) pauses; \(key("pause")) resumes it")
    }

    mutating func resumeRun() {
        guard let run = training.shown else { return }
        effects.append(.launch(["--resume", run.record.id]))
        say("run \(run.shortName) resumes from its checkpoint")
    }

    mutating func smooth() {
        let now = training.pictured?.detail.map(smoothing) ?? 0
        let next = (now + 1) % Smoothing.weights.count
        training.smoothing = next
        say(next == 0 ? "each step as it is" : "smoothed \(Smoothing.weights[next])")
    }

    /// Halves the shown time, or doubles it where `count` is negative.
    mutating func zoom(_ count: Int) {
        training.zoom = min(12, max(0, training.zoom + count))
        if training.zoom == 0 { training.position = 1 }
        training.curveAxis = AxisRange()
        training.rangeAxis = AxisRange()
    }

    mutating func freeze() {
        training.frozen = training.frozen == nil ? training.snapshot : nil
        say(training.frozen == nil ? "the picture moves again" : "the picture is frozen, the run is not")
    }

    mutating func moveHairline(_ count: Int) {
        if training.isInspecting {
            training.hairline = min(1, max(0, training.hairline + Double(count) * 0.02))
        } else if training.zoom > 0 {
            training.position = min(
                1, max(0, training.position + Double(count) * 0.1 / Double(1 << training.zoom)))
        } else {
            refuse(
                "\(key("inspect")) shows a hairline, \(key("zoom-in")) zooms; then \(key("earlier")) and \(key("later")) move"
            )
        }
    }

    /// Layers whose ranges can be shown, in the order of the network.
    var rangedLayers: [String] { training.pictured?.detail?.rangedLayers ?? [] }

    mutating func moveInTraining(_ movement: Movement) {
        if pane.scope == .log {
            let count = training.pictured?.detail?.log.count ?? 0
            training.logLine = moved(training.logLine, by: movement, of: count)
            return
        }
        let layers = rangedLayers
        guard !layers.isEmpty else { return refuse(whyNoRuns ?? "the run has sampled no layer yet") }
        let place = layers.firstIndex { $0 == training.layer } ?? 0
        let next = moved(place, by: movement, of: layers.count)
        if next != place || training.layer == nil { training.rangeAxis = AxisRange() }
        training.layer = layers[next]
    }

    mutating func startRun(_ form: OptionForm) {
        let former = training.settings.filter { form.once.contains($0.key) }
        training.settings = form.values.filter { !form.once.contains($0.key) }.merging(former) { $1 }
        popups.removeLast()
        guard editor.path != nil, !editor.history.isChanged else {
            // The run trains what is in the session's file.
            return save(then: .launch(form.arguments))
        }
        effects.append(.launch(form.arguments))
        runStarts()
    }

    /// A run was started: its view is shown.
    mutating func runStarts() {
        view = .train
        training.frozen = nil
        say(
            "a run starts: \(key("stop")) stops it, \(key("pause")) pauses it; it continues without this window"
        )
    }

    /// A run could not be started, or failed. One that never began leads back to its form, with the setting that is wrong.
    mutating func runFailed(_ problem: String) {
        let hasBegun = training.runs.contains { run in
            run.record.message.map { problem.contains($0) } ?? false
        }
        guard view == .train, popups.isEmpty, !hasBegun, whyNoNewRun == nil else { return failed(problem) }
        var words = Substring(problem)
        if words.hasPrefix("magikbench: ") { words = words.dropFirst("magikbench: ".count) }
        if let end = words.firstRange(of: "; see 'magikbench") { words = words[..<end.lowerBound] }
        let options = OptionForm.runOptions.map(\.option) + ["--data"]
        openRunForm(selecting: options.first { words.contains($0) } ?? "--data")
        guard let form = popups.last as? OptionForm else { return }
        form.change(on: &self) { $0.problem = String(words) }
    }

    mutating func askToStopRun() {
        guard let run = training.shown else { return }
        popups.append(
            Question(
                "stop",
                ["Run \(run.shortName) saves a checkpoint and ends; \(key("resume")) resumes it later."],
                [.init("x", "stop it") { $0.stopRun() }]))
    }

    private mutating func stopRun() {
        guard let run = training.shown else { return }
        effects.append(.signal(run: run.record.id, .stop))
        say("run \(run.shortName) stops at a checkpoint")
    }

    mutating func attach(_ name: String?) {
        if let name {
            guard let run = training.runs.first(where: { $0.record.id == name || $0.shortName == name })
            else {
                return refuse("the session has no run '\(name.printable)'")
            }
            effects.append(.attach(run.record.id))
            training.zoom = 0
            training.position = 1
            training.frozen = nil
            training.curveAxis = AxisRange()
            training.rangeAxis = AxisRange()
            view = .train
            return
        }
        let entries = training.runs.map { run in
            Picker.Entry(
                title: run.shortName,
                detail: [run.remark(upTo: 24), run.line].filter { !$0.isEmpty }.joined(separator: ": "),
                note: run.word, completion: run.record.id
            ) { $0.attach(run.record.id) }
        }
        let current = training.runs.firstIndex { $0.record.id == training.shown?.record.id } ?? 0
        popups.append(Picker("runs of \(editor.name), newest first", entries, selected: current))
    }

    /// The runs of the session have something to say.
    public mutating func take(_ snapshot: RunsSnapshot, at time: Double) {
        now = time
        let shownBefore = training.shown?.record.id
        let before = training.runs
        training.snapshot = snapshot
        announceEnds(since: before)
        updateTitle()
        if snapshot.shown?.record.id != shownBefore {
            training.curveAxis = AxisRange()
            training.rangeAxis = AxisRange()
        }
        let layers = rangedLayers
        if let first = layers.first, !(training.layer.map(layers.contains) ?? false) {
            training.layer = first
        }
        updateAxes()
        updateComparison()
    }

    /// Lets both axes take what is there now: they grow at once, but shrink only after many updates.
    mutating func updateAxes() {
        guard training.frozen == nil, let detail = training.snapshot?.detail else { return }
        let steps = LinePlot.Steps.steps(shownSteps(detail), perEpoch: nil)
        func take(_ samples: [[CurvePoint]], _ axis: inout AxisRange, isLogarithmic: Bool = false) {
            var plot = LinePlot(x: steps)
            plot.isLogarithmic = isLogarithmic
            plot.series = samples.map { .init($0, ink: .seriesA, style: .line) }
            guard let extent = plot.extent else { return }
            axis.take(extent.least, extent.greatest, isLogarithmic: isLogarithmic)
        }
        let curve = shownCurve(detail)
        take(
            [detail.samples(curve, smoothing: 0), detail.measured(curve)]
                + overlaid(curve, detail).map(\.samples),
            &training.curveAxis, isLogarithmic: training.isLogarithmic)
        guard let range = training.layer.flatMap({ detail.range(of: $0) }) else { return }
        let isFine = !range.upper.isEmpty
        take(
            [isFine ? range.upper : range.maximum, isFine ? range.middle : range.mean, range.clip],
            &training.rangeAxis)
    }
}

extension OptimizerRule {
    /// The name of the rule.
    fileprivate var word: String {
        switch self {
        case .sgd: "SGD"
        case .adam(_, _, _, let decoupled): decoupled ? "AdamW" : "Adam"
        }
    }
}
