import Devices
import Editing
import Graph

// Which changes a sweep tries together, by what each gains or loses alone.
extension Sweep {
    /// The trials of each layer's field, in the order of the network.
    var variables: [[SweepTrial]] {
        var order: [String] = []
        var trials: [String: [SweepTrial]] = [:]
        for trial in result.trials where trial.measure != nil {
            let key = "\(trial.choice.field) of \(trial.choice.layer)"
            if trials[key] == nil { order.append(key) }
            trials[key, default: []].append(trial)
        }
        return order.compactMap { trials[$0] }
    }

    /// Combinations of bits over the whole range of costs, as far as the chip takes them together.
    func mixes() -> [SweepMix] {
        let variables = variables
        let own = result.baseline?.noise ?? 0
        let front = BitSearch.front(
            variables.map { trials in
                trials.map {
                    BitSearch.Option(
                        cost: ($0.cost ?? result.cost).counted(request) - result.cost.counted(request),
                        loss: ($0.measure?.noise ?? 0) - own)
                }
            })
        let budget = request.budget.map { $0 - result.cost.counted(request) }
        var seen: Set<[SweepChoice]> = []
        return BitSearch.spread(front, count: Sweep.mixes, budget: budget).compactMap { point in
            let chosen = zip(variables, point.options).map { $0[$1] }.filter { !$0.isPresent }.map(\.choice)
            // Widths of results go together along wires: what does not is left as it is.
            let safe = Set(safety.safe(of: chosen.map(\.edit)))
            let choices = chosen.filter { safe.contains($0.edit) }
            guard seen.insert(choices).inserted, let cost = meter.cost(of: choices) else { return nil }
            let predicted =
                choices.count == chosen.count
                ? decibels(signal: own + point.loss, noise: 1).map { -$0 } : nil
            return SweepMix(choices: choices, predicted: predicted, cost: cost)
        }
    }

    /// Mixes without those that cost at least as much as another and are worse.
    func unbeaten(_ mixes: [SweepMix]) -> [SweepMix] {
        var best = -Double.infinity
        return mixes.sorted { $0.cost.counted(request) < $1.cost.counted(request) }
            .filter { mix in
                let sqnr = mix.measure?.sqnr ?? .infinity
                guard sqnr > best else { return false }
                best = sqnr
                return true
            }
    }

    /// What can be said before anything was tried together: the single changes that no other beats; of clips and factors,
    /// the one that gains most.
    var singles: [SweepMix] {
        switch request.setting {
        case .bits:
            let own = SweepMix(choices: [], measure: result.baseline, cost: result.cost)
            return unbeaten(
                [own]
                    + result.trials.compactMap { trial in
                        guard !trial.isPresent, let measure = trial.measure, let cost = trial.cost else {
                            return nil
                        }
                        return SweepMix(choices: [trial.choice], measure: measure, cost: cost)
                    })
        case .clip, .factor:
            guard let best = gains.first,
                let trial = result.trials.first(where: { $0.choice == best }), let cost = trial.cost
            else { return [] }
            return [SweepMix(choices: [best], measure: trial.measure, cost: cost)]
        }
    }

    /// The best value of each layer that gains something by itself, the largest gain first.
    var gains: [SweepChoice] {
        guard let own = result.baseline?.sqnr else { return [] }
        return variables.compactMap { trials -> (SweepChoice, Double)? in
            let best = trials.max { ($0.measure?.sqnr ?? .infinity) < ($1.measure?.sqnr ?? .infinity) }
            guard let best, !best.isPresent, let sqnr = best.measure?.sqnr,
                sqnr - own >= Sweep.leastGain
            else { return nil }
            return (best.choice, sqnr)
        }.sorted { $0.1 > $1.1 }.map(\.0)
    }
}
