import Datasets
import Graph
import QAT
import Workbench

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

extension RunForm {
    /// The settings of quantizing from data, with their values of last time.
    static func calibration(_ values: [String: String], data: String) -> RunForm {
        RunForm(
            "quantize ", note: "nothing is changed before Enter",
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
            ], values
        ) { screen, form in screen.startCalibration(form) }
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
