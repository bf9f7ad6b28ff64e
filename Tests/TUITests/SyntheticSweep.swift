import Devices
import Editing
import Graph
import QAT

@testable import Probing
@testable import TUI

extension Synthetic {
    /// What a sweep over a network has found: each bit less costs more, the first layers most; every value and mix was
    /// measured, or only the first ones of them.
    static func sweep(
        of state: ScreenState, over setting: SweepRequest.Setting, looks: Int? = nil
    ) throws
        -> SweepResult
    {
        let network = state.editor.network
        var request = SweepRequest(
            ProbeRequest(network, on: state.editor.device.family), on: state.editor.device)
        request.setting = setting
        var result = try Sweep(request).result
        (result.baseline, result.samples) = (SweepMeasure(sqnr: 31.25), 64)
        result.data = "glyphs"
        result.weights = ProbedWeights(kept: result.rows.compactMap { $0.first?.choice.layer })
        let layers = result.rows.compactMap { $0.first?.choice.layer }
        for index in result.trials.indices {
            let trial = result.trials[index]
            let place = Double(layers.firstIndex(of: trial.choice.layer) ?? 0)
            let changed = try network.applying(trial.choice.edit)
            result.trials[index].cost = SweepCosts(Analysis(changed, on: request.probe.family))
            guard looks.map({ index < $0 }) ?? true else { continue }
            result.trials[index].isForbidden = trial.choice.value == 6 && trial.choice.layer.hasPrefix("fc")
            let loss = setting == .bits ? (8 - trial.choice.value) * 3 / (1 + place / 3) : (place - 6) / 4
            if !result.trials[index].isForbidden {
                result.trials[index].measure = SweepMeasure(sqnr: trial.isPresent ? 31.25 : 31.25 - loss)
            }
        }
        result.progress = (done: looks ?? result.trials.count, of: result.trials.count)
        guard looks == nil else { return result }
        result.isComplete = true
        let wanted: Set<Double> = setting == .bits ? [4] : [4.2, 2.5]
        let tried = result.trials.filter { !$0.isPresent && !$0.isForbidden }
        let fours = tried.map { $0.choice }.filter { wanted.contains($0.value) }
        let counts = setting == .bits ? [14, 9, 6, 3, 0] : [1, 2, 3]
        for count in counts {
            let choices = setting == .bits ? Array(fours.suffix(count)) : Array(fours.prefix(count))
            let changed = try network.applying(.all("", choices.map(\.edit)))
            let sqnr = 31.25 + (setting == .bits ? -1 : 1) * Double(count)
            result.mixes.append(
                SweepMix(
                    choices: choices, measure: SweepMeasure(sqnr: sqnr),
                    cost: SweepCosts(Analysis(changed, on: request.probe.family))))
        }
        return result
    }
}
