/// The shape of one sample between two layers, without the batch axis.
public enum Shape: Hashable, Sendable {
    /// A feature map, axes channels, height, width.
    case map(channels: Int, height: Int, width: Int)
    /// A sequence, axes time, features.
    case sequence(length: Int, features: Int)
    /// A vector of features or, in front of an Embedding, of indices.
    case vector(Int)

    /// The most elements that a shape may have; larger ones are refused before any sum can overflow.
    public static let elementLimit = 1 << 28

    /// A shape from its axes: three make a map, two a sequence, one a vector; nil for any other count.
    public init?(dimensions: [Int]) {
        switch dimensions.count {
        case 1: self = .vector(dimensions[0])
        case 2: self = .sequence(length: dimensions[0], features: dimensions[1])
        case 3: self = .map(channels: dimensions[0], height: dimensions[1], width: dimensions[2])
        default: return nil
        }
    }

    /// The axes in order: channels, height, width; or time, features; or the length of the vector.
    public var dimensions: [Int] {
        switch self {
        case .map(let channels, let height, let width): [channels, height, width]
        case .sequence(let length, let features): [length, features]
        case .vector(let count): [count]
        }
    }

    /// The size of the axis that weights act on: channels, features, or the length of the vector.
    public var channels: Int {
        switch self {
        case .map(let channels, _, _): channels
        case .sequence(_, let features): features
        case .vector(let count): count
        }
    }

    /// The number of values; saturates instead of overflowing.
    public var elements: Int {
        switch self {
        case .map(let channels, let height, let width): channels.clampedProduct(height).clampedProduct(width)
        case .sequence(let length, let features): length.clampedProduct(features)
        case .vector(let count): count
        }
    }

    /// The same shape with another number of channels or features.
    public func withChannels(_ channels: Int) -> Shape {
        switch self {
        case .map(_, let height, let width): .map(channels: channels, height: height, width: width)
        case .sequence(let length, _): .sequence(length: length, features: channels)
        case .vector: .vector(channels)
        }
    }

    /// Whether everything but the channels agrees, so that the two can be joined on channels.
    public func joins(_ other: Shape) -> Bool { withChannels(1) == other.withChannels(1) }
}

extension Shape: CustomStringConvertible {
    /// The axes joined by "x": 3x32x32.
    public var description: String { dimensions.map(String.init).joined(separator: "x") }
}

/// A window that slides over height and width: a kernel or a pool.
public struct Window: Hashable, Sendable {
    /// Rows of the window.
    public var height: Int
    /// Columns of the window.
    public var width: Int
    /// Step in both directions.
    public var stride: Int
    /// 0 for none; any other number asks for SAME padding, or for that many on each side when dilated.
    public var padding: Int
    /// Distance between the window's taps.
    public var dilation: Int

    /// A window of the given size.
    public init(height: Int, width: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
        self.height = height
        self.width = width
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
    }

    /// An operator's word with the window: "Conv2D 3x3/2".
    func label(_ word: String) -> String { "\(word) \(height)x\(width)" + (stride > 1 ? "/\(stride)" : "") }

    /// How far the output reaches along one axis of `available` elements, for a window of `size`.
    func steps(over available: Int, size: Int) throws(ShapeError) -> Int {
        if padding != 0 && dilation == 1 { return (available + stride - 1) / stride }
        let span = dilation * (size - 1) + 1
        let padded = available + 2 * padding
        guard span <= padded else { throw .windowTooLarge(window: span, available: padded) }
        return (padded - span) / stride + 1
    }

    /// SAME padding along one axis: as many steps as the stride goes into the size, rounded up.
    public func samePadding(_ size: Int, size window: Int) -> (before: Int, after: Int) {
        let steps = (size + stride - 1) / stride
        let total = (steps - 1) * stride + window - size
        // Toward minus infinity, as the training kit halves it.
        let before = total >> 1
        return (before, total - before)
    }
}

extension Shape {
    /// The map that a window leaves when it slides over this one; the channels stay.
    func windowed(_ window: Window) throws(ShapeError) -> Shape {
        let (channels, height, width) = try map()
        return .map(
            channels: channels, height: try window.steps(over: height, size: window.height),
            width: try window.steps(over: width, size: window.width))
    }

    /// The axes of a feature map; throws where this is none.
    func map() throws(ShapeError) -> (channels: Int, height: Int, width: Int) {
        guard case .map(let channels, let height, let width) = self else { throw .notMap(self) }
        return (channels, height, width)
    }

    /// Throws where the shape has more elements than a network here may hold.
    func bounded() throws(ShapeError) -> Shape {
        guard elements <= Shape.elementLimit else { throw .tooLarge(self) }
        return self
    }
}

extension Int {
    /// The sum, held at the largest integer instead of overflowing; both terms are at least zero.
    public func clampedSum(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The product, held at the largest integer instead of overflowing; both factors are at least zero.
    public func clampedProduct(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
