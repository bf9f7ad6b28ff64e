import Editing
import Graph
public import Probing
import QAT
import Terminal

/// How quantizing from data goes, and what it has made.
struct CalibrationState: Sendable {
    /// Options of the last time that are not the command's own.
    var settings: [String: String] = [:]
    /// How far it is.
    var progress: Calibration.Progress?
    /// What it has made; nil while it runs.
    var result: CalibrationResult?
    /// Why it cannot be done.
    var problem: String?
    /// Whether it is under way.
    var isRunning = false
    /// The number of the newest one: answers to others are late.
    var number = 0
    /// The document that is quantized.
    var document: Document?
    /// The first layer that is shown.
    var top = 0
}

extension CalibrationState {
    /// How far it is.
    var progressWords: String {
        (progress ?? Calibration.Progress(step: .samples, share: 0)).words
    }
}

extension CalibrationResult {
    /// "SQNR of the results: scores 12.3 -> 34.5 dB", those that are the worst now first.
    var sqnrWords: String {
        let names = Set(before.keys).union(after.keys)
        func decibels(_ value: Double?) -> String { value.map(Figures.decibels) ?? "exact" }
        let words = names.sorted { (after[$0] ?? .infinity, $0) < (after[$1] ?? .infinity, $1) }
            .map { "\($0) \(decibels(before[$0])) -> \(decibels(after[$0])) dB" }
        return "SQNR of the results: \(words.joined(separator: ", "))"
    }
}

/// How a calibration goes, and what it has made; `ScreenState.calibration` has it.
struct CalibrationPopup: Popup {
    let scope = Scope.calibration
    let keys: [KeyLabel] = [.upDown("layer"), .enter("take it"), .escape("leave it")]

    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        screen.drawCalibration(in: frame(in: body, rows: body.rows, columns: 84), on: &canvas)
    }

    func move(_ movement: Movement, on screen: inout ScreenState) {
        let count = screen.calibration.result?.rows.count ?? 0
        screen.calibration.top = screen.moved(screen.calibration.top, by: movement, of: count)
    }

    func heading(on screen: ScreenState) -> String {
        "quantize \(screen.editor.name)" + (screen.calibration.isRunning ? ", under way" : "")
    }

    func lines(on screen: ScreenState) -> [String] {
        if let problem = screen.calibration.problem { return ["cannot be: \(problem)"] }
        guard let result = screen.calibration.result else { return [screen.calibration.progressWords] }
        let layers = result.rows.map { row in
            var words = [row.layer]
            if let clip = row.clip { words.append("clip \(Figures.clip(clip))") }
            if let factor = row.factor { words.append("factor \(Figures.clip(factor))") }
            words.append("SQNR before \(row.before.map(Figures.decibels) ?? "none")")
            words.append("after \(row.after.map(Figures.decibels) ?? "none") dB")
            return words.joined(separator: ", ")
        }
        return [result.sqnrWords] + result.notes + layers + ["\(screen.key("open-row")) takes it"]
    }

    func row(on screen: ScreenState) -> [String] { Array(lines(on: screen).prefix(1)) }

    func progress(on screen: ScreenState) -> String? {
        screen.calibration.isRunning ? screen.calibration.progressWords : nil
    }

    func open(on screen: inout ScreenState) { screen.applyCalibration() }
}

extension ScreenState {
    mutating func openCalibration() {
        popups.append(OptionForm.calibration(calibration.settings, data: generatedData))
    }

    mutating func startCalibration(_ form: OptionForm) {
        switch form.calibrationOptions {
        case .failure(let problem): form.change(on: &self) { $0.problem = problem.text }
        case .success(let options):
            popups[popups.count - 1] = CalibrationPopup()
            calibration = CalibrationState(
                settings: form.values, isRunning: true, number: calibration.number + 1,
                document: editor.document)
            effects.append(.calibrate(options, number: calibration.number))
        }
    }

    mutating func stopCalibration() {
        calibration.isRunning = false
        calibration.problem = "stopped; nothing was changed"
        effects.append(.stopCalibration)
    }

    /// Takes what was made into the network, as one step.
    mutating func applyCalibration() {
        guard let result = calibration.result else {
            return refuse(
                calibration.isRunning ? "it is not done yet" : calibration.problem ?? "nothing was made")
        }
        guard calibration.document == editor.document else {
            return refuse(
                "the network has changed meanwhile; \(key("back")) and \(key("quantize")) quantize it again")
        }
        popups.removeAll { $0 is CalibrationPopup }
        guard editor.adopt(result, at: now) else { return refuse("the network is as it was made already") }
        // A run goes on from here with what the ranges came from, and needs no labels.
        for (option, value) in [("--data", calibration.settings["--data"]), ("--loss", "distillation")] {
            training.settings[option] = training.settings[option] ?? value
        }
        // The network may be the same, with other numbers.
        probedDocument = nil
        changed()
        say("quantized from \(counted(result.samples, "sample"))", undoable: true)
    }

    /// What has come of the calibration of a number.
    public mutating func take(_ update: CalibrationJob.Update, ofCalibration number: Int) {
        guard number == calibration.number, calibration.isRunning else { return }
        switch update {
        case .progress(let progress): calibration.progress = progress
        case .done(let result): (calibration.result, calibration.isRunning) = (result, false)
        case .failed(let problem): failCalibration(problem)
        }
    }

    /// Shows why nothing was made; back in the form, and with data that are bad in parts as a question.
    private mutating func failCalibration(_ problem: String) {
        calibration.isRunning = false
        calibration.problem = problem
        guard let place = popups.lastIndex(where: { $0 is CalibrationPopup }) else { return }
        popups[place] = OptionForm.calibration(calibration.settings, data: generatedData)
        guard place == popups.count - 1 else { return }
        let lines = problem.split(separator: "\n").map(String.init)
        guard let data = calibration.settings["--data"], problem.contains(ScreenState.skipping) else {
            popups.append(Page("quantizing \(editor.name) failed", lines))
            return
        }
        popups.append(
            Question(
                "quantizing \(editor.name)", lines + [""],
                [
                    .init("b", "go on without what is bad") { screen in
                        screen.calibration.settings["--data"] = data + "," + ScreenState.skipping
                        guard screen.popups.last is OptionForm else { return }
                        let form = OptionForm.calibration(
                            screen.calibration.settings, data: screen.generatedData)
                        screen.popups[screen.popups.count - 1] = form
                        screen.startCalibration(form)
                    }
                ]))
    }

    /// The option of data that leaves out what is bad.
    private static let skipping = "skip=bad"

    var whyNoCalibration: String? {
        if let reason = whyNotEditable { return reason }
        if editor.network.nodes.isEmpty { return "the network is empty; \(key("add")) adds a layer" }
        return editor.origin == nil
            ? "there are no trained weights to quantize: train in float, or open an ONNX model" : nil
    }
}
