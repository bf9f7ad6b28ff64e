/// The bits that a whole network is to have: one number for weights and activations, or one for each.
public struct BitWidths: Hashable, Sendable, CustomStringConvertible {
    /// Bits of weights.
    public var weights: Int
    /// Bits of activations, the values that layers hand on.
    public var activations: Int

    /// Weights and activations of so many bits each.
    public init(weights: Int, activations: Int) {
        self.weights = weights
        self.activations = activations
    }

    /// The same width for both.
    public init(_ bits: Int) { self.init(weights: bits, activations: bits) }

    /// Widths as typed, "8" or "w4a8"; nil where it is neither, or a width is not among `allowed`.
    public init?(_ text: String, allowed: [Int]) {
        if let bits = Int(text) {
            self.init(bits)
        } else {
            guard text.first == "w", let mark = text.lastIndex(of: "a"),
                let weights = Int(text[text.index(after: text.startIndex)..<mark]),
                let activations = Int(text[text.index(after: mark)...])
            else { return nil }
            self.init(weights: weights, activations: activations)
        }
        guard allowed.contains(weights), allowed.contains(activations) else { return nil }
    }

    /// As it is typed.
    public var description: String {
        weights == activations ? "\(weights)" : "w\(weights)a\(activations)"
    }
}
