import Graph
import QAT

/// A setting and its value in each run of a comparison.
public struct SettingRow: Hashable, Sendable {
    /// What it is: "seed", "weight bits", "conv0 clip", "clip of 3 layers".
    public var title: String
    /// The value in each run; "·" where the run has no such thing, "?" where this program does not know.
    public var values: [String]
    /// The layers that it stands for; none for a setting of the plan.
    public var layers: [String] = []

    /// Whether the runs disagree.
    public var differs: Bool { values.dropFirst().contains { $0 != values.first } }
}

/// The settings of several runs side by side: of the plan, then of the networks that they ended with.
struct RunSettings {
    let runs: [RunFacts]

    init(_ runs: [RunFacts]) { self.runs = runs }

    /// All settings; those of layers are told together where they can be.
    var rows: [SettingRow] {
        let records = runs.map(\.summary.record)
        return [
            SettingRow(title: "data", values: records.map(\.data)),
            SettingRow(title: "chip", values: records.map(\.device)),
            SettingRow(title: "seed", values: records.map { "\($0.seed)" }),
        ] + planRows + networkRows
    }

    private var planRows: [SettingRow] {
        [
            row("stages") { $0.stages.map(\.title).joined(separator: ", ") },
            row("epochs") { $0.stages.map { "\($0.epochs)" }.joined(separator: ", ") },
            row("batch") { "\($0.batch)" },
            row("optimizer") { RunSettings.folded($0.stages.map(\.optimizer.words)) },
            row("learning rate") { RunSettings.folded($0.stages.map { "\($0.learningRate)" }) },
            row("schedule", \.schedule.rawValue),
            row("initial weights") { $0.beginsWithWeights ? "the session's" : $0.initialWeights.rawValue },
            row("warm-up steps") { "\($0.warmup)" },
            row("weight decay") { "\($0.weightDecay)" },
            row("gradient norm") { $0.gradientNorm.map { "\($0)" } ?? "any" },
            row("loss", \.loss.rawValue),
            row("arithmetic", \.arithmetic.rawValue),
            row("memory", \.memory.rawValue),
            row("gradients", \.gradients.rawValue),
            row("products") { $0.isDeterministic ? "as on every machine" : "the fastest" },
            row("patience") { $0.patience.map { "\($0)" } ?? "none" },
            row("step limit") { $0.stepLimit.map { "\($0)" } ?? "none" },
            row("batch norm freezes after") { $0.freezeAfter == 1 ? "never" : "\($0.freezeAfter)" },
            row("average of weights") { $0.average.map { "\($0)" } ?? "none" },
            row("frozen") { $0.frozen.isEmpty ? "none" : $0.frozen.map(\.text).joined(separator: ", ") },
            row("other rates") {
                $0.rates.isEmpty
                    ? "none" : $0.rates.map { "\($0.pattern.text)=\($0.factor)" }.joined(separator: ", ")
            },
            row("batches a step") { "\($0.accumulate)" },
            row("label smoothing") { "\($0.labelSmoothing)" },
        ]
    }

    private func row(_ title: String, _ value: (TrainingPlan) -> String) -> SettingRow {
        SettingRow(title: title, values: runs.map { $0.summary.plan.map(value) ?? "?" })
    }

    /// One value where all stages have it, else each one's.
    private static func folded(_ values: [String]) -> String {
        Set(values).count == 1 ? values[0] : values.joined(separator: ", ")
    }

    private var networkRows: [SettingRow] {
        let networks = runs.compactMap(\.network)
        guard networks.count == runs.count else {
            // Without one of them, only whether they are the same can be said.
            return [
                SettingRow(title: "network", values: runs.map { String($0.summary.record.digest.prefix(8)) })
            ]
        }
        return NetworkSettings(networks).rows
    }
}

extension OptimizerRule {
    /// "sgd", "adam", "adamW"; with its numbers where they are not the usual ones.
    fileprivate var words: String {
        for (usual, word) in [(OptimizerRule.sgd, "sgd"), (.adam, "adam"), (.adamW, "adamW")]
        where self == usual {
            return word
        }
        switch self {
        case .sgd(let momentum, let nesterov):
            return "sgd \(momentum)" + (nesterov ? " nesterov" : "")
        case .adam(let beta1, let beta2, let epsilon, let decoupled):
            return (decoupled ? "adamW" : "adam") + " \(beta1) \(beta2) \(epsilon)"
        }
    }
}
