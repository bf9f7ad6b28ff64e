public import Datasets
import Devices
import Editing
public import Graph
public import QAT

/// A run as a row of a table of runs: what it trained, and what came of it.
public struct RunFacts: Hashable, Sendable {
    /// The run in a few words and numbers.
    public var summary: RunSummary
    /// The network of the stage that it ended with, or is in; nil where this program does not understand it.
    public var network: Network?
    /// The bits of its layers: "w4 a4", "w4-8 a8", "float"; "?" without a network.
    public var bits: String
    /// Where the quantizers end: "4.0", "2.0-6.0" where layers differ, "·" where none quantizes.
    public var clip: String
    /// Bytes of the parameters at their bits.
    public var weightBytes: Int?
    /// What it is measured on: samples that were held back where there are any, else the test's.
    public var split = Split.test
    /// The measurements that a plot shows: on that split, one a step, quantized where it is.
    public var evaluations: [RunEvaluation] = []
    /// The fraction that was right without quantizers, at the last such measurement.
    public var floatAccuracy: Double?
    /// The measurements in whole numbers on that split: one at the end of each stage with quantizers.
    public var integers: [RunEvaluation] = []

    /// The name of the run.
    public var id: String { summary.record.id }
    /// The user's remark.
    public var note: String { summary.record.note ?? "" }
    /// The last measurement.
    public var evaluation: RunEvaluation? { evaluations.last }
    /// The fraction that was right in whole numbers, at the last such measurement.
    public var integerAccuracy: Double? { integers.last?.accuracy }
    /// On how many samples that was, where it were fewer than the others are measured on.
    public var integerSamples: Int? {
        guard let integer = integers.last, let samples = integer.samples,
            let all = evaluations.last(where: { $0.step == integer.step })?.samples, samples < all
        else { return nil }
        return samples
    }
    /// "integers on the first 1,000 samples", of runs that are shown together; nil where all were asked.
    public static func integerNote(of runs: [RunFacts]) -> String? {
        let counts = Set(runs.compactMap(\.integerSamples)).sorted()
        guard let most = counts.last else { return nil }
        let words = counts.count > 1 ? "\(Figures.grouped(counts[0])) to " : ""
        return "integers on the first \(words)\(Figures.grouped(most)) samples"
    }
    /// What whole numbers cost: integer less float accuracy; nil where one of them was not measured.
    public var drop: Double? {
        guard let integerAccuracy, let floatAccuracy else { return nil }
        return integerAccuracy - floatAccuracy
    }

    /// The stage that the run ended with or is in, where it has a plan that this program understands.
    public var stage: TrainingPlan.Stage? { RunFacts.stage(of: summary) }

    /// "cosine 1e-3"; "?" where the plan is another version's.
    public var schedule: String {
        guard let plan = summary.plan, let stage else { return "?" }
        return "\(plan.schedule.rawValue) \(RunFacts.rate(stage.learningRate))"
    }

    /// How far it came, and what it does: "12/40 running", "40/40 finished".
    public var state: String {
        let epoch = summary.last.map { "\($0.epoch + 1)" } ?? "0"
        return epoch + (summary.epochs.map { "/\($0)" } ?? "") + " " + summary.word
    }

    /// Whether each word of a text is found in what a table says of the run, in any case.
    public func matches(_ filter: String) -> Bool {
        let words = [id, note, bits, clip, schedule, state, summary.record.data, summary.record.device]
        let text = words.joined(separator: " ").lowercased()
        return filter.lowercased().split(separator: " ").allSatisfy { text.contains($0) }
    }

    /// "1e-3", "2.5e-4".
    private static func rate(_ rate: Double) -> String {
        Figures.scientific(rate).replacing(".0e", with: "e")
    }

    static func stage(of run: RunSummary) -> TrainingPlan.Stage? {
        guard let stages = run.plan?.stages, !stages.isEmpty else { return nil }
        return stages[min(max(0, run.last?.stage ?? 0), stages.count - 1)]
    }
}

extension RunFacts {
    /// What follows from a run's network alone; many runs of a session share it.
    struct Costs: Hashable, Sendable {
        var network: Network?
        var bits = "?"
        var clip = "?"
        var weightBytes: Int?
    }

    /// What the costs of a run follow from.
    struct Origin: Hashable, Sendable {
        var text: String
        var device: String
        var bits: Int?

        init(_ run: RunSummary) {
            text = run.record.network
            device = run.record.device
            bits = RunFacts.stage(of: run)?.bits
        }

        /// The costs; unknown where the text or the chip is another version's.
        var costs: Costs {
            let document: Document
            do throws(FileError) {
                document = try Document(bytes: Array(text.utf8))
            } catch {
                return Costs()
            }
            let network = bits.map(document.network.atBits) ?? document.network
            let analysis = Analysis(network, on: (Device(name: device) ?? document.device).family)
            return Costs(
                network: network, bits: analysis.bitsInUse, clip: Costs.clip(of: analysis),
                weightBytes: analysis.cost.total.weightBytes)
        }
    }

    /// A run with its measurements, in the order of their steps.
    init(_ summary: RunSummary, _ costs: Costs, measured all: [RunEvaluation]) {
        self.init(
            summary: summary, network: costs.network, bits: costs.bits, clip: costs.clip,
            weightBytes: costs.weightBytes)
        split = .shown(all.map(\.split))
        let mine = all.filter { $0.split == split }
        evaluations = RunFacts.drawn(mine)
        floatAccuracy = mine.last { $0.mode == .float }?.accuracy
        integers = mine.filter { $0.mode == .integer }
    }

    /// One measurement a step: quantized where it is, else float.
    static func drawn(_ evaluations: [RunEvaluation]) -> [RunEvaluation] {
        var drawn: [RunEvaluation] = []
        for evaluation in evaluations where evaluation.mode != .integer {
            guard drawn.last?.step == evaluation.step else {
                drawn.append(evaluation)
                continue
            }
            if evaluation.mode == .quantized { drawn[drawn.count - 1] = evaluation }
        }
        return drawn
    }
}

extension RunFacts.Costs {
    fileprivate static func clip(of analysis: Analysis) -> String {
        let clips = zip(analysis.network.nodes, analysis.facts.nodes).compactMap { node, facts -> Double? in
            guard let quantization = node.layer.settings.quantization, quantization.isEnabled,
                node.layer.value(of: "clip") != nil, !facts.output.isFloat
            else { return nil }
            return quantization.clip
        }
        guard let least = clips.min(), let greatest = clips.max() else { return Figures.none }
        return least == greatest
            ? Figures.clip(least) : Figures.clip(least) + "-" + Figures.clip(greatest)
    }
}
