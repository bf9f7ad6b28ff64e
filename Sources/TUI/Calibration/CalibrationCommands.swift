import Terminal

// The commands of quantizing from data.
extension Command {
    static let calibrating: [Command] = [
        Command(
            "quantize", ["C"], in: [.network, .rules, .ranges],
            "makes a trained float network a good quantized one from data, without training",
            undo: true, unless: { $0.whyNoCalibration }
        ) { $0.openCalibration() },
        Command(
            "stop-quantize", ["x"], in: .calibration, "stops quantizing; nothing is changed", hint: "stop",
            unless: { $0.calibration.isRunning ? nil : "nothing is under way" }
        ) { $0.stopCalibration() },
    ]
}
