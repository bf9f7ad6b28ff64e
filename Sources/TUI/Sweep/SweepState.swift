import Graph
import Terminal
public import Workbench

/// What a sweep of the network has found, and which of its mixes is chosen.
struct SweepState: Sendable {
    /// What is changed.
    var subject = SweepRequest.Subject.bits
    /// What was found so far; nil before the first look.
    var result: SweepResult?
    /// Why it cannot go on.
    var problem: String?
    /// Whether looks are still being taken.
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
        return min(selected ?? (subject == .bits ? mixes.count / 2 : mixes.count - 1), mixes.count - 1)
    }
}

extension Interface {
    mutating func sweep(_ action: Action) {
        guard case .sweep(let subject) = action else {
            sweep.isRunning = false
            effects.append(.stopSweep)
            return
        }
        let wanted = subject ?? sweep.subject
        if !overlays.contains(.sweep) { overlays.append(.sweep) }
        let isKnown =
            sweep.subject == wanted && sweep.document == bench.document && sweep.problem == nil
            && (sweep.isRunning || sweep.result?.isComplete == true)
        guard !isKnown else { return }
        sweep = SweepState(
            subject: wanted, isRunning: true, number: sweep.number + 1, document: bench.document)
        effects.append(.sweep(wanted, number: sweep.number))
    }

    /// To another subject, with its own sweep.
    mutating func sweepOther(_ count: Int) {
        let all = SweepRequest.Subject.allCases
        let place = all.firstIndex(of: sweep.subject) ?? 0
        perform(.sweep(all[(place + count + all.count) % all.count]))
    }

    mutating func navigateSweep(_ action: Action) {
        guard let chosen = sweep.chosen else { return }
        let next = moved(chosen, by: action, of: sweep.mixes.count)
        if case .selectRow = action, next == chosen { return applyMix() }
        sweep.selected = next
    }

    /// Takes the chosen mix into the network.
    mutating func applyMix() {
        guard let chosen = sweep.chosen else {
            return refuse(
                sweep.isRunning ? "the sweep has no mix yet" : sweep.problem ?? "nothing gains anything")
        }
        guard sweep.document == bench.document else {
            return refuse("the network has changed since the sweep; Esc and S sweep it again")
        }
        guard let change = sweep.mixes[chosen].edit else {
            return refuse("this is the network as it is")
        }
        if edit(change) { overlays.removeAll { $0 == .sweep } }
    }

    /// What the sweep of a number has found.
    public mutating func take(_ found: Result<SweepResult, SweepError>, ofSweep number: Int) {
        guard number == sweep.number else { return }
        switch found {
        case .success(let result):
            sweep.result = result
            if result.isComplete { sweep.isRunning = false }
        case .failure(let error): (sweep.problem, sweep.isRunning) = ("\(error)", false)
        }
    }

    var whyNoSweep: String? { bench.network.nodes.isEmpty ? "the network is empty; a adds a layer" : nil }
}
