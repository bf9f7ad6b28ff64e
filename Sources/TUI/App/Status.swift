import Datasets
import Devices
import Editing
import Graph
import QAT
import Runs
import Terminal

// What several views say of the session.
extension ScreenState {
    /// The running job in words, for the right end of the first row.
    var jobStatus: String {
        guard let run = training.liveRun ?? training.shown else { return "" }
        let mark = run.isLive ? "\(appearance.glyphs.dot) " : ""
        let percent = run.fraction.map { " \(Int(held: $0 * 100))%" } ?? ""
        return size.columns >= 100
            ? [
                mark + run.shortName + (run.isLive && run.word == "running" ? percent : " " + run.word),
                run.leftWords,
            ]
            .filter { !$0.isEmpty }.joined(separator: "  ")
            : mark + run.shortName + percent
    }

    var statusStyle: Style {
        guard let run = training.liveRun else { return .dim }
        return run.activity == .running ? .accent : .advice
    }

    /// The generated data that the network can learn.
    var generatedData: String { "\(DataSpec.generated(for: editor.network))" }

    /// The rules that a layer keeps, or the whole network, each in a sentence.
    func passingRules(of layer: String?) -> [String] { editor.passingRules(of: layer) }
}
