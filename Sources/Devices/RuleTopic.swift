/// What a rule is about, so that findings of different rules on different chips can be compared, and the layer that causes
/// a finding can be found.
public enum RuleTopic: CaseIterable, Hashable, Sendable {
    /// Channels in whole blocks: those that a layer reads, its inner ones, and those that its activation acts on.
    case channelBlocks
    /// Channels in whole blocks: those that a layer gives.
    case givenChannels
    /// The channels of each group of a convolution.
    case channelGroups
    /// Equal bits on all inputs.
    case equalBits
    /// The bits that a layer reads, against its own.
    case bitsRead
    /// The sign of what a layer reads.
    case sign
    /// The shapes that a layer reads.
    case shapes
    /// The width of a layer's weights.
    case weightBits
    /// The width of a layer's results.
    case featureBits
    /// A setting of the layer, or the network as a whole: such rules have nothing in common.
    case other
}

extension Finding {
    /// Whether two findings on a layer, perhaps on different chips, are about the same matter.
    public func isAboutSame(as other: Finding) -> Bool {
        switch topic {
        case .channelBlocks, .givenChannels, .channelGroups, .equalBits, .bitsRead, .sign, .shapes,
            .weightBits, .featureBits:
            topic == other.topic
        case .other: rule == other.rule
        }
    }
}
