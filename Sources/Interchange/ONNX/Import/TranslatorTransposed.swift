import Graph

// Transposed convolutions.
extension Translator {
    /// A transposed convolution: zeros between the places, then a convolution with the kernel turned round.
    func transposedConvolution() throws(Refusal) -> Value {
        let value = try value(0)
        var weight = try constant(1)
        let groups = node.integer("group", default: 1)
        let isFlat = weight.dims.count == 3
        guard (3...4).contains(weight.dims.count), value.dims.count == weight.dims.count else {
            throw Refusal("it slides over \(value.dims.count - 2) axes; the chips upsample feature maps")
        }
        guard groups > 0, weight.dims[0].isMultiple(of: groups), weight.dims[0] == value.dims[1] else {
            throw Refusal("its weight \(weight.dims) does not fit \(value.dims[1]) channels")
        }
        // One axis is a map of height 1.
        if isFlat { weight = weight.reshaped([weight.dims[0], weight.dims[1], 1, weight.dims[2]]) }
        func both(_ name: String, _ standard: Int) throws(Refusal) -> [Int] {
            guard let listed = node.integers(name) else { return [standard, standard] }
            guard listed.count == (isFlat ? 1 : 2) else {
                throw Refusal("its attributes have another number of axes than what it reads")
            }
            return isFlat ? [standard] + listed : listed
        }
        let sizes = (isFlat ? [1] : []) + value.dims.dropFirst(2)
        let strides = try both("strides", 1)
        let dilations = try both("dilations", 1)
        let extra = try both("output_padding", 0)
        guard strides.allSatisfy({ $0 > 0 }) else { throw Refusal("a stride of it is not positive") }
        let pads = try paddings(weight, sizes, strides, dilations, extra, isFlat: isFlat)
        guard strides[0] <= 64, strides[1] <= 64 else { throw Refusal("its stride is more than 64") }
        let axes = (0..<2).map { axis in
            let span = dilations[axis] * (weight.dims[2 + axis] - 1) + 1
            return WindowAxis(
                size: sizes[axis] * strides[axis], kernel: weight.dims[2 + axis],
                dilation: dilations[axis],
                pads: (
                    span - 1 - pads[axis], span - 1 - pads[axis + 2] + extra[axis] - (strides[axis] - 1)
                ))
        }
        guard axes.allSatisfy(\.isPossible) else { throw Refusal("its padding leaves nothing") }
        if builder.options.hasPixelShuffle, !isFlat, !axes[0].isOurs(with: axes[1]), groups == 1,
            strides == [2, 2],
            dilations == [1, 1], axes.allSatisfy({ $0.steps.isMultiple(of: 2) })
        {
            return try subpixel(
                value, weight, try optionalConstant(2), sizes, pads: Array(pads[..<2]), axes.map(\.steps))
        }
        try builder.spend(weight.count)
        var wide = try builder.map(value)
        if strides != [1, 1] {
            var unpool = Unpool2D()
            unpool.kernelHeight = strides[0]
            unpool.kernelWidth = strides[1]
            unpool.mode = .zero
            wide = try builder.add(.unpool2D(unpool), reading: wide, name: "\(builder.nodeName)_unpool")
        }
        var result = try builder.convolve(
            wide,
            ImportBuilder.Kernel(
                weight: weight.turned(groups: groups), bias: try optionalConstant(2), groups: groups),
            axes[0], axes[1])
        result.dims = [value.dims[0], weight.dims[1] * groups] + axes.suffix(isFlat ? 1 : 2).map(\.steps)
        return result
    }

    /// What a transposed convolution leaves out of its result: top, left, bottom, right.
    private func paddings(
        _ weight: ONNXTensor, _ sizes: [Int], _ strides: [Int], _ dilations: [Int], _ extra: [Int],
        isFlat: Bool
    ) throws(Refusal) -> [Int] {
        let automatic = node.text("auto_pad", default: "NOTSET")
        var shape = node.integers("output_shape").map { Array($0.suffix(isFlat ? 1 : 2)) }
        if shape == nil, automatic.hasPrefix("SAME") {
            shape = zip(sizes, strides).map(*).suffix(isFlat ? 1 : 2)
        }
        guard let shape else {
            let listed = automatic == "VALID" ? nil : node.integers("pads")
            let pads = listed ?? [Int](repeating: 0, count: isFlat ? 2 : 4)
            guard pads.count == (isFlat ? 2 : 4) else {
                throw Refusal("its attributes have another number of axes than what it reads")
            }
            return isFlat ? [0, pads[0], 0, pads[1]] : pads
        }
        guard shape.count == (isFlat ? 1 : 2) else { throw Refusal("its output_shape has too few axes") }
        var pads = [0, 0, 0, 0]
        for axis in (isFlat ? 1 : 0)..<2 {
            let span = dilations[axis] * (weight.dims[2 + axis] - 1) + 1
            let whole = strides[axis] * (sizes[axis] - 1) + extra[axis] + span
            let total = whole - shape[isFlat ? 0 : axis]
            guard total >= 0 else { throw Refusal("its output_shape is larger than what it computes") }
            // An odd one leaves out more in front, but for SAME_UPPER.
            pads[axis] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2
            pads[axis + 2] = total - pads[axis]
        }
        return pads
    }

    /// A transposed convolution of step 2 as a convolution that gives the four places of each square, and Pixel_Shuffle.
    private func subpixel(
        _ value: Value, _ weight: ONNXTensor, _ bias: ONNXTensor?, _ sizes: [Int], pads: [Int], _ steps: [Int]
    ) throws(Refusal) -> Value {
        let phases = (0..<2).map { axis in
            Phases(kernel: weight.dims[2 + axis], pad: pads[axis], size: sizes[axis], steps: steps[axis])
        }
        try builder.spend(
            weight.dims[0] * weight.dims[1] * 4 * phases[0].window.kernel * phases[1].window.kernel)
        let kernel = ImportBuilder.Kernel(
            weight: weight.subpixel(phases[0], phases[1]),
            bias: bias.map { bias in
                ONNXTensor(bias.floats.flatMap { [Float](repeating: $0, count: 4) }, dims: [4 * bias.count])
            })
        builder.note(
            "the transposed convolution became a \(phases[0].window.kernel)x\(phases[1].window.kernel) convolution to 4 times its channels and a Pixel_Shuffle"
        )
        var result = try builder.convolve(value, kernel, phases[0].window, phases[1].window)
        let channels = weight.dims[1]
        result.dims = [builder.batch, 4 * channels] + steps.map { $0 / 2 }
        let view = AxisView(dims: result.dims)
            .reshaped(to: [builder.batch, channels, 2, 2, steps[0] / 2, steps[1] / 2])?
            .transposed([0, 1, 4, 2, 5, 3]).reshaped(to: [builder.batch, channels] + steps)
        guard let view else { throw Refusal("its result cannot be put together") }
        return try self.result(result, view)
    }
}

/// What the even and the odd places of a transposed convolution's result read along an axis, for a step of 2.
private struct Phases {
    let kernel: Int
    let pad: Int
    /// The window of a convolution that gives both.
    private(set) var window: WindowAxis
    private let first: Int

    init(kernel: Int, pad: Int, size: Int, steps: Int) {
        self.kernel = kernel
        self.pad = pad
        let offsets = (0..<kernel).map { Phases.place(of: $0, pad: pad).offset }
        first = offsets.min() ?? 0
        let last = offsets.max() ?? 0
        window = WindowAxis(
            size: size, kernel: last - first + 1, pads: (-first, steps / 2 + last - size))
    }

    /// Which place of a square a tap of the transposed kernel gives to, and how far from it what it reads is.
    private static func place(of tap: Int, pad: Int) -> (phase: Int, offset: Int) {
        let phase = ((tap - pad) % 2 + 2) % 2
        return (phase, (phase + pad - tap) / 2)
    }

    /// The place of a square, and the tap of the convolution.
    func target(of tap: Int) -> (phase: Int, tap: Int) {
        let place = Phases.place(of: tap, pad: pad)
        return (place.phase, place.offset - first)
    }
}

extension WindowAxis {
    /// Whether a window of ours reads the same places along this axis and another, without taps of zero.
    fileprivate func isOurs(with other: WindowAxis) -> Bool {
        Padding.allCases.contains {
            window($0, mayGrow: false) != nil && other.window($0, mayGrow: false) != nil
        }
    }
}

extension ONNXTensor {
    /// The kernel of a transposed convolution, axes in, out / groups, height, width, as that of the convolution that does
    /// the same behind zeros between the places: turned round, axes out, in / groups, height, width.
    fileprivate func turned(groups: Int) -> ONNXTensor {
        let inputs = dims[0] / groups
        let outputs = dims[1]
        let height = dims[2]
        let width = dims[3]
        let old = floats
        var new: [Float] = []
        new.reserveCapacity(old.count)
        for group in 0..<groups {
            for output in 0..<outputs {
                for input in 0..<inputs {
                    let plane = ((group * inputs + input) * outputs + output) * height * width
                    new += old[plane..<plane + height * width].reversed()
                }
            }
        }
        return ONNXTensor(new, dims: [outputs * groups, inputs, height, width])
    }

    /// The kernel of a transposed convolution, axes in, out, height, width, as one that gives the four places of each square:
    /// axes out times 4, in, height, width.
    fileprivate func subpixel(_ down: Phases, _ across: Phases) -> ONNXTensor {
        let inputs = dims[0]
        let outputs = dims[1]
        let height = dims[2]
        let width = dims[3]
        let rows = down.window.kernel
        let columns = across.window.kernel
        let old = floats
        var new = [Float](repeating: 0, count: outputs * 4 * inputs * rows * columns)
        for input in 0..<inputs {
            for output in 0..<outputs {
                for row in 0..<height {
                    let vertical = down.target(of: row)
                    for column in 0..<width {
                        let horizontal = across.target(of: column)
                        let channel = (output * 2 + vertical.phase) * 2 + horizontal.phase
                        new[((channel * inputs + input) * rows + vertical.tap) * columns + horizontal.tap] =
                            old[((input * outputs + output) * height + row) * width + column]
                    }
                }
            }
        }
        return ONNXTensor(new, dims: [outputs * 4, inputs, rows, columns])
    }
}
