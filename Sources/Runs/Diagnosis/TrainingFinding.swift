/// Something that goes wrong in a training run or could be better, and what can be done about it.
public struct TrainingFinding: Hashable, Sendable {
    /// What goes wrong.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A number was not finite.
        case notFinite
        /// The loss grows.
        case growing
        /// The loss goes up and down and does not fall.
        case oscillating
        /// Hardly any gradient is left.
        case vanishing
        /// The gradients grew out of proportion.
        case exploding
        /// The loss is that of guessing.
        case guessing
        /// Channels of a layer are zero for every sample.
        case deadChannels
        /// The running statistics of batch norm are far from those of the batches.
        case staleStatistics
        /// The loss on other samples rises while that of training falls.
        case overfitting
        /// The loss hardly falls.
        case slow
        /// The steps wait for their data.
        case waiting
        /// The run ended while the loss still fell.
        case unfinished
    }

    /// What can be done about it.
    public enum Remedy: Hashable, Sendable {
        /// Another run with these options of `magikbench train`, of which the one named is looked at first.
        case run([String: String], first: String)
        /// Another run of so many epochs that begins with the weights of this one; at the bits of its last stage, nil for
        /// those that the network has.
        case more(epochs: Int, bits: Int?)
        /// A range test finds a learning rate.
        case rangeTest
        /// The layer is looked at.
        case layer(String)
    }

    /// What goes wrong.
    public var kind: Kind
    /// Whether nothing is wrong and more can be had.
    public var isAdvice: Bool { kind == .unfinished }
    /// The same in a sentence with the number: "loss 2.30 is that of guessing among 10 classes".
    public var text: String
    /// What can be done about it.
    public var remedy: Remedy

    /// A finding.
    public init(_ kind: Kind, _ text: String, _ remedy: Remedy) {
        self.kind = kind
        self.text = text
        self.remedy = remedy
    }
}
