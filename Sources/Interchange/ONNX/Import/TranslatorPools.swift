import Graph

// Pools and padding.
extension Translator {
    func pooling() throws(Refusal) -> Value {
        switch node.opType {
        case "GlobalAveragePool", "GlobalMaxPool":
            let value = try value(0)
            guard value.dims.count > 2 else { throw Refusal("it reads what is no feature map") }
            return try global(value, isMean: node.opType == "GlobalAveragePool")
        case "ReduceMean", "ReduceSum", "ReduceMax": return try reduction()
        default: return try windowPool()
        }
    }

    private func global(_ value: Value, isMean: Bool) throws(Refusal) -> Value {
        if value.pending != nil {
            return try builder.inOrder(value) { (plain, _) throws(Refusal) in
                try global(plain, isMean: isMean)
            }
        }
        let map = try builder.map(value)
        let dims = [value.dims[0], value.dims[1]] + value.dims.dropFirst(2).map { _ in 1 }
        var result: Value
        if isMean {
            result = try builder.add(.adaptiveAvgpool2D(AdaptiveAvgpool2D()), reading: map)
        } else {
            guard case .map(_, let height, let width) = map.shape, height <= 64, width <= 64 else {
                throw Refusal("its map of \(map.shape) is larger than the largest window, 64x64")
            }
            var layer = Maxpool2D()
            layer.window = Window(height: height, width: width)
            result = try builder.add(.maxpool2D(layer), reading: map)
        }
        result.takeBounds(of: [value])
        result.dims = dims
        return result
    }

    private func windowPool() throws(Refusal) -> Value {
        let value = try value(0)
        let kernel = node.integers("kernel_shape") ?? []
        guard (3...4).contains(value.dims.count), node.output.dropFirst().allSatisfy(\.isEmpty) else {
            throw Refusal(
                value.dims.count > 4 || value.dims.count < 3
                    ? "it slides over \(value.dims.count - 2) axes; the chips' windows slide over one or two"
                    : "it gives the places of the largest values, which no chip does")
        }
        var axes = try WindowAxis.axes(of: node, over: Array(value.dims.dropFirst(2)), kernel: kernel)
        let isRoundedUp = node.integer("ceil_mode", default: 0) != 0
        var isGrown = false
        for index in axes.indices where isRoundedUp {
            let axis = axes[index]
            let rest = (axis.size + axis.pads.before + axis.pads.after - axis.span) % axis.stride
            // A step that would begin in the padding behind is left out.
            if rest > 0, axis.steps * axis.stride < axis.size + axis.pads.before {
                axes[index].pads.after += axis.stride - rest
                isGrown = true
            }
        }
        let isMean = node.opType == "AveragePool"
        let counts = isMean && node.integer("count_include_pad", default: 0) != 0 && !isGrown
        let down = axes.count == 1 ? WindowAxis(size: 1, kernel: 1) : axes[0]
        var result = try builder.pool(
            value, ImportBuilder.Pool(kind: isMean ? .mean : .largest, ignoresPadding: !counts), down,
            axes[axes.count - 1])
        result.dims = [value.dims[0], value.dims[1]] + axes.map(\.steps)
        return result
    }

    /// A mean, a sum or the largest number over some axes.
    private func reduction() throws(Refusal) -> Value {
        let value = try value(0)
        let keeps = node.integer("keepdims", default: 1) != 0
        let listed = try integers("axes", input: 1) ?? []
        if listed.isEmpty, node.integer("noop_with_empty_axes", default: 0) != 0 { return value }
        var axes: Set<Int> = []
        for axis in listed.isEmpty ? Array(value.dims.indices) : listed {
            axes.insert(try self.axis(axis, of: value.dims))
        }
        guard !axes.contains(0), value.dims.count <= 4 else {
            throw Refusal("it joins the samples of a batch, or \(value.dims.count - 1) axes")
        }
        var result = try builder.map(value)
        var count = 1
        let space = axes.filter { $0 > 1 }
        if !space.isEmpty {
            guard case .map(_, let height, let width) = result.shape else {
                throw Refusal("it reads no map")
            }
            let isDown = value.dims.count == 4 && space.contains(2)
            let isAcross = space.contains(value.dims.count - 1)
            let window = Window(height: isDown ? height : 1, width: isAcross ? width : 1)
            count *= window.height * window.width
            if node.opType == "ReduceMax" {
                guard window.height <= 64, window.width <= 64 else {
                    throw Refusal("its window \(window.height)x\(window.width) is larger than 64")
                }
                var pool = Maxpool2D()
                pool.window = window
                result = try builder.add(.maxpool2D(pool), reading: result)
            } else if isDown || height == 1, isAcross || width == 1 {
                result = try builder.add(.adaptiveAvgpool2D(AdaptiveAvgpool2D()), reading: result)
            } else {
                guard window.height <= 64, window.width <= 64 else {
                    throw Refusal("its window \(window.height)x\(window.width) is larger than 64")
                }
                var pool = Avgpool2D()
                pool.window = window
                result = try builder.add(.avgpool2D(pool), reading: result)
            }
        }
        if axes.contains(1) {
            guard node.opType != "ReduceMax" else {
                throw Refusal(
                    "it takes the largest of all channels; the chips take that of places, or of two maps")
            }
            let channels = result.shape.channels
            count *= channels
            let weight = ONNXTensor(filled: 1 / Float(channels), dims: [1, channels, 1, 1])
            guard case .map(_, let height, let width) = result.shape else {
                throw Refusal("it reads no map")
            }
            result = try builder.convolve(
                result, ImportBuilder.Kernel(weight: weight), WindowAxis(size: height, kernel: 1),
                WindowAxis(size: width, kernel: 1))
        }
        if node.opType == "ReduceSum" {
            result = try builder.affine(result, scale: Float(count), shift: 0)
        }
        result.isNonNegative = value.isNonNegative
        result.dims = value.dims.indices.filter { keeps || !axes.contains($0) }.map {
            axes.contains($0) ? 1 : value.dims[$0]
        }
        return result
    }

    func pad() throws(Refusal) -> Value {
        var value = try self.value(0)
        let mode = node.text("mode", default: "constant")
        let kind = mode == "edge" ? "the edge" : mode == "reflect" ? "a reflection" : "'\(mode)'"
        guard mode == "constant" || builder.options.approximates && ["edge", "reflect"].contains(mode) else {
            throw Refusal("it pads with \(kind); the chips pad with 0")
        }
        if mode != "constant" {
            builder.note("it pads with \(kind), here with 0, so that numbers at the border differ", .accuracy)
        }
        var fill: Float = 0
        if mode == "constant" { fill = try optionalConstant(2)?.scalar ?? node.number("value", default: 0) }
        guard let pads = try integers("pads", input: 1) ?? node.integers("paddings"),
            pads.count == 2 * value.dims.count, try optionalConstant(3) == nil
        else { throw Refusal("it pads some axes only, or says nothing of how much") }
        let count = value.dims.count
        guard (3...4).contains(count), pads[0] == 0, pads[count] == 0 else {
            throw Refusal("it pads more than channels, height and width")
        }
        if abs(fill) > Translator.mostFill { fill = try fillOfMaximum(fill, value, pads) }
        if pads[1] != 0 || pads[count + 1] != 0 {
            guard fill == 0 else { throw Refusal("it adds channels of \(fill)") }
            value = try channelsAdded(value, pads[1], pads[count + 1])
        }
        let down = count == 4 ? (pads[2], pads[2 + count]) : (0, 0)
        let across = (pads[count - 1], pads[2 * count - 1])
        // The chips pad with 0: another number is moved there and back.
        var map = try builder.map(value)
        if fill != 0 { map = try builder.affine(map, scale: 1, shift: -fill) }
        var result = try builder.padded(map, down, across)
        if fill != 0 { result = try builder.affine(result, scale: 1, shift: fill) }
        result.isNonNegative = value.isNonNegative && fill >= 0
        result.isShared = true
        result.dims = value.dims
        result.dims[count - 1] += across.0 + across.1
        if count == 4 { result.dims[2] += down.0 + down.1 }
        return result
    }

    /// The largest number that is moved to 0 and back; beside greater ones those of data lose their last places.
    private static let mostFill: Float = 1000

    /// What padding with a number of great magnitude is as padding with 0, in front of pools that take the largest.
    private func fillOfMaximum(_ fill: Float, _ value: Value, _ pads: [Int]) throws(Refusal) -> Float {
        let window = node.output.first.flatMap { builder.functions.maximized[$0] } ?? 0
        guard fill < 0, pads.allSatisfy({ $0 < window }) else {
            throw Refusal("it pads with \(fill), beside which numbers of data are lost; the chips pad with 0")
        }
        if !value.isNonNegative {
            guard builder.options.approximates else {
                throw Refusal(
                    "it pads with \(fill) in front of a pool, the chips with 0, and what it reads can be negative"
                )
            }
            builder.note(
                "at the border the pool gives 0 where all numbers of the window are negative, in the file the largest of them",
                .accuracy)
        }
        return 0
    }

    /// The map with channels of zeros in front and behind, or without some of its own: a 1x1 convolution.
    private func channelsAdded(_ value: Value, _ before: Int, _ after: Int) throws(Refusal) -> Value {
        let channels = value.dims[1]
        let count = channels + before + after
        guard (1...4096).contains(count), channels <= 4096 else {
            throw Refusal("it makes \(channels) channels \(count)")
        }
        try builder.spend(channels * count)
        var weight = [Float](repeating: 0, count: channels * count)
        for channel in max(0, -before)..<min(channels, count - before) {
            weight[(channel + before) * channels + channel] = 1
        }
        builder.note("\(channels) channels became \(count) with zeros by a 1x1 convolution")
        let sizes = value.dims.dropFirst(2)
        var result = try builder.convolve(
            value, ImportBuilder.Kernel(weight: ONNXTensor(weight, dims: [count, channels, 1, 1])),
            WindowAxis(size: sizes.count == 2 ? value.dims[2] : 1, kernel: 1),
            WindowAxis(size: sizes.last ?? 1, kernel: 1))
        if value.isNonNegative { result = try builder.activate(result, .relu) }
        result.dims = [value.dims[0], count] + sizes
        return result
    }
}
