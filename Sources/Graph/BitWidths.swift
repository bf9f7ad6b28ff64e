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

extension Network {
    /// The network at another width.
    public func atBits(_ bits: Int) -> Network { at(BitWidths(bits)) }

    /// The network with weights and activations at widths of their own.
    public func at(_ widths: BitWidths) -> Network {
        do {
            return try applying(edit(to: widths))
        } catch {
            preconditionFailure("bits and clips of layers that have them can be set: \(error)")
        }
    }

    /// The change to other widths: every layer whose quantizer is on gets so many bits for weights and activations, where
    /// it has any below 32; clips that were the recommended ones of the old width become those of the new. Of all
    /// layers, or of the ones named.
    public func edit(to widths: BitWidths, in layers: Set<String>? = nil) -> Edit {
        var edits: [Edit] = []
        for node in nodes where layers?.contains(node.name) ?? true {
            guard let old = node.layer.settings.quantization, old.isEnabled else { continue }
            let names = node.kind.fields.map(\.name)
            if names.contains("weightBits"), old.weightBits < Quantization.float {
                edits.append(.set(layer: node.name, field: "weightBits", to: .integer(widths.weights)))
            }
            if names.contains("outputBits"), let output = old.outputBits, output < Quantization.float {
                edits.append(.set(layer: node.name, field: "outputBits", to: .integer(widths.activations)))
            }
            guard names.contains("clip"),
                let current = node.kind.recommendedClip(bits: Quantization.advisedWidth(old.width)),
                old.clip == current,
                let clip = node.kind.recommendedClip(bits: Quantization.advisedWidth(widths.activations))
            else { continue }
            edits.append(.set(layer: node.name, field: "clip", to: .number(clip)))
        }
        return .all("\(widths) bits", edits)
    }
}

extension Quantization {
    /// The width that the recommended clip goes by.
    fileprivate var width: Int { min(weightBits, outputBits ?? weightBits, 8) }

    /// The nearest width that the manual advises for: 8, 4 or 2.
    fileprivate static func advisedWidth(_ bits: Int) -> Int { bits >= 5 ? 8 : bits >= 3 ? 4 : 2 }
}
