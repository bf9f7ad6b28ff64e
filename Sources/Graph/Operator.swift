/// One operator of the manual with its settings: what a person decides, and what follows from it.
///
/// An operator does not know its neighbours; what the wiring decides comes in as arguments.
public protocol Operator: Hashable, Sendable {
    /// Which operator this is.
    static var kind: OperatorKind { get }
    /// What it does, in one line.
    static var summary: String { get }
    /// What it does to the values, as far as its neighbours care.
    static var role: OperatorRole { get }
    /// How many wires it reads.
    static var inputs: ClosedRange<Int> { get }
    /// What it is grouped with where operators are listed.
    static var family: OperatorFamily { get }
    /// What new layers of it are called, before their number: "conv".
    static var stem: String { get }
    /// Whether most networks have one at most, so that the first has no number.
    static var isSingle: Bool { get }
    /// The clip that the manual recommends for results of 4 bits (manual, clip_max_value); nil without such advice.
    static var clipAtFourBits: Double? { get }
    /// Its settings, in the order in which files and inspectors show them.
    static var fields: [Field<Self>] { get }

    /// The manual's defaults; required settings get a usable value.
    init()

    /// The operator as a case of the closed list.
    var layer: Layer { get }
    /// The activation it applies, if it applies one.
    var activation: Activation? { get }
    /// Its quantizers' settings, if it has any.
    var quantization: Quantization? { get }
    /// What a table calls it, with its window: "Conv2D 3x3/2", "Maxpool 2x2/2".
    var label: String { get }
    /// What becomes of the channels that it reads.
    var channelFlow: ChannelFlow { get }

    /// The shape of each output, from those of the inputs, whose number is already right.
    func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape]
    /// The tensors it learns, for inputs that `outputShapes` accepts.
    func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter]
    /// The multiplications for one sample, for inputs that `outputShapes` accepts; normalization and pools count none.
    func multiplyAccumulates(for inputs: [Shape], on family: ArithmeticFamily) -> Int
    /// The width and sign of the result; all outputs share them.
    func signal(of inputs: [Signal], in place: OutputContext) -> Signal
    /// The bits that the SIMD family chooses where `autoBitwidth` acts; nil where the operator has no such choice.
    func automaticBits(inputChannels: Int, isFirst: Bool) -> AutoBitwidth?
    /// The field that sets the channels of the result, and how many channels come of each unit of it; nil where the
    /// inputs set them.
    func channelField(inputs: Int) -> (name: String, factor: Int)?
    /// What the channels of every input have to be a multiple of so that those of the result are a multiple of a number;
    /// nil where no input decides that. Asked only of operators without a `channelField`.
    func inputMultiple(for multiple: Int, reading input: Shape?) -> Int?
    /// Gives a new layer a window, channels and axes that suit what it reads, in whole blocks of channels.
    mutating func fit(to input: Shape?, block: Int, isLast: Bool)
}

/// What operators are grouped by where they are listed.
public enum OperatorFamily: String, CaseIterable, Hashable, Sendable {
    case convolution = "Convolution"
    case dense = "Dense"
    case normalization = "Normalization"
    case pooling = "Pooling"
    case combining = "Combining"
    case reshaping = "Reshaping"
    case recurrent = "Recurrent"
}

/// What an operator does to the values that pass through it.
public enum OperatorRole: Hashable, Sendable {
    /// Marks where data enters.
    case entry
    /// Has parameters of its own, so that it can be the first layer or stand before an LSTM in the manual's sense.
    case learning
    /// Computes new values without parameters, and quantizes them.
    case combining
    /// Hands values on, with their bits and sign.
    case passing
}

/// What the wiring and the family decide for one layer before its result can be named.
public struct OutputContext: Hashable, Sendable {
    /// Whether nothing reads the layer.
    public var isLast: Bool
    /// Bits of a weight once `autoBitwidth` has acted.
    public var weightBits: Int
    /// Bits of the result once `autoBitwidth` has acted; nil keeps the input's.
    public var outputBits: Int?
}

extension Operator {
    /// The manual's name in lower case.
    public static var stem: String { kind.rawValue.lowercased() }
    /// Networks may have several.
    public static var isSingle: Bool { false }
    /// No advice.
    public static var clipAtFourBits: Double? { nil }
    /// The manual's name.
    public var label: String { Self.kind.rawValue }
    /// Channel by channel.
    public var channelFlow: ChannelFlow { .kept }
    /// The inputs set the channels.
    public func channelField(inputs: Int) -> (name: String, factor: Int)? { nil }
    /// The same multiple.
    public func inputMultiple(for multiple: Int, reading input: Shape?) -> Int? { multiple }
    /// The manual's defaults suit.
    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) {}
    /// No activation.
    public var activation: Activation? { nil }
    /// No quantizers.
    public var quantization: Quantization? { nil }
    /// Nothing to learn.
    public func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter] { [] }
    /// Nothing to multiply.
    public func multiplyAccumulates(for inputs: [Shape], on family: ArithmeticFamily) -> Int { 0 }
    /// No choice.
    public func automaticBits(inputChannels: Int, isFirst: Bool) -> AutoBitwidth? { nil }
    /// Width and sign pass through.
    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal { inputs.first ?? .float }

    /// What the activation quantizer of a layer with weights gives: the activation decides the sign.
    func quantizedSignal(in place: OutputContext) -> Signal {
        guard let quantization, quantization.isEnabled, let bits = place.outputBits,
            bits < Quantization.float,
            !place.isLast || quantization.quantizesLastFeature
        else { return .float }
        return Signal(bits: bits, isSigned: activation?.isSigned ?? false)
    }

    /// What the quantizer of an operator without weights gives: sign of any signed input, bits of the widest.
    func combinedSignal(of inputs: [Signal], in place: OutputContext) -> Signal {
        guard let quantization, quantization.isEnabled, let widest = inputs.map(\.bits).max(),
            !place.isLast || quantization.quantizesLastFeature
        else { return .float }
        let bits = place.outputBits ?? widest
        return bits < Quantization.float
            ? Signal(bits: bits, isSigned: inputs.contains(where: \.isSigned)) : .float
    }
}

/// A tensor that a layer learns.
public struct Parameter: Hashable, Sendable {
    /// What a tensor is to its layer.
    public enum Role: String, Hashable, Sendable {
        /// A matrix or kernel, which the weight quantizer acts on.
        case weight
        /// Added after the product.
        case bias
        /// Batch norm's gamma.
        case scale
        /// Batch norm's beta.
        case shift
        /// PReLU's slope below zero.
        case slope
    }

    /// The name within the layer.
    public let name: String
    /// What it is.
    public let role: Role
    /// Axes: out, in / groups, height, width of a kernel; out, in of a matrix; one axis otherwise.
    public let shape: [Int]

    /// The number of values.
    public var count: Int { shape.reduce(1) { $0.clampedProduct($1) } }

    static func weight(_ shape: [Int], name: String = "weight") -> Parameter {
        Parameter(name: name, role: .weight, shape: shape)
    }

    static func bias(_ count: Int, name: String = "bias") -> Parameter {
        Parameter(name: name, role: .bias, shape: [count])
    }

    /// Batch norm's pair; `prefix` sets several pairs of one layer apart.
    static func norm(_ count: Int, prefix: String = "") -> [Parameter] {
        [
            Parameter(name: prefix + "gamma", role: .scale, shape: [count]),
            Parameter(name: prefix + "beta", role: .shift, shape: [count]),
        ]
    }

    /// What follows a product: bias, batch norm and the slopes of a PReLU, over `count` channels.
    static func epilogue(_ count: Int, bias: Bool, batchNorm: Bool, activation: Activation) -> [Parameter] {
        (bias ? [.bias(count)] : []) + (batchNorm ? norm(count) : [])
            + (activation == .prelu ? [Parameter(name: "slope", role: .slope, shape: [count])] : [])
    }
}
