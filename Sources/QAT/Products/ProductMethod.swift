/// How one direction of a product on floats is computed.
public enum ProductMethod: String, CaseIterable, Hashable, Sendable {
    /// oneDNN, by definition, on tensors as they are. Every machine has it.
    case direct
    /// oneDNN, by definition, on copies of the tensors in the order that it prefers.
    case reordered
    /// Our own products of pixels, by Winograd's sums of tiles.
    case winograd
    /// Our own products of pixels, tap by tap.
    case taps
    /// oneDNN on copies of the tensors in 16 bits.
    case bfloat
    /// Our own products of pixels on copies in 16 bits.
    case bfloatTaps

    /// Whether factors are rounded to bfloat16; sums are single precision.
    public var isRounded: Bool {
        switch self {
        case .direct, .reordered, .winograd, .taps: false
        case .bfloat, .bfloatTaps: true
        }
    }
}

/// What the factors of gradients are.
public enum GradientArithmetic: String, CaseIterable, Hashable, Sendable {
    /// Single precision.
    case float
    /// bfloat16 wherever this machine has a method for it; sums are single precision.
    case bfloat = "bf16"
    /// Whatever is faster for each product.
    case auto

    /// The methods among which a gradient's is chosen.
    func allows(_ method: ProductMethod) -> Bool {
        switch self {
        case .float: !method.isRounded
        case .bfloat, .auto: true
        }
    }
}
