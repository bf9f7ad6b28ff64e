/// Why a layer cannot take the shapes that reach it.
public enum ShapeError: Error, Hashable, Sendable {
    /// The operator takes another number of inputs.
    case inputCount(expected: ClosedRange<Int>, found: Int)
    /// A layer above has no shape, so this one cannot have one either.
    case waits(on: String)
    /// The layer above has fewer outputs than the wire asks for.
    case noSuchOutput(layer: String, output: Int, count: Int)
    /// A kernel or pool is larger than the padded input.
    case windowTooLarge(window: Int, available: Int)
    /// Two inputs that must be equal are not.
    case unequal(Shape, Shape)
    /// Two inputs that are joined on channels differ in another axis.
    case unjoinable(Shape, Shape)
    /// The operator reads a feature map.
    case notMap(Shape)
    /// The operator reads a vector or a sequence.
    case notVector(Shape)
    /// The operator reads a sequence.
    case notSequence(Shape)
    /// The operator reads a vector of indices.
    case notIndices(Shape)
    /// `use_squeeze` drops the height, which is not 1.
    case notSqueezable(height: Int)
    /// The parts of a split do not add up to the channels.
    case splitSum(parts: Int, channels: Int)
    /// The shape list of a Flatten does not cover the elements.
    case reshape(list: [Int], elements: Int)
    /// A number of channels or a size must be a multiple of a setting.
    case indivisible(name: String, value: Int, by: Int)
    /// The row of an Embedding that stands for nothing is not one of its rows.
    case paddingIndex(Int, rows: Int)
    /// The result has more elements than a network here may hold.
    case tooLarge(Shape)
}

extension ShapeError: CustomStringConvertible {
    /// The facts as a sentence without its subject, which is the layer.
    public var description: String {
        switch self {
        case .inputCount(let expected, let found):
            expected.count == 1
                ? "takes \(counted(expected.lowerBound, "input")), has \(found)"
                : "takes \(expected.lowerBound) to \(counted(expected.upperBound, "input")), has \(found)"
        case .waits(let layer): "waits for '\(layer)', which has no shape"
        case .noSuchOutput(let layer, let output, let count):
            "reads output \(output) of '\(layer)', which has \(counted(count, "output")), counted from 0"
        case .windowTooLarge(let window, let available):
            "window \(window) is larger than the padded input \(available)"
        case .unequal(let first, let second): "its inputs differ: \(first) and \(second)"
        case .unjoinable(let first, let second):
            "its inputs differ in more than channels: \(first) and \(second)"
        case .notMap(let found): "reads a feature map (channels x height x width), has \(found)"
        case .notVector(let found): "reads a vector, or a sequence after an LSTM, has \(found)"
        case .notSequence(let found): "reads a sequence (time x features), has \(found)"
        case .notIndices(let found): "reads a vector of indices, has \(found)"
        case .notSqueezable(let height): "useSqueeze drops a height of 1, has \(height)"
        case .splitSum(let parts, let channels):
            "its parts add up to \(parts), the input has \(channels) channels"
        case .reshape(let list, let elements): "the list \(list) does not cover \(elements) elements"
        case .indivisible(let name, let value, let by): "\(name) \(value) is not a multiple of \(by)"
        case .paddingIndex(let index, let rows):
            "its padding index \(index) is outside of its vocabulary, 0 to \(rows - 1)"
        case .tooLarge(let shape):
            "\(shape) has more than \(Shape.elementLimit) elements, the most that a layer may have"
        }
    }
}

/// A number with its noun: "1 input", "2 inputs".
public func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }
