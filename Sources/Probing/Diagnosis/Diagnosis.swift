import Devices
public import Editing
public import Graph

/// What is wrong with a layer that stands out, and what to try.
public struct Diagnosis: Hashable, Sendable {
    /// The layer.
    public var layer: String
    /// What is wrong with it.
    public var kind: Kind
    /// What is wrong, with the number that led to it, and what to try; without the layer's name.
    public var sentence: String
    /// The number that led to it; `Kind.number` says of what.
    public var number: Double
    /// A change of the network that helps; nil where only other weights help.
    public var edit: Edit?

    /// A diagnosis of a layer.
    public init(layer: String, kind: Kind, sentence: String, number: Double, edit: Edit? = nil) {
        self.layer = layer
        self.kind = kind
        self.sentence = sentence
        self.number = number
        self.edit = edit
    }

    /// What can be wrong with a layer.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// The clip is far below the results.
        case clipped
        /// The clip is far beyond the results.
        case unusedLevels
        /// The weight factor is far too small.
        case clippedWeights
        /// Channels give one value only.
        case deadChannels
        /// One channel or few reach far beyond all others.
        case stretchingChannel
        /// Negative values meet a grid without a sign, and no activation says so.
        case lostNegatives
        /// What the layer reads is normalized, and no batch norm finds its scale again.
        case missingBatchNorm
        /// The first or last layer has fewer bits than its weights need.
        case narrowEnd
        /// One layer has far fewer bits than the others.
        case fewBits
        /// Weights change their code to and fro.
        case oscillatingWeights

        /// The rule of a chip that finds the same in the wiring; nil where none does.
        public var rule: String? {
            switch self {
            case .lostNegatives: "batch-norm-negative"
            case .clipped, .unusedLevels, .clippedWeights, .deadChannels, .stretchingChannel,
                .missingBatchNorm, .narrowEnd, .fewBits, .oscillatingWeights:
                nil
            }
        }

        /// What it means, in one line.
        public var says: String {
            switch self {
            case .clipped: "the clip is far below the results: at least 6 dB would come from a higher one"
            case .unusedLevels:
                "the clip is far beyond the results: at least 6 dB would come from a lower one"
            case .clippedWeights: "the weight factor clips so much that a larger one gives at least 6 dB"
            case .deadChannels: "channels that give one value only, whatever the layer reads"
            case .stretchingChannel:
                "a channel that reaches six times as far as the median of all, and far out of their spread"
            case .lostNegatives:
                "values below zero that an unsigned grid turns into 0, where no activation says so"
            case .missingBatchNorm:
                "results far below the clip, because what the layer reads is divided by a clip and no batch norm follows"
            case .narrowEnd:
                "the first or last layer with weights below 8 bit, where 8 bit give at least 6 dB"
            case .fewBits: "weights or results with half the bits of the other layers or fewer"
            case .oscillatingWeights: "weights below 8 bit, 5 % or more of which changed their code"
            }
        }

        /// What the number of a diagnosis is of.
        public var number: String {
            switch self {
            case .clipped: "share of results beyond the clip"
            case .unusedLevels, .missingBatchNorm: "share of levels used"
            case .clippedWeights: "share of weights beyond the factor"
            case .deadChannels: "dead channels"
            case .stretchingChannel: "reach over the median reach"
            case .lostNegatives: "share of results below zero"
            case .narrowEnd, .fewBits: "bits"
            case .oscillatingWeights: "share of weights whose code changed"
            }
        }
    }
}

extension Document {
    /// Whether a waiver says why what a diagnosis is about does not matter.
    public func accepts(_ diagnosis: Diagnosis) -> Bool {
        waivers.contains { $0.rule == diagnosis.kind.rule && $0.layer == diagnosis.layer }
    }
}

extension [Diagnosis] {
    /// Without those that ask for other weight factors, where the weights were learned behind their quantizers: what these cut
    /// off was never part of the network, and other factors would change what it computes.
    public func suiting(weightsTrainedQuantized: Bool) -> [Diagnosis] {
        weightsTrainedQuantized ? filter { $0.kind != .clippedWeights } : self
    }
}
