/// Keeps the largest value in each window (manual, Maxpool2D).
public struct Maxpool2D: Operator {
    public static let kind = OperatorKind.maxpool2D
    public static let role = OperatorRole.passing
    public static let summary = "the largest value in each window"
    public static let inputs = 1...1
    public static let family = OperatorFamily.pooling
    public static let stem = "pool"

    /// The window with its step and padding.
    public var window = Window(height: 2, width: 2, stride: 2)

    public static let fields: [Field<Maxpool2D>] = Field.window(
        height: \.window.height, width: \.window.width, stride: \.window.stride, padding: \.window.padding)

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .maxpool2D(self) }
    public var label: String { window.label("Maxpool") }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        [try inputs[0].windowed(window)]
    }
}

/// The mean of each window, quantized with clip 1.0 (manual, Avgpool2D).
public struct Avgpool2D: Quantized {
    public static let kind = OperatorKind.avgpool2D
    public static let role = OperatorRole.combining
    public static let summary = "the mean of each window"
    public static let inputs = 1...1
    public static let family = OperatorFamily.pooling
    public static let stem = "avgpool"

    /// The window with its step and padding.
    public var window = Window(height: 2, width: 2, stride: 2)
    public var quantizers = {
        var quantizers = Quantization(outputBits: nil, clip: 1.0)
        quantizers.quantizesLastFeature = true
        return quantizers
    }()

    public static let fields: [Field<Avgpool2D>] =
        Field.window(
            height: \.window.height, width: \.window.width, stride: \.window.stride, padding: \.window.padding
        )
        + [.quantize(\.quantizers.isEnabled), .keptOutputBits(\.quantizers.outputBits)]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .avgpool2D(self) }
    public var label: String { window.label("Avgpool") }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        [try inputs[0].windowed(window)]
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal {
        combinedSignal(of: inputs, in: place)
    }
}

/// The mean of the whole map, quantized with clip 1.0 (manual, AdaptiveAvgpool2D). As the last layer it is float.
public struct AdaptiveAvgpool2D: Quantized {
    public static let kind = OperatorKind.adaptiveAvgpool2D
    public static let role = OperatorRole.combining
    public static let summary = "the mean of the whole map"
    public static let inputs = 1...1
    public static let family = OperatorFamily.pooling
    public static let stem = "gap"
    public static let isSingle = true

    /// Whether height and width stay, as 1, instead of leaving a vector.
    public var keepDimensions = true
    public var quantizers = Quantization(outputBits: nil, clip: 1.0)

    public static let fields: [Field<AdaptiveAvgpool2D>] = [
        .flag(
            "keepDimensions", \.keepDimensions, argument: "keepdim",
            "Keeps height and width as 1; off leaves a vector."),
        .quantize(\.quantizers.isEnabled),
        .keptOutputBits(\.quantizers.outputBits),
    ]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .adaptiveAvgpool2D(self) }
    public var label: String { "AdaptiveAvgpool" }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let (channels, _, _) = try inputs[0].map()
        return [keepDimensions ? .map(channels: channels, height: 1, width: 1) : .vector(channels)]
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal {
        combinedSignal(of: inputs, in: place)
    }
}

/// Upsampling by whole factors (manual, Unpool2D).
public struct Unpool2D: Quantized {
    public static let kind = OperatorKind.unpool2D
    public static let role = OperatorRole.passing
    public static let summary = "upsampling: zeros, repeats or bilinear"
    public static let inputs = 1...1
    public static let family = OperatorFamily.pooling
    public static let stem = "unpool"

    /// How the new places are filled.
    public enum Mode: String, CaseIterable, Hashable, Sendable {
        /// The value at the top left of each cell, the family's zero elsewhere.
        case zero
        /// The value everywhere in its cell.
        case nearest
        /// Linear interpolation.
        case bilinear
    }

    /// How much higher the result is.
    public var kernelHeight = 2
    /// How much wider the result is.
    public var kernelWidth = 2
    /// How the new places are filled.
    public var mode = Mode.zero
    public var quantizers = Quantization(outputBits: nil, clip: 1.0)

    public static let fields: [Field<Unpool2D>] = [
        .integer(
            "kernelHeight", \.kernelHeight, 1...64, argument: "kernel_h",
            "How many times higher the result is."),
        .integer(
            "kernelWidth", \.kernelWidth, 1...64, argument: "kernel_w", "How many times wider the result is."),
        .choice(
            "mode", \.mode, argument: "mode",
            "How the new places are filled; bilinear only as the last layer."),
        .quantize(\.quantizers.isEnabled),
    ]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .unpool2D(self) }
    public var label: String {
        kernelHeight == 2 && kernelWidth == 2
            ? "Unpool \(mode.rawValue)" : "Unpool \(kernelHeight)x\(kernelWidth) \(mode.rawValue)"
    }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let (channels, height, width) = try inputs[0].map()
        return [
            .map(
                channels: channels, height: height.clampedProduct(kernelHeight),
                width: width.clampedProduct(kernelWidth))
        ]
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal { inputs.first ?? .float }

    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) { mode = .nearest }
}

extension Field {
    static func window(height: Path<Int>, width: Path<Int>, stride: Path<Int>, padding: Path<Int>) -> [Field]
    {
        [
            .integer("kernelHeight", height, 1...64, argument: "kernel_h", "Rows of the window."),
            .integer("kernelWidth", width, 1...64, argument: "kernel_w", "Columns of the window."),
            .integer("stride", stride, 1...64, argument: "stride", "Step of the window in both directions."),
            .padding(padding),
        ]
    }
}
