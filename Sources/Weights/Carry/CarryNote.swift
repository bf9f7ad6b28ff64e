/// Something that a change of a network does to its weights beyond carrying them along.
public enum CarryNote: Hashable, Sendable {
    /// Why a layer gets drawn weights.
    public enum Reason: Hashable, Sendable {
        /// There was no such layer.
        case isNew
        /// The layer was another operator.
        case isOther
        /// The layer reads other channels, and another number of them.
        case readsOthers
        /// The weights at hand have none for the layer, or some of other shapes.
        case hasNone
    }

    /// The layer gets drawn weights.
    case startsAnew(layer: String, Reason)
    /// The layer keeps some of its channels: those of largest norm.
    case keeps(layer: String, channels: Int, of: Int)
    /// The layer no longer reads some channels that it had weights for.
    case readsFewer(layer: String, channels: Int)
    /// A bias that was not zero goes.
    case dropsBias(layer: String)
    /// Taps of the kernel go.
    case dropsTaps(layer: String)
    /// Weights between channels that are in different groups now go.
    case dropsBetweenGroups(layer: String)

    /// The layer that it is about.
    public var layer: String {
        switch self {
        case .startsAnew(let layer, _), .keeps(let layer, _, _), .readsFewer(let layer, _),
            .dropsBias(let layer), .dropsTaps(let layer), .dropsBetweenGroups(let layer):
            layer
        }
    }
}

extension CarryNote: CustomStringConvertible {
    /// A sentence without its end.
    public var description: String {
        switch self {
        case .startsAnew(let layer, .isNew): "\(layer) is new and starts with drawn weights"
        case .startsAnew(let layer, .isOther): "\(layer) is another operator and starts anew"
        case .startsAnew(let layer, .readsOthers): "\(layer) reads other channels and starts anew"
        case .startsAnew(let layer, .hasNone): "\(layer) had no weights that fit and starts anew"
        case .keeps(let layer, let channels, let all):
            "\(layer) keeps \(channels) of \(all) channels, those of largest norm"
        case .readsFewer(let layer, let channels):
            "\(layer) drops its weights for \(channels) channels that it no longer reads"
        case .dropsBias(let layer): "\(layer) drops its bias"
        case .dropsTaps(let layer): "\(layer) drops taps of its kernel"
        case .dropsBetweenGroups(let layer): "\(layer) drops the weights between its groups"
        }
    }
}
