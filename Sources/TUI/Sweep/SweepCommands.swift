import Probing
import Terminal

// The commands of a sweep.
extension Command {
    static let sweeping: [Command] = [
        Command(
            "sweep", ["S"], in: [.network, .ranges],
            "which layers need their bits, clips or factors, and what can be saved", hint: "sweep",
            parameter: Parameter("[bits|clip|factor]", optional: { SweepRequest.Setting(rawValue: $0) }),
            unless: { $0.whyNoSweep }
        ) { screen, setting in screen.openSweep(setting) },
        Command(
            "stop-sweep", ["x"], in: .sweep, "stops the sweep; what was measured stays", hint: "stop",
            unless: { $0.sweep.isRunning ? nil : "no sweep is under way" }
        ) { $0.stopSweep() },
    ]
}
