import Editing
import Foundation
import Graph

/// Up to four runs side by side: their curves, what differs in their settings, and how well each layer kept its values.
public struct RunComparison: Hashable, Sendable {
    /// The most runs that are compared.
    public static let limit = 4

    /// A run of the comparison.
    public struct Member: Hashable, Sendable {
        /// Its name in the comparison: A, B, C or D.
        public var letter: String
        /// What it trained, and what came of it.
        public var facts: RunFacts
        /// The training loss by step, smoothed.
        public var trainLoss: [CurvePoint] = []
        /// Steps in an epoch, or nil where that is not known.
        public var stepsPerEpoch: Int?
    }

    /// Something that a plot of runs shows.
    public enum Curve: String, CaseIterable, Hashable, Sendable {
        /// The smoothed loss of the batches.
        case trainLoss = "train loss"
        /// The loss of each measurement.
        case loss = "loss"
        /// The fraction that was right at each measurement.
        case accuracy = "accuracy"
    }

    /// What a plot of runs shows it against.
    public enum Axis: String, CaseIterable, Hashable, Sendable {
        /// Steps from the run's begin.
        case step
        /// Epochs done, in parts; empty where the steps of an epoch are not known.
        case epoch
    }

    /// A layer's signal to quantization noise in each run.
    public struct LayerRow: Hashable, Sendable {
        /// The layer.
        public var layer: String
        /// Decibels in each run, the lower one of its weights and its result; nil where it was not measured or nothing is
        /// quantized.
        public var sqnr: [Double?]
        /// The share of its weights, below 8 bits, whose code changed between the last two observations of each run; nil where
        /// that is not known.
        public var flips: [Double?] = []
    }

    /// The runs, in the order of their letters.
    public var members: [Member] = []
    /// All settings, the plan's first, each with its value in each run.
    public var settings: [SettingRow] = []
    /// Signal to quantization noise by layer, at the last observation of each run, in the order of the first run's network.
    public var sqnrByLayer: [LayerRow] = []

    /// The settings that differ.
    public var differences: [SettingRow] { settings.filter(\.differs) }
    /// How many settings do not.
    public var equalSettings: Int { settings.count { !$0.differs } }

    /// The lowest signal to quantization noise of each run, in decibels.
    public var worstSQNR: [Double?] {
        members.indices.map { run in sqnrByLayer.compactMap { $0.sqnr[run] }.min() }
    }

    /// The curve of a run; nothing where it has none against that axis.
    public func samples(_ curve: Curve, of member: Member, by axis: Axis) -> [CurvePoint] {
        switch (curve, axis) {
        case (.trainLoss, .step): return member.trainLoss
        case (.trainLoss, .epoch):
            guard let steps = member.stepsPerEpoch, steps > 0 else { return [] }
            return member.trainLoss.map { CurvePoint(x: $0.x / Double(steps), y: $0.y) }
        case (.loss, _), (.accuracy, _):
            return member.facts.evaluations.compactMap { evaluation in
                let y = curve == .loss ? evaluation.loss : evaluation.accuracy
                return y.map {
                    CurvePoint(x: Double(axis == .step ? evaluation.step : evaluation.epoch), y: $0)
                }
            }
        }
    }
}

// Comparing at the same epoch: twelve epochs beside forty say nothing.
extension RunComparison {
    /// The first run beside each of the others, each at the last epoch that both have measured.
    public var sentences: [String] { members.dropFirst().indices.map { sentence(0, $0) } }

    /// "A against B at epoch 12: test loss +0.021, acc -1.2 pt, 180 vs 354 KiB": the first less the second, or why that
    /// cannot be said.
    public func sentence(_ first: Int, _ second: Int) -> String {
        let pair = [members[first], members[second]]
        let names = "\(pair[0].letter) and \(pair[1].letter)"
        guard pair[0].facts.split == pair[1].facts.split else {
            let words = pair.map { "\($0.letter) on \(RunNumbers.word($0.facts.split))" }
            return "\(names) are measured on different samples: \(words[0]), \(words[1])"
        }
        let epochs = pair.map { Set($0.facts.evaluations.map(\.epoch)) }
        guard let epoch = epochs[0].intersection(epochs[1]).max() else {
            let words = zip(pair, epochs).map { member, epochs in
                "\(member.letter) " + (epochs.max().map { "to epoch \($0)" } ?? "at none")
            }
            return "\(names) have no measured epoch in common: \(words[0]), \(words[1])"
        }
        let sizes = pair.map { $0.facts.weightBytes.map(Figures.kibibytes) ?? "?" }
        let measured = pair.map { member in member.facts.evaluations.last { $0.epoch == epoch } }
        let losses = measured.map { $0?.loss ?? .nan }
        let shares = measured.compactMap { $0?.accuracy }
        let word = RunNumbers.word(pair[0].facts.split)
        let isFair = pair[0].facts.summary.record.data == pair[1].facts.summary.record.data
        let title = RunFacts.shareTitle(of: pair.map(\.facts))
        let share =
            shares.count == 2 ? ", \(title) \(String(format: "%+.1f", (shares[0] - shares[1]) * 100)) pt" : ""
        return "\(pair[0].letter) against \(pair[1].letter) at epoch \(epoch): "
            + "\(word) loss \(RunComparison.signed(losses[0] - losses[1]))\(share), "
            + "\(sizes[0]) vs \(sizes[1]) KiB" + (isFair ? "" : ", on other data")
    }

    private static func signed(_ number: Double) -> String {
        number.isFinite ? String(format: "%+.3f", number) : Figures.none
    }
}

extension RunComparison {
    /// Lays what was read side by side; `sqnr` is that of each run by layer, in decibels, and `flips` the share of weights
    /// that changed their code.
    init(_ members: [Member], sqnr: [[String: Double]], flips: [[String: Double]] = []) {
        self.members = members
        settings = RunSettings(members.map(\.facts)).rows
        var layers: [String] = []
        var seen: Set<String> = []
        for (member, found) in zip(members, sqnr) {
            let order = member.facts.network?.nodes.map(\.name) ?? []
            let known = order.filter { found[$0] != nil }
            // Layers of a network that cannot be read stand in the order of their names.
            let others = found.keys.filter { !order.contains($0) }.sorted()
            layers += (known + others).filter { seen.insert($0).inserted }
        }
        sqnrByLayer = layers.map { layer in
            LayerRow(layer: layer, sqnr: sqnr.map { $0[layer] }, flips: flips.map { $0[layer] })
        }
    }
}
