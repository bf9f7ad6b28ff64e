import Datasets
import Graph
import Probing
import QAT
import Sessions

/// The settings of quantizing from data, as the options of `magikbench quantize`.
public struct CalibrationOptions: Hashable, Sendable {
    /// The data as typed; nil is the generated set that fits.
    var data: String?
    /// Samples that ranges come from.
    var samples = Session.usualCalibrationSamples
    /// Bits of weights and activations; nil keeps those of the network.
    var widths: BitWidths?
    /// How ranges follow from values.
    var method = RangeMethod.mse
    /// Whether weights are rounded up or down as it serves each layer best.
    var learnsRounding = true
    /// Whether all clips stay as they are.
    var keepsClips = false
    /// Whether signed maps stay whole, though the chip may surround them with what is not 0.
    var keepsMapsWhole = false
}

extension OptionForm {
    /// The settings of quantizing from data, with their values of last time.
    static func calibration(_ values: [String: String], data: String) -> OptionForm {
        OptionForm(
            "quantize ", note: { "nothing is changed before \($0.key("open-row"))" },
            [
                typed(
                    "--data", "data", data,
                    "any samples, labels are not read: images:DIR, yolo:DIR, npz:FILE ...; generated ones say little"
                ),
                typed(
                    "--samples", "samples", "\(Session.usualCalibrationSamples)", "how many ranges come from"),
                choice(
                    "--bits", "bits", [currentBits, "8", "w4a8", "4", "2"], currentBits,
                    "of weights and activations; w4a8: weights of 4, activations of 8; 'current bits' keeps the network's"
                ),
                choice(
                    "--method", "method", RangeMethod.allCases.map(\.rawValue), RangeMethod.mse.rawValue,
                    "how ranges follow from values: least squared error, 99.99 %, the largest, or entropy"),
                choice(
                    "--round", "rounding", ["learned", "nearest"], "learned",
                    "of weights: the others compensate for the error of each, or each takes the nearest code"),
                choice("--keep-clips", "keep clips", ["off", "on"], "off", "leaves all clips as they are"),
                choice(
                    "--whole-maps", "whole maps", ["off", "on"], "off",
                    "leaves signed maps whole, which T40, T41 and T02 surround with -1, not 0"),
            ], values
        ) { screen, form in screen.startCalibration(form) }
    }

    /// What the settings ask for, or what is wrong with them.
    var calibrationOptions: Result<CalibrationOptions, OptionFormProblem> {
        let values = values
        var options = CalibrationOptions()
        if let data = values["--data"] {
            do {
                _ = try DataSpec(data)
            } catch {
                return .failure(OptionFormProblem(text: "\(error)"))
            }
            options.data = data
        }
        if let text = values["--samples"] {
            guard let count = Int(text), count > 0 else {
                return .failure(OptionFormProblem(text: "samples is a number of 1 or more"))
            }
            options.samples = count
        }
        options.widths = values["--bits"].flatMap {
            BitWidths($0, allowed: Quantization.weightBits.dropLast())
        }
        options.method = values["--method"].flatMap { RangeMethod(rawValue: $0) } ?? .mse
        options.learnsRounding = values["--round"].map { $0 == "learned" } ?? true
        options.keepsClips = values["--keep-clips"] == "on"
        options.keepsMapsWhole = values["--whole-maps"] == "on"
        return .success(options)
    }
}
