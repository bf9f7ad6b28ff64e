import Devices
import Graph
import Terminal
import Workbench

/// What view 5 shows, and how.
struct CompareState: Sendable {
    /// The run that is selected.
    var selected: String?
    /// The compared runs in the order of their letters; nil until somebody chose: then the two newest.
    var chosen: [String]?
    /// What the plot shows.
    var curve = RunComparison.Curve.loss
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

extension Interface {
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

    mutating func navigateCompare(_ action: Action) {
        if pane == .differences {
            let rows = (training.snapshot?.comparison?.settings.count ?? 0) + 200
            compare.top = moved(compare.top, by: action, of: rows)
            if case .selectRow = action { panes[.compare] = 0 } else { return }
        }
        let rows = comparedRows
        guard let run = selectedRun, let index = rows.firstIndex(of: run) else { return }
        compare.selected = rows[moved(index, by: action, of: rows.count)].id
    }

    mutating func compareRuns(_ action: Action) {
        switch action {
        case .choose: toggleChoice()
        case .curve:
            let all = RunComparison.Curve.allCases
            compare.curve = all[((all.firstIndex(of: compare.curve) ?? 0) + 1) % all.count]
        case .equalRows: compare.showsEqual.toggle()
        case .logScale: compare.isLogarithmic.toggle()
        case .againstSteps: compare.bySteps.toggle()
        case .noteRun(let text): noteRun(text)
        case .deleteRun(let isSure): deleteRun(isSure)
        case .takeNetwork: takeNetwork()
        default: break
        }
    }

    private mutating func toggleChoice() {
        guard let run = selectedRun else {
            return refuse(whyNoRuns ?? "no run is shown; Esc clears the filter")
        }
        var chosen = comparedRuns
        if let place = chosen.firstIndex(of: run.id) {
            chosen.remove(at: place)
        } else {
            guard chosen.count < RunComparison.limit else {
                return refuse("four runs are compared; Space on one of them makes room")
            }
            chosen.append(run.id)
        }
        compare.chosen = chosen
        if chosen.count < RunComparison.limit { navigateCompare(.move(1)) }
    }

    private mutating func noteRun(_ text: String?) {
        guard let run = selectedRun else { return refuse(whyNoRuns ?? "no run is shown") }
        if let text {
            effects.append(.noteRun(run.id, text))
            return say(
                text.isEmpty ? "no note on \(run.summary.shortName)" : "noted on \(run.summary.shortName)")
        }
        overlays.append(
            .prompt(
                Prompt(
                    purpose: .runNote, title: "note on \(run.summary.shortName)",
                    help: "what the table says of it; empty takes it away", field: TextField(run.note))))
    }

    private mutating func deleteRun(_ isSure: Bool) {
        guard let run = selectedRun else { return refuse(whyNoRuns ?? "no run is shown") }
        guard !run.summary.isLive else {
            return refuse("\(run.summary.shortName) is \(run.summary.word); 4 and x stop it first")
        }
        guard isSure else {
            overlays.append(
                .question(
                    Question(
                        title: "delete \(run.summary.shortName)",
                        lines: ["Its curves, ranges and checkpoints go for good: \(run.summary.line)."],
                        answers: [
                            .init(key: "d", title: "delete", action: .deleteRun(isSure: true))
                        ])))
            return
        }
        compare.chosen = comparedRuns.filter { $0 != run.id }
        effects.append(.deleteRun(run.id))
    }

    /// Puts the network that a run trained in the place of this one, as a step that undo takes back.
    private mutating func takeNetwork() {
        if let reason = whyNotEditable { return refuse(reason) }
        guard let run = selectedRun else { return refuse(whyNoRuns ?? "no run is shown") }
        let name = run.summary.shortName
        do throws(FileError) {
            let document = try Document(bytes: Array(run.summary.record.network.utf8))
            guard bench.replace(with: document, title: "network of run \(name)", at: now) else {
                return say("this is the network of \(name)")
            }
        } catch {
            return refuse("the network of \(name) cannot be read: \(error)")
        }
        changed()
        say("network of run \(name)", undoable: true)
    }

    /// After every change: what the watching thread is to read for view 5.
    mutating func keepCompare() {
        let wanted = view == .compare ? comparedRuns : nil
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
