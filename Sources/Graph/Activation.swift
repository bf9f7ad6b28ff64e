/// The activation that a layer applies before its activation quantizer (manual, activation functions).
public enum Activation: String, CaseIterable, Hashable, Sendable {
    /// max(0, min(x, 6)).
    case relu6 = "ReLU6"
    /// max(0, x).
    case relu = "ReLU"
    /// x: no activation, and a signed result.
    case linear = "Linear"
    /// x, or a learned slope times x below zero; one slope a channel, 0.25 at the start.
    case prelu = "PReLU"
    /// (x + 3) / 6 held to 0 ... 1: offset 3 and clip 6.
    case hsigmoid = "Hsigmoid"
    /// x times Hsigmoid(x).
    case hswish = "Hswish"
    /// x, or 0.01 x below zero.
    case leakyReLU = "LeakyReLU"
    /// The manual's None: in a quantized layer the unsigned quantizer alone, which is a ReLU at the clip.
    case none = "none"

    /// Whether a quantized layer with this activation gives signed values.
    public var isSigned: Bool {
        switch self {
        case .none, .relu, .relu6, .hsigmoid: false
        case .linear, .prelu, .leakyReLU, .hswish: true
        }
    }

    /// Whether its result is multiplied where its input is, by a number above 0.
    public var isProportional: Bool {
        switch self {
        case .none, .relu, .linear, .leakyReLU, .prelu: true
        case .relu6, .hsigmoid, .hswish: false
        }
    }

    /// Whether the range of an activation quantizer is all that remains of it in front of one.
    public var isRange: Bool {
        switch self {
        case .none, .relu, .relu6, .linear: true
        case .prelu, .hsigmoid, .hswish, .leakyReLU: false
        }
    }

    /// The least number that it gives in float; nil where there is none.
    public var least: Float? {
        switch self {
        case .relu, .relu6, .hsigmoid: 0
        case .hswish: -0.375
        case .linear, .prelu, .leakyReLU, .none: nil
        }
    }

    /// What it multiplies numbers below zero by; nil if that is no number.
    public var slopeBelowZero: Float? {
        switch self {
        case .relu, .relu6: 0
        case .leakyReLU: 0.01
        case .linear, .none: 1
        case .prelu, .hsigmoid, .hswish: nil
        }
    }

    /// One line for an inspector.
    public var help: String {
        switch self {
        case .relu6: "max(0, min(x, 6)); unsigned"
        case .relu: "max(0, x); unsigned"
        case .linear: "no activation; signed"
        case .prelu: "a learned slope a channel below zero; signed"
        case .hsigmoid: "(x + 3)/6 held to 0 ... 1; unsigned, clip 6"
        case .hswish: "x times Hsigmoid(x); signed"
        case .leakyReLU: "0.01 x below zero; signed"
        case .none: "the quantizer's own range 0 ... clip; nothing at all in float"
        }
    }
}
