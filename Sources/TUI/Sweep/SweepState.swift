import Editing
import Graph
public import Probing
import Terminal

/// What a sweep of the network has found, and which of its mixes is chosen.
struct SweepState: Sendable {
    /// What is changed.
    var setting = SweepRequest.Setting.bits
    /// What was found so far; nil before the first trial.
    var result: SweepResult?
    /// Why it cannot go on.
    var problem: String?
    /// Whether trials are still being taken.
    var isRunning = false
    /// The number of the newest sweep: answers to others are late.
    var number = 0
    /// The document that is swept.
    var document: Document?
    /// Position among the mixes; nil follows the last one.
    var selected: Int?

    /// The mixes that can be chosen: those that were measured.
    var mixes: [SweepMix] { result?.mixes.filter { $0.measure != nil } ?? [] }

    /// Position of the chosen mix among them; at first, for bits the one in the middle of what can be saved, and else
    /// the last, which gains most.
    var chosen: Int? {
        guard !mixes.isEmpty else { return nil }
        return min(selected ?? (setting == .bits ? mixes.count / 2 : mixes.count - 1), mixes.count - 1)
    }
}

/// What a sweep has found; `ScreenState.sweep` has it.
struct SweepPopup: Popup {
    let scope = Scope.sweep
    let keys: [KeyLabel] = [
        .upDown("combination"), .enter("apply"), .command("next-pane", "bits, clip, factor"),
        .escape("close"),
    ]

    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        screen.drawSweep(in: frame(in: body, rows: body.rows, columns: 108), on: &canvas)
    }

    func move(_ movement: Movement, on screen: inout ScreenState) {
        guard let chosen = screen.sweep.chosen else { return }
        screen.sweep.selected = screen.moved(chosen, by: movement, of: screen.sweep.mixes.count)
    }

    func click(_ row: Int, on screen: inout ScreenState) {
        if row == screen.sweep.chosen { return screen.applyMix() }
        screen.sweep.selected = row
    }

    func heading(on screen: ScreenState) -> String {
        "sweep over \(screen.sweep.setting.rawValue)" + (screen.sweep.isRunning ? ", under way" : "")
    }

    func lines(on screen: ScreenState) -> [String] {
        let sweep = screen.sweep
        if let problem = sweep.problem { return ["cannot be: \(problem)"] }
        let trials = (sweep.result?.rows ?? []).compactMap { trials -> String? in
            let words = trials.compactMap { trial -> String? in
                guard trial.isForbidden || trial.measure != nil else { return nil }
                let value =
                    sweep.setting == .bits
                    ? "\(Int(held: trial.choice.value)) bit" : Figures.clip(trial.choice.value)
                return value + (trial.isPresent ? ", as it is, " : " ")
                    + (trial.isForbidden ? "forbidden" : trial.measure?.words ?? "")
            }
            return words.isEmpty
                ? nil : "\(trials.first?.choice.layer ?? ""): \(words.joined(separator: "; "))"
        }
        let mixes = sweep.mixes.indices.map { mixLine($0, on: screen) }
        return [screen.sweepWords] + trials
            + (mixes.isEmpty && !sweep.isRunning ? ["nothing gains anything"] : mixes)
            + (mixes.isEmpty ? [] : ["a number selects a combination, \(screen.key("open-row")) applies it"])
    }

    func row(on screen: ScreenState) -> [String] {
        guard let chosen = screen.sweep.chosen else { return [screen.sweepWords] }
        return ["selected: \(mixLine(chosen, on: screen))", screen.chosenMixWords ?? ""].filter {
            !$0.isEmpty
        }
    }

    func progress(on screen: ScreenState) -> String? { screen.sweep.isRunning ? screen.sweepWords : nil }

    /// "combination 2: 1,442 KiB, 50 %, SQNR 21.3 dB"; of clips and factors what it adds to those before.
    private func mixLine(_ index: Int, on screen: ScreenState) -> String {
        let mix = screen.sweep.mixes[index]
        var words: [String] = []
        if screen.sweep.setting == .bits, let result = screen.sweep.result {
            let own = result.cost.counted(result.request)
            let cost = mix.cost.counted(result.request)
            words.append("\(Figures.kibibytes(cost)) KiB")
            if own > 0 {
                words.append("\(Figures.fixed(Double(cost) / Double(own) * 100, decimals: 0)) percent")
            }
        } else if let last = mix.choices.last {
            words.append(last.assignment)
        }
        if let measure = mix.measure { words.append("SQNR \(measure.words)") }
        return "combination \(index + 1): \(words.joined(separator: ", "))"
    }

    /// A number selects a combination.
    func enter(_ line: String, on screen: inout ScreenState) -> Bool {
        guard let number = Int(line.trimmed), screen.sweep.mixes.indices.contains(number - 1) else {
            return false
        }
        screen.sweep.selected = number - 1
        return true
    }

    func open(on screen: inout ScreenState) { screen.applyMix() }

    /// To another setting, with its own sweep.
    func tab(_ count: Int, on screen: inout ScreenState) {
        let all = SweepRequest.Setting.allCases
        let place = all.firstIndex(of: screen.sweep.setting) ?? 0
        screen.openSweep(all[(place + count + all.count) % all.count])
    }
}

extension ScreenState {
    /// Shows the sweep over a setting, or over the last one; begins it where it is not known.
    mutating func openSweep(_ setting: SweepRequest.Setting?) {
        let wanted = setting ?? sweep.setting
        if !popups.contains(where: { $0 is SweepPopup }) { popups.append(SweepPopup()) }
        let isKnown =
            sweep.setting == wanted && sweep.document == editor.document && sweep.problem == nil
            && (sweep.isRunning || sweep.result?.isComplete == true)
        guard !isKnown else { return }
        sweep = SweepState(
            setting: wanted, isRunning: true, number: sweep.number + 1, document: editor.document)
        effects.append(.sweep(wanted, number: sweep.number))
    }

    mutating func stopSweep() {
        sweep.isRunning = false
        effects.append(.stopSweep)
    }

    /// Takes the chosen mix into the network.
    mutating func applyMix() {
        guard let chosen = sweep.chosen else {
            return refuse(
                sweep.isRunning
                    ? "no combination has been tried yet" : sweep.problem ?? "nothing gains anything")
        }
        guard sweep.document == editor.document else {
            return refuse(
                "the network has changed since the sweep; \(key("back")) and \(key("sweep")) sweep it again")
        }
        guard let change = sweep.mixes[chosen].edit else {
            return refuse("this is the network as it is")
        }
        if edit(change) { popups.removeAll { $0 is SweepPopup } }
    }

    /// What the sweep of a number has found.
    public mutating func take(_ found: Result<SweepResult, SweepError>, ofSweep number: Int) {
        guard number == sweep.number else { return }
        switch found {
        case .success(let result):
            // A chosen mix stays chosen while others come before it.
            let chosen = sweep.selected.flatMap { sweep.mixes.indices.contains($0) ? sweep.mixes[$0] : nil }
            sweep.result = result
            if let chosen, let place = sweep.mixes.firstIndex(where: { $0.choices == chosen.choices }) {
                sweep.selected = place
            }
            if result.isComplete { sweep.isRunning = false }
        case .failure(let error): (sweep.problem, sweep.isRunning) = ("\(error)", false)
        }
    }

    var whyNoSweep: String? {
        editor.network.nodes.isEmpty ? "the network is empty; \(key("add")) adds a layer" : nil
    }
}
