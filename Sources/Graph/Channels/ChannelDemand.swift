/// Channels that should be a multiple of a number.
public struct ChannelDemand: Hashable, Sendable {
    /// Whose channels.
    public enum Place: Hashable, Sendable {
        /// Those on a wire.
        case wire(Source)
        /// The inner ones of an Se_Block.
        case inner(layer: String)
    }

    /// Whose channels.
    public let place: Place
    /// What they should be a multiple of.
    public let multiple: Int

    /// Asks for a multiple of a number.
    public init(_ place: Place, multiple: Int) { (self.place, self.multiple) = (place, multiple) }
}
