import Graph

/// Why an operator of a file has no counterpart here.
struct Refusal: Error {
    /// What the chip's operators cannot do.
    var reason: String

    /// A reason, as a clause. It may repeat what the file says, of any length.
    init(_ reason: String) { self.reason = reason.oneLine(upTo: 1000) }
}

/// What a name of a file stands for.
enum Known {
    /// Numbers that depend on no data.
    case constant(ONNXTensor)
    /// The result of one of our layers.
    case value(Value)
    /// Nothing: an operator before it was refused.
    case missing
}

/// Data on its way through the network: which layer gives it, and what the file calls its axes.
struct Value {
    /// The output of ours that has the numbers.
    var source: Source
    /// The shape that it has there.
    var shape: Shape
    /// The axes in the file, the batch first. The order of the numbers is the same; the axes may differ from `shape`.
    var dims: [Int]
    /// Whether no number is below zero, whatever the data.
    var isNonNegative = false
    /// A number that none is below, whatever the data, where it is negative and known.
    var least: Float?
    /// Whether the file's numbers are of an integer type, so that it computes with whole numbers.
    var isWhole = false
    /// The step and the zero point of the codes that the file has for the numbers.
    var codes: Codes?
    /// Whether anything else reads it, so that its layer must stay as it is.
    var isShared = false
    /// What has been done to it that has no layer yet.
    var pending: Pending?
    /// The channels that a view has the numbers of; nil where they are those of the result as it is.
    var base: Planes?

    /// How codes of a file stand for numbers: (code - zero) times step.
    struct Codes: Hashable {
        var step: Float
        var zero: Int
        var isSigned = false
    }

    /// What is one of our operators only together with those that read it.
    enum Pending {
        /// The numbers of the result under other axes.
        case view(AxisView)
        /// Channels of results in an order of their own, or places of their rows and columns.
        case planes(Planes)
        /// A part of a function that a later operator gives as a whole.
        case absorbed

        /// Why it is refused by itself.
        var reason: String {
            switch self {
            case .view(let view):
                view.isInOrder
                    ? "it reads values whose first axis is no longer the batch"
                    : "it reads values with axes exchanged or stepped over, for which the chips have no operator"
            case .planes(let planes):
                planes.factor == 1
                    ? "it reads channels in another order"
                    : "it reads every \(planes.factor == 2 ? "second" : "\(planes.factor)th") row or column"
            case .absorbed: "it reads a part of an activation that is taken as a whole"
            }
        }
    }

    /// The number of its channels, or of its features.
    var channels: Int { pending != nil && dims.count > 1 ? dims[1] : shape.channels }

    /// The value under other axes of as many numbers.
    func named(_ dims: [Int]) -> Value {
        var named = self
        named.dims = dims
        return named
    }

    /// The value behind a view, under the axes of its shape.
    func stripped(batch: Int) -> Value {
        var stripped = self
        stripped.pending = base.map { .planes($0) }
        stripped.dims = [batch] + shape.dimensions
        stripped.base = nil
        return stripped
    }

    /// The value under a view again, which another had on a value of the same shape.
    func under(_ view: AxisView, like value: Value) -> Value? {
        guard shape == value.shape else { return nil }
        var viewed = self
        switch pending {
        case nil: viewed.base = nil
        case .planes(let planes)? where planes.factor == 1: viewed.base = planes
        case .planes?, .view?, .absorbed?: return nil
        }
        viewed.pending = .view(view)
        viewed.dims = value.dims
        return viewed
    }

    /// The value as one that may be computed with in single precision.
    var counted: Value {
        var counted = self
        counted.isWhole = false
        return counted
    }

    /// Takes over what is known of the numbers of values that this one has the numbers of.
    mutating func takeBounds(of values: [Value]) {
        isNonNegative = values.allSatisfy(\.isNonNegative)
        let bounds = values.map { $0.isNonNegative ? 0 : $0.least }
        least = bounds.contains { $0 == nil } ? nil : bounds.compactMap(\.self).min()
        isWhole = values.allSatisfy(\.isWhole)
        codes = values.allSatisfy { $0.codes == values[0].codes } ? values.first?.codes : nil
    }

    /// The shape that the axes of the file have by themselves; nil where there is no axis beside the batch.
    var naturalShape: Shape? {
        switch dims.count {
        case ..<2: nil
        case 2: .vector(dims[1])
        case 3: .sequence(length: dims[1], features: dims[2])
        default:
            .map(
                channels: dims[1], height: dims[2..<dims.count - 1].reduce(1, *),
                width: dims[dims.count - 1])
        }
    }

    /// The axes as a feature map: channels first, all but the last of the others as its height.
    var mapShape: Shape? {
        switch dims.count {
        case ..<2: nil
        case 2: .map(channels: dims[1], height: 1, width: 1)
        case 3: .map(channels: dims[1], height: 1, width: dims[2])
        default: naturalShape
        }
    }
}

/// A layer that is being put together from the operators of a file.
final class ImportedLayer {
    /// The name of the layer.
    let name: String
    /// The operator with its settings so far.
    var layer: Layer
    /// What it reads.
    var inputs: [Source]
    /// Its numbers, by the names of the layer's parameters and statistics.
    var parameters: [String: ONNXTensor]
    /// Whether an activation has been applied, so that nothing linear can join it any more.
    var isClosed = false

    init(_ name: String, _ layer: Layer, inputs: [Source], parameters: [String: ONNXTensor]) {
        self.name = name
        self.layer = layer
        self.inputs = inputs
        self.parameters = parameters
    }

    /// The numbers of a parameter, or so many of a default where it has none.
    func numbers(_ name: String, count: Int, default value: Float) -> [Float] {
        parameters[name]?.floats ?? [Float](repeating: value, count: count)
    }

    /// Stores one number a channel.
    func set(_ name: String, _ values: [Float]) {
        parameters[name] = ONNXTensor(values, dims: [values.count])
    }
}
