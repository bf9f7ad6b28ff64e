import CKernels

/// What is multiplied at once.
enum TapUnits: Hashable {
    case floats, bfloats
    /// Unsigned codes of the input with signed ones of the weights, as the processor sums four products at once.
    case bytes
    /// Codes widened to 16 bits, as it sums two.
    case words(areSigned: Bool)
    /// Floats, of which each is multiplied with its own channel.
    case depthwise

    /// The numbers of a unit.
    var numbers: Int {
        switch self {
        case .floats, .depthwise: 1
        case .bfloats, .words: 2
        case .bytes: 4
        }
    }

    /// Whether products are sums of whole codes.
    var areCodes: Bool {
        switch self {
        case .bytes, .words: true
        case .floats, .bfloats, .depthwise: false
        }
    }

    /// Whether a pixel's last unit may lack numbers: those of words are brought to units first.
    var takePartialUnits: Bool {
        switch self {
        case .words: true
        case .floats, .bfloats, .bytes, .depthwise: false
        }
    }

    /// Whether the input is brought to units first.
    var arePacked: Bool {
        switch self {
        case .floats, .depthwise, .bytes: false
        case .bfloats, .words: true
        }
    }

    var kind: Int32 {
        switch self {
        case .floats: Int32(CK_TAP_FLOATS)
        case .bfloats: Int32(CK_TAP_BFLOATS)
        case .bytes: Int32(CK_TAP_BYTES)
        case .words(let areSigned): Int32(areSigned ? CK_TAP_SIGNED_WORDS : CK_TAP_WORDS)
        case .depthwise: Int32(CK_TAP_DEPTHWISE)
        }
    }
}
