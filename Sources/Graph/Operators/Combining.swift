/// Joins its inputs on channels (manual, Route).
public struct Route: Operator {
    public static let kind = OperatorKind.route
    public static let role = OperatorRole.passing
    public static let summary = "joins its inputs on channels"
    public static let inputs = 1...256
    public static let family = OperatorFamily.combining
    public static let fields: [Field<Route>] = []

    /// A route has no settings.
    public init() {}

    public var layer: Layer { .route(self) }
    public var channelFlow: ChannelFlow { .joined }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        for other in inputs.dropFirst() where !inputs[0].joins(other) { throw .unjoinable(inputs[0], other) }
        return [inputs[0].withChannels(inputs.reduce(0) { $0.clampedSum($1.channels) })]
    }
}

/// The sum of two, quantized with at most clip 2.0 (manual, Shortcut).
public struct Shortcut: Activated {
    public static let kind = OperatorKind.shortcut
    public static let role = OperatorRole.combining
    public static let summary = "the sum of two"
    public static let inputs = 2...2
    public static let family = OperatorFamily.combining
    public static let stem = "add"
    /// A larger clip acts as this one: two normalized values add up to 2 at most.
    public static let largestClip = 2.0

    /// What is applied to the sum.
    public var activationFunction = Activation.relu6
    public var quantizers = Quantization(outputBits: nil, clip: 2.0)

    public static let fields: [Field<Shortcut>] = [
        .choice(
            "activation", \.activationFunction, argument: "activation_fn",
            "What is applied to the sum in float; quantized, the inputs decide the sign."),
        .quantize(\.quantizers.isEnabled),
        .quantizeLastFeature(\.quantizers.quantizesLastFeature),
        .keptOutputBits(\.quantizers.outputBits),
        .clip(\.quantizers.clip, "2.0; 1.5 at 4 bit when accuracy is poor; above 2.0 has no effect."),
    ]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .shortcut(self) }
    public var activation: Activation? { activationFunction }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        guard inputs[0] == inputs[1] else { throw .unequal(inputs[0], inputs[1]) }
        return [inputs[0]]
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal {
        combinedSignal(of: inputs, in: place)
    }
}

/// The product of two, quantized with clip 1.0 (manual, Mul). One may be a 1x1 map that scales the other's channels.
public struct Mul: Quantized {
    public static let kind = OperatorKind.mul
    public static let role = OperatorRole.combining
    public static let summary = "the product of two"
    public static let inputs = 2...2
    public static let family = OperatorFamily.combining

    public var quantizers = Quantization(outputBits: nil, clip: 1.0)

    public static let fields: [Field<Mul>] = [
        .quantize(\.quantizers.isEnabled),
        .quantizeLastFeature(\.quantizers.quantizesLastFeature),
        .keptOutputBits(\.quantizers.outputBits),
    ]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .mul(self) }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let first = inputs[0]
        let second = inputs[1]
        if first == second || second.isGate(for: first) { return [first] }
        guard first.isGate(for: second) else { throw .unequal(first, second) }
        return [second]
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal {
        combinedSignal(of: inputs, in: place)
    }
}

/// The larger of two, element by element (manual, Max). It has no quantizer.
public struct Max: Operator {
    public static let kind = OperatorKind.max
    public static let role = OperatorRole.passing
    public static let summary = "the larger of two, element by element"
    public static let inputs = 2...2
    public static let family = OperatorFamily.combining
    public static let fields: [Field<Max>] = []

    /// A maximum has no settings.
    public init() {}

    public var layer: Layer { .max(self) }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        guard inputs[0] == inputs[1] else { throw .unequal(inputs[0], inputs[1]) }
        return [inputs[0]]
    }
}

extension Shape {
    /// Whether this 1x1 map has one value for each channel of the other map.
    fileprivate func isGate(for other: Shape) -> Bool {
        guard case .map(let channels, 1, 1) = self, case .map = other else { return false }
        return channels == other.channels
    }
}
