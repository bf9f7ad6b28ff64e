import Datasets
import Graph
import QAT
import Terminal
public import Workbench

/// What quantizing from data is asked for, as the options of `magikbench quantize`.
public struct CalibrationOptions: Hashable, Sendable {
    /// The data as typed; nil is the generated set that fits.
    var data: String?
    /// Samples that ranges come from.
    var samples = 256
    /// Bits of weights and results; nil keeps those of the network.
    var bits: Int?
    /// How ranges follow from values.
    var method = RangeMethod.mse
    /// Whether weights are rounded up or down as it serves each layer best.
    var learnsRounding = true
    /// Whether all clips stay as they are.
    var keepsClips = false
    /// Whether signed maps stay whole, though the chip may surround them with what is not 0.
    var keepsMapsWhole = false
}

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

extension RunForm {
    /// The settings of quantizing from data, with their values of last time.
    static func calibration(_ values: [String: String], data: String) -> RunForm {
        RunForm(
            .calibration,
            [
                typed(
                    "--data", "data", data,
                    "samples without labels: images:DIR, mnist:DIR, npz:FILE; generated ones say little"),
                typed("--samples", "samples", "256", "how many ranges come from"),
                choice(
                    "--bits", "bits", ["as set", "8", "4", "2"], "as set",
                    "of weights and results; 'as set' keeps those of the network"),
                choice(
                    "--method", "method", RangeMethod.allCases.map(\.rawValue), RangeMethod.mse.rawValue,
                    "how ranges follow from values: least squared error, 99.99 %, the largest, or entropy"),
                choice(
                    "--round", "rounding", ["learned", "nearest"], "learned",
                    "of weights: what each loses is made good by the others, or each takes the nearest code"),
                choice("--keep-clips", "keep clips", ["off", "on"], "off", "leaves all clips as they are"),
                choice(
                    "--whole-maps", "whole maps", ["off", "on"], "off",
                    "leaves signed maps whole, which T40, T41 and T02 surround with -1, not 0"),
            ], values)
    }

    /// What the settings ask for, or what is wrong with them.
    var calibrationOptions: Result<CalibrationOptions, RunFormProblem> {
        var options = CalibrationOptions()
        for setting in settings where !setting.value.isEmpty {
            switch setting.option {
            case "--data":
                do {
                    _ = try DataSpec(setting.value)
                } catch {
                    return .failure(RunFormProblem(text: "\(error)"))
                }
                options.data = setting.value
            case "--samples":
                guard let count = Int(setting.value), count > 0 else {
                    return .failure(RunFormProblem(text: "samples is a number of 1 or more"))
                }
                options.samples = count
            case "--bits": options.bits = Int(setting.value)
            case "--method": options.method = RangeMethod(rawValue: setting.value) ?? .mse
            case "--round": options.learnsRounding = setting.value == "learned"
            case "--keep-clips": options.keepsClips = setting.value == "on"
            case "--whole-maps": options.keepsMapsWhole = setting.value == "on"
            default: break
            }
        }
        return .success(options)
    }
}

/// Why a form is not taken, as a sentence.
struct RunFormProblem: Error, Hashable {
    var text: String
}

extension Interface {
    mutating func calibrate(_ action: Action) {
        guard action == .calibrate else {
            calibration.isRunning = false
            calibration.problem = "stopped; nothing was changed"
            effects.append(.stopCalibration)
            return
        }
        guard case .form(var form) = overlays.last, form.purpose == .calibration else {
            let form = RunForm.calibration(calibration.settings, data: generatedData)
            overlays.append(.form(form))
            return
        }
        switch form.calibrationOptions {
        case .failure(let problem):
            form.problem = problem.text
            overlays[overlays.count - 1] = .form(form)
        case .success(let options):
            overlays[overlays.count - 1] = .calibration
            calibration = CalibrationState(
                settings: form.values, isRunning: true, number: calibration.number + 1,
                document: bench.document)
            effects.append(.calibrate(options, number: calibration.number))
        }
    }

    mutating func navigateCalibration(_ action: Action) {
        let count = calibration.result?.rows.count ?? 0
        calibration.top = moved(calibration.top, by: action, of: count)
    }

    /// Takes what was made into the network, as one step.
    mutating func applyCalibration() {
        guard let result = calibration.result else {
            return refuse(
                calibration.isRunning ? "it is not done yet" : calibration.problem ?? "nothing was made")
        }
        guard calibration.document == bench.document else {
            return refuse("the network has changed meanwhile; Esc and C quantize it again")
        }
        overlays.removeAll { $0 == .calibration }
        guard bench.adopt(result, at: now) else { return refuse("the network is as it was made already") }
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
    public mutating func take(_ news: CalibrationJob.News, ofCalibration number: Int) {
        guard number == calibration.number, calibration.isRunning else { return }
        switch news {
        case .progress(let progress): calibration.progress = progress
        case .done(let result): (calibration.result, calibration.isRunning) = (result, false)
        case .failed(let problem): (calibration.problem, calibration.isRunning) = (problem, false)
        }
    }

    var whyNoCalibration: String? {
        if let reason = whyNotEditable { return reason }
        if bench.network.nodes.isEmpty { return "the network is empty; a adds a layer" }
        return bench.origin == nil
            ? "there are no trained weights to quantize: train in float, or open an ONNX model" : nil
    }

    var whyNotApproximate: String? {
        if case .page(let page) = overlays.last, page.model != nil { return nil }
        return "this page is of no model that was refused"
    }
}
