import Editing
import Graph
import Runs
import Sessions
import Terminal

// What is said of runs outside of the view: the window's title, the end of a run, and how to come back after quitting.
extension ScreenState {
    /// The title of the terminal's window: the session, and how far its run is or what came of it.
    var windowTitle: String {
        let name = "magikbench \(editor.name)"
        guard let run = training.liveRun ?? training.runs.first else { return name }
        let words =
            [run.shortName, run.isLive && run.word == "running" ? "" : run.word]
            + [
                run.isLive
                    ? run.fraction.map { "\(Int(held: $0 * 100))%" } ?? "" : run.evaluation?.measure ?? ""
            ]
        return "\(name): \(words.filter { !$0.isEmpty }.joined(separator: " "))"
    }

    /// Names the window anew where its title has changed.
    mutating func updateTitle() {
        let title = windowTitle
        guard title != shownTitle else { return }
        shownTitle = title
        effects.append(.title(title))
    }

    /// Says which of the runs that were live have ended, and how.
    mutating func announceEnds(since before: [RunSummary]) {
        let live = Set(before.filter(\.isLive).map(\.record.id))
        for run in training.runs where live.contains(run.record.id) && !run.isLive {
            let measure = run.evaluation.flatMap { evaluation in
                evaluation.measure.map { ", \(evaluation.split.storedName) \($0)" }
            }
            let text = "run \(run.shortName) \(run.word)\(measure ?? "")"
            if run.activity == .failed || run.activity == .stalled {
                refuse(run.record.message.map { "\(text): \($0)" } ?? text)
            } else {
                tellEnd(text + advice(on: run))
            }
            effects.append(.notify(title: editor.name, text: text))
        }
    }

    /// What would help a run that has ended, with the keys; "" where nothing is known of it.
    private func advice(on run: RunSummary) -> String {
        guard training.snapshot?.detail?.run == run.record.id,
            let finding = trainingFindings.first(where: \.isAdvice)
        else { return "" }
        let keys = view == .train ? key("treat") : "\(key("train")) and \(key("treat"))"
        return "; \(keys) \(finding.remedy.words)"
    }

    /// What is said after the screen is gone: that a run goes on, and how to see and stop it; nil where none does.
    public var farewell: String? {
        guard let run = training.liveRun, let path = editor.path else { return nil }
        return
            "run \(run.shortName) continues without the screen: magikbench \(ShellWord.quoted(path)) shows it, "
            + "kill \(run.record.process.number) stops it at a checkpoint"
    }
}
