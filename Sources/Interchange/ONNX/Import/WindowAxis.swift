/// How a window of a file slides along one axis, and how one of ours can do the same.
struct WindowAxis {
    /// Places along the axis.
    var size: Int
    /// Taps of the window.
    var kernel: Int
    /// Step.
    var stride = 1
    /// Distance between the taps.
    var dilation = 1
    /// Padding before and after; negative crops.
    var pads = (before: 0, after: 0)

    /// The largest window that a layer of ours has.
    static let largest = 64

    /// From the first tap to the last.
    var span: Int { dilation * (kernel - 1) + 1 }
    /// Places of the result.
    var steps: Int { (size + pads.before + pads.after - span) / stride + 1 }

    /// Whether it reads every place by itself.
    var isPoint: Bool { span == 1 && stride == 1 && pads == (0, 0) }

    /// Whether the window fits the axis at all.
    var isPossible: Bool {
        kernel > 0 && stride > 0 && dilation > 0 && size + pads.before + pads.after >= span
    }

    /// Padding of ours.
    enum Padding: CaseIterable { case none, same }

    /// A window of ours that reads the same places: larger by taps of zero where `mayGrow`, because ours pads what SAME
    /// asks and no more. `offset` is where the first tap goes.
    func window(_ padding: Padding, mayGrow: Bool) -> (kernel: Int, offset: Int)? {
        for kernel in span...Swift.max(span, mayGrow ? WindowAxis.largest : span) {
            guard kernel <= WindowAxis.largest else { return nil }
            let before: Int
            switch padding {
            case .none:
                guard kernel <= size, (size - kernel) / stride + 1 == steps else { continue }
                before = 0
            case .same:
                guard (size + stride - 1) / stride == steps else { return nil }
                before = ((steps - 1) * stride + kernel - size) >> 1
            }
            let offset = before - pads.before
            if offset >= 0, offset + span <= kernel { return (kernel, offset) }
        }
        return nil
    }

    /// Reads the sizes, strides, dilations and paddings of an operator that slides over `sizes`.
    static func axes(of node: ONNXNode, over sizes: [Int], kernel: [Int]) throws(Refusal) -> [WindowAxis] {
        let strides = node.integers("strides") ?? []
        let dilations = node.integers("dilations") ?? []
        let pads = node.integers("pads") ?? []
        let automatic = node.text("auto_pad", default: "NOTSET")
        guard kernel.count == sizes.count, [0, sizes.count].contains(strides.count),
            [0, sizes.count].contains(dilations.count), [0, 2 * sizes.count].contains(pads.count)
        else { throw Refusal("its attributes have another number of axes than what it reads") }
        return try sizes.indices.map { (index) throws(Refusal) in
            var axis = WindowAxis(size: sizes[index], kernel: kernel[index])
            if !strides.isEmpty { axis.stride = strides[index] }
            if !dilations.isEmpty { axis.dilation = dilations[index] }
            guard axis.kernel > 0, axis.stride > 0, axis.dilation > 0, axis.kernel < 1 << 20,
                axis.dilation < 1 << 20
            else { throw Refusal("a kernel, stride or dilation of it is not positive") }
            switch automatic {
            case "SAME_UPPER", "SAME_LOWER":
                let steps = (axis.size + axis.stride - 1) / axis.stride
                let total = Swift.max(0, (steps - 1) * axis.stride + axis.span - axis.size)
                let less = total / 2
                axis.pads = automatic == "SAME_UPPER" ? (less, total - less) : (total - less, less)
            case "VALID": break
            default:
                if !pads.isEmpty { axis.pads = (pads[index], pads[index + sizes.count]) }
            }
            guard axis.isPossible else { throw Refusal("its window is larger than what it reads") }
            return axis
        }
    }
}
