/// Gives the values other axes (manual, Flatten).
public struct Flatten: Operator {
    public static let kind = OperatorKind.flatten
    public static let role = OperatorRole.passing
    public static let summary = "gives the values other axes"
    public static let inputs = 1...1
    public static let family = OperatorFamily.reshaping
    public static let isSingle = true

    /// The axes of the result, the batch first: -1, or 1 where another axis is -1.
    public var shape = [-1, 1]

    public static let fields: [Field<Flatten>] = [
        .integers(
            "shape", \.shape, count: 2...4, each: -1...65536 * 4096, argument: "shape_list",
            "The axes of the result, the batch first as -1; the others cover all elements.")
    ]

    /// A flatten to one feature; the list has no default.
    public init() {}

    public var layer: Layer { .flatten(self) }
    public var channelFlow: ChannelFlow { .reshaped }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let elements = inputs[0].elements
        let refusal = ShapeError.reshape(list: shape, elements: elements)
        guard shape.filter({ $0 == -1 }).count <= 1, shape[0] == -1 || shape[0] == 1 else { throw refusal }
        var axes = Array(shape.dropFirst())
        guard axes.allSatisfy({ $0 == -1 || $0 > 0 }) else { throw refusal }
        if let free = axes.firstIndex(of: -1) {
            axes[free] = 1
            let others = axes.reduce(1) { $0.clampedProduct($1) }
            axes[free] = elements / others
        }
        guard axes.allSatisfy({ $0 > 0 }), axes.reduce(1, { $0.clampedProduct($1) }) == elements,
            let result = Shape(dimensions: axes)
        else { throw refusal }
        return [result]
    }

    public func inputMultiple(for multiple: Int, reading input: Shape?) -> Int? {
        input.map { multiple / Int.gcd(multiple, $0.elements / max(1, $0.channels)) }
    }

    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) {
        shape = [-1, input?.elements ?? 1]
    }
}

/// Cuts the channels into parts, one output each (manual, Channel_Split).
public struct ChannelSplit: Operator {
    public static let kind = OperatorKind.channelSplit
    public static let role = OperatorRole.passing
    public static let summary = "cuts the channels into parts, one output each"
    public static let inputs = 1...1
    public static let family = OperatorFamily.reshaping
    public static let stem = "split"
    /// How many parts it may have: as many as a Route joins.
    public static let parts = Route.inputs

    /// The channels of each part, in order.
    public var split = [16, 16]

    public static let fields: [Field<ChannelSplit>] = [
        .integers(
            "split", \.split, count: parts, each: 1...65536, argument: "split",
            "The channels of each part; they add up to the input's. Readers name a part as name[0], name[1].")
    ]

    /// Two parts of 16; the list has no default.
    public init() {}

    public var layer: Layer { .channelSplit(self) }
    public var channelFlow: ChannelFlow { .parts(split) }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let (channels, _, _) = try inputs[0].map()
        let sum = split.reduce(0, +)
        guard sum == channels else { throw .splitSum(parts: sum, channels: channels) }
        return split.map { inputs[0].withChannels($0) }
    }

    public func inputMultiple(for multiple: Int, reading input: Shape?) -> Int? { nil }

    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) {
        let channels = input?.channels ?? block
        let half = channels / 2 / block * block
        let first = half > 0 ? half : max(1, channels / 2)
        split = channels > 1 ? [first, channels - first] : [1]
    }
}

/// Moves groups of channels into squares of space (manual, Pixel_Shuffle).
public struct PixelShuffle: Operator {
    public static let kind = OperatorKind.pixelShuffle
    public static let role = OperatorRole.passing
    public static let summary = "moves groups of channels into squares of space"
    public static let inputs = 1...1
    public static let family = OperatorFamily.reshaping
    public static let stem = "shuffle"

    /// How many times higher and wider the result is.
    public var factor = 2

    public static let fields: [Field<PixelShuffle>] = [
        .integer(
            "factor", \.factor, 1...64, argument: "upscale_factor", required: true,
            "How many times higher and wider the result is; the chips have 2.")
    ]

    /// A factor of 2.
    public init() {}

    public var layer: Layer { .pixelShuffle(self) }
    public var label: String { "Pixel_Shuffle x\(factor)" }
    public var channelFlow: ChannelFlow { .gathered(factor * factor) }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let (channels, height, width) = try inputs[0].map()
        guard channels.isMultiple(of: factor * factor) else {
            throw .indivisible(name: "input channels", value: channels, by: factor * factor)
        }
        return [
            .map(
                channels: channels / (factor * factor), height: height.clampedProduct(factor),
                width: width.clampedProduct(factor))
        ]
    }

    public func inputMultiple(for multiple: Int, reading input: Shape?) -> Int? { multiple * factor * factor }
}
