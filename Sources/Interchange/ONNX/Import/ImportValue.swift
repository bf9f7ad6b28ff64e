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
    /// Whether anything else reads it, so that its layer must stay as it is.
    var isShared = false
    /// What has been done to it that has no layer yet.
    var pending: Pending?

    /// An operator that is one of ours only together with those behind it.
    enum Pending {
        /// The axes of `dims` in another order.
        case transposed(dims: [Int], order: [Int])
        /// Every second row from this one, every second column from that one; nil takes all.
        case everySecond(row: Int?, column: Int?)
        /// Space moved to depth, as Focus does it.
        case focused

        /// Why it is refused by itself.
        var reason: String {
            switch self {
            case .transposed:
                "it reads values with their axes exchanged, for which the chips have no operator"
            case .everySecond:
                "it reads every second row or column; only Focus does so, in front of a convolution"
            case .focused: "it reads space moved to depth; only the first convolution does (Focus)"
            }
        }
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
final class Draft {
    /// The name of the layer.
    let name: String
    /// The operator with its settings so far.
    var layer: Layer
    /// What it reads.
    let inputs: [Source]
    /// Its numbers, by the names of the layer's parameters and statistics.
    var parameters: [String: ONNXTensor]
    /// Whether an activation has been applied, so that nothing linear can join it any more.
    var isClosed = false

    init(_ name: String, _ layer: Layer, inputs: [Source], parameters: [String: ONNXTensor]) {
        (self.name, self.layer, self.inputs, self.parameters) = (name, layer, inputs, parameters)
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
