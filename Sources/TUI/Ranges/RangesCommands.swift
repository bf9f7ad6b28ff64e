import Terminal
import Workbench

// The commands of view 3.
extension Command {
    static let ranges: [Command] = [
        Command(
            "narrower", [.left], in: .ranges, "a lower clip; in the weights a smaller factor",
            undo: true,
            unless: { $0.whyNothingSelected }
        ) { $0.stepRange(-1) },
        Command(
            "wider", [.right], in: .ranges, "a higher clip; in the weights a larger factor", undo: true,
            unless: { $0.whyNothingSelected }
        ) { $0.stepRange(1) },
        Command(
            "per", ["p"], in: .ranges, "pictures of values, of channels, or of the range over a run's time",
            hint: "per",
            parameter: Parameter("[values|channels|time]", optional: { RangesState.Subject(rawValue: $0) })
        ) { screen, subject in screen.show(subject) },
        Command(
            "samples", ["R"], in: .ranges, "looks at more samples: 32, 128, 512", hint: "more samples",
            parameter: Parameter("[COUNT]", optional: { Int($0) })
        ) { screen, count in screen.probeSamples(count) },
        Command(
            "sweep", ["S"], in: [.network, .ranges],
            "which layers need their bits, clips or factors, and what can be saved", hint: "sweep",
            parameter: Parameter("[bits|clip|factor]", optional: { SweepRequest.Subject(rawValue: $0) }),
            unless: { $0.whyNoSweep }
        ) { screen, subject in screen.openSweep(subject) },
        Command(
            "quantize", ["C"], in: [.network, .ranges],
            "makes a trained float network a good quantized one from data, without training",
            undo: true, unless: { $0.whyNoCalibration }
        ) { $0.openCalibration() },
        Command(
            "stop-quantize", ["x"], in: .calibration, "stops quantizing; nothing is changed", hint: "stop",
            unless: { $0.calibration.isRunning ? nil : "nothing is under way" }
        ) { $0.stopCalibration() },
        Command(
            "stop-sweep", ["x"], in: .sweep, "stops the sweep; what was measured stays", hint: "stop",
            unless: { $0.sweep.isRunning ? nil : "no sweep is under way" }
        ) { $0.stopSweep() },
        Command(
            "enlarge", ["z"], in: .ranges, "gives the focused picture the room of both", hint: "zoom"
        ) { $0.ranges.isZoomed.toggle() },
    ]
}
