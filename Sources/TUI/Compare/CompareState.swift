import Devices
import Editing
import Graph
import Runs
import Terminal

/// What view 5 shows, and how.
struct CompareState: Sendable {
    /// The run that is selected.
    var selected: String?
    /// The compared runs in the order of their letters; nil for the two newest.
    var chosen: [String]?
    /// What the plot shows; nil for evaluations, or the loss of training where no run has two of them.
    var curve: RunComparison.Curve?
    /// Whether it is against steps; else against epochs.
    var bySteps = false
    var isLogarithmic = false
    /// Whether settings that do not differ are listed too.
    var showsEqual = false
    /// Only runs with this text are shown.
    var filter = ""
    /// The first row of what differs.
    var top = 0
}

extension ScreenState {
    /// The runs of view 5, the newest first.
    var comparedRows: [RunFacts] {
        let all = training.snapshot?.table ?? []
        return compare.filter.isEmpty ? all : all.filter { $0.matches(compare.filter) }
    }

    /// The compared runs: those that were chosen, or the two newest.
    var comparedRuns: [String] {
        compare.chosen ?? Array(training.runs.prefix(2).map(\.record.id))
    }

    /// The run under the cursor.
    var selectedRun: RunFacts? {
        let rows = comparedRows
        return rows.first { $0.id == compare.selected } ?? rows.first
    }

    mutating func moveInCompare(_ movement: Movement) {
        if pane.scope == .differences {
            // The drawing knows how many rows there are, and shows the last ones where this is too far.
            let most = (training.snapshot?.comparison?.settings.count ?? 0) + 200
            compare.top = moved(compare.top, by: movement, of: most)
            return
        }
        moveThroughRuns(movement)
    }

    private mutating func moveThroughRuns(_ movement: Movement) {
        let rows = comparedRows
        guard let run = selectedRun, let index = rows.firstIndex(of: run) else { return }
        compare.selected = rows[moved(index, by: movement, of: rows.count)].id
    }

    mutating func clickRun(_ id: String) {
        panes[.compare] = 0
        compare.selected = id
    }

    /// What the plot shows: one dot for one epoch says less than the loss of its steps.
    func shownCurve(_ comparison: RunComparison) -> RunComparison.Curve {
        let isShort = comparison.members.allSatisfy {
            $0.facts.evaluations.count < 2 && !$0.trainLoss.isEmpty
        }
        return compare.curve ?? (isShort ? .trainLoss : .loss)
    }

    mutating func showNextCurve() {
        let all = RunComparison.Curve.allCases
        let now = training.snapshot?.comparison.map(shownCurve) ?? .loss
        compare.curve = all[((all.firstIndex(of: now) ?? 0) + 1) % all.count]
    }

    mutating func toggleChoice() {
        guard let run = selectedRun else {
            return refuse(whyNoRuns ?? "no run is shown; \(key("back")) clears the filter")
        }
        var chosen = comparedRuns
        if let place = chosen.firstIndex(of: run.id) {
            chosen.remove(at: place)
        } else {
            guard chosen.count < RunComparison.limit else {
                return refuse("four runs are compared; \(key("choose")) on one of them makes room")
            }
            chosen.append(run.id)
        }
        compare.chosen = chosen
        if chosen.count < RunComparison.limit { moveThroughRuns(.rows(1)) }
    }

    mutating func noteRun(_ text: String?) {
        guard let run = selectedRun else { return refuse(whyNoRuns ?? "no run is shown") }
        if let text {
            effects.append(.noteRun(run.id, text))
            return say(
                text.isEmpty ? "no note on \(run.summary.shortName)" : "noted on \(run.summary.shortName)")
        }
        popups.append(
            Prompt(
                "note on \(run.summary.shortName)", help: "what the table says of it; empty takes it away",
                text: run.note, isReplaced: false
            ) { screen, text in screen.noteRun(text) })
    }

    mutating func askToDeleteRun() {
        guard let run = selectedRun else { return refuse(whyNoRuns ?? "no run is shown") }
        guard !run.summary.isLive else {
            return refuse(
                "\(run.summary.shortName) is \(run.summary.word); \(key("train")) and \(key("stop")) stop it first"
            )
        }
        popups.append(
            Question(
                "delete \(run.summary.shortName)",
                ["Its curves, ranges and checkpoints go for good: \(run.summary.line)."],
                [.init("d", "delete") { $0.deleteRun(run) }]))
    }

    private mutating func deleteRun(_ run: RunFacts) {
        compare.chosen = comparedRuns.filter { $0 != run.id }
        effects.append(.deleteRun(run.id))
    }

    /// Puts the network that a run trained in place of this one, as a step that undo takes back.
    mutating func takeNetwork() {
        if let reason = whyNotEditable { return refuse(reason) }
        guard let run = selectedRun else { return refuse(whyNoRuns ?? "no run is shown") }
        let name = run.summary.shortName
        do throws(FileError) {
            let document = try Document(bytes: Array(run.summary.record.network.utf8))
            guard editor.replace(with: document, title: "network of run \(name)", at: now) else {
                return say("this is the network of \(name)")
            }
        } catch {
            return refuse("the network of \(name) cannot be read: \(error)")
        }
        changed()
        say("network of run \(name)", undoable: true)
    }

    /// After every change: what the watching thread is to read for view 5.
    mutating func updateComparison() {
        let wanted =
            view == .compare ? comparedRuns : view == .train && training.isOverlaid ? overlaidRuns : nil
        guard wanted != askedToCompare else { return }
        askedToCompare = wanted
        effects.append(.compare(wanted))
    }

    /// The compared runs as text.
    var compareText: [String] {
        guard let comparison = training.snapshot?.comparison else { return ["no run"] }
        let heads = comparison.members.map { member in
            "run \(member.letter) is \(member.facts.id), \(member.facts.state), \(member.facts.bits)"
        }
        let letters = comparison.members.map(\.letter)
        let rows = comparison.differences.map { row in
            "\(row.title): " + zip(letters, row.values).map { "\($0) \($1)" }.joined(separator: ", ")
        }
        return heads + rows + comparison.sentences
    }
}
