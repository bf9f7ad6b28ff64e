import Graph

// Pools, padding and upsampling.
extension Translator {
    func pooling() throws(Refusal) -> Value {
        switch node.opType {
        case "GlobalAveragePool", "GlobalMaxPool":
            let value = try value(0)
            guard value.dims.count > 2 else { throw Refusal("it reads what is no feature map") }
            return try global(value, isMean: node.opType == "GlobalAveragePool")
        case "ReduceMean", "ReduceSum": return try reduction()
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

    /// A mean or sum over some axes.
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
            if isDown || height == 1, isAcross || width == 1 {
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
        let value = try value(0)
        let mode = node.text("mode", default: "constant")
        guard mode == "constant" else {
            throw Refusal(
                "it pads with \(mode == "edge" ? "the edge" : "a \(mode)ion"); the chips pad with 0")
        }
        let fill = try optionalConstant(2)?.scalar ?? node.number("value", default: 0)
        guard let pads = try integers("pads", input: 1) ?? node.integers("paddings"),
            pads.count == 2 * value.dims.count, try optionalConstant(3) == nil
        else { throw Refusal("it pads some axes only, or says nothing of how much") }
        let count = value.dims.count
        guard (3...4).contains(count), pads[0] == 0, pads[1] == 0, pads[count] == 0, pads[count + 1] == 0
        else { throw Refusal("it pads more than height and width") }
        let down = count == 4 ? (pads[2], pads[2 + count]) : (0, 0)
        let across = (pads[count - 1], pads[2 * count - 1])
        // The chips pad with 0: another number is moved there and back.
        var map = try builder.map(value)
        if fill != 0 { map = try builder.affine(map, scale: 1, shift: -fill) }
        var result = try builder.padded(map, down, across)
        if fill != 0 { result = try builder.affine(result, scale: 1, shift: fill) }
        (result.isNonNegative, result.isShared) = (value.isNonNegative && fill >= 0, true)
        result.dims = value.dims.indices.map { value.dims[$0] + pads[$0] + pads[$0 + count] }
        return result
    }

    /// Upsampling by whole factors; and smaller maps where each place is one of the file's or a mean of neighbours.
    func resize() throws(Refusal) -> Value {
        let value = try value(0)
        guard value.dims.count == 4 else {
            throw Refusal("it resizes \(value.dims.count - 1) axes; the chips resize feature maps")
        }
        if value.pending != nil, builder.planes(of: value) != nil {
            return try builder.inOrder(value) { (plain, _) throws(Refusal) in try resized(plain) }
        }
        return try resized(try builder.resolved(value))
    }

    private func resized(_ value: Value) throws(Refusal) -> Value {
        let (scales, dims) = try sizes(value)
        guard dims[0] == value.dims[0], dims[1] == value.dims[1] else {
            throw Refusal("it resizes the batch or the channels")
        }
        let settings = try settings()
        guard
            node.integer("antialias", default: 0) == 0 || dims[2] >= value.dims[2] && dims[3] >= value.dims[3]
        else { throw Refusal("it smooths what it makes smaller, which no chip does") }
        guard
            let down = ResizedAxis(size: value.dims[2], to: dims[2], scale: scales[2], settings),
            let across = ResizedAxis(size: value.dims[3], to: dims[3], scale: scales[3], settings)
        else { throw Refusal(refusal(scales, settings)) }
        if down == .repeated(1), across == .repeated(1) { return value }
        let map = try builder.map(value)
        var result: Value
        switch (down, across) {
        case (.repeated(let rows), .repeated(let columns)):
            result = try unpooled(map, rows, columns, .nearest, refusal(scales, settings))
        case (.between(let rows), .between(let columns)):
            result = try unpooled(map, rows, columns, .bilinear, refusal(scales, settings))
        case (.between(let rows), .repeated(1)):
            result = try unpooled(map, rows, 1, .bilinear, refusal(scales, settings))
        case (.repeated(1), .between(let columns)):
            result = try unpooled(map, 1, columns, .bilinear, refusal(scales, settings))
        default:
            guard let rows = down.window(over: value.dims[2], to: dims[2]),
                let columns = across.window(over: value.dims[3], to: dims[3])
            else { throw Refusal(refusal(scales, settings)) }
            result = try shrunk(map, rows, columns)
        }
        result.takeBounds(of: [value])
        result.dims = dims
        return result
    }

    private func unpooled(
        _ map: Value, _ rows: Int, _ columns: Int, _ mode: Unpool2D.Mode, _ refusal: String
    ) throws(Refusal) -> Value {
        guard rows <= 64, columns <= 64 else { throw Refusal(refusal) }
        var unpool = Unpool2D()
        (unpool.kernelHeight, unpool.kernelWidth, unpool.mode) = (rows, columns, mode)
        return try builder.add(.unpool2D(unpool), reading: map)
    }

    /// A smaller map: the mean of 2x2 places as a pool, other shares as a convolution of each channel by itself.
    private func shrunk(
        _ map: Value, _ rows: (axis: WindowAxis, shares: [Float]),
        _ columns: (axis: WindowAxis, shares: [Float])
    ) throws(Refusal) -> Value {
        if rows.shares == [0.5, 0.5], columns.shares == [0.5, 0.5] {
            builder.note("half the size by interpolation became a mean of 2x2")
            return try builder.pool(
                map, ImportBuilder.Pool(kind: .mean, ignoresPadding: false), rows.axis, columns.axis)
        }
        let channels = map.shape.channels
        let taps = rows.shares.flatMap { row in columns.shares.map { row * $0 } }
        try builder.spend(channels * taps.count)
        builder.note(
            "a smaller size became a window of \(rows.shares.count)x\(columns.shares.count) a channel")
        let weight = ONNXTensor(
            [[Float]](repeating: taps, count: channels).flatMap(\.self),
            dims: [channels, 1, rows.shares.count, columns.shares.count])
        return try builder.convolve(
            map, ImportBuilder.Kernel(weight: weight, groups: channels), rows.axis, columns.axis)
    }

    private func refusal(_ scales: [Float], _ settings: ResizedAxis.Settings) -> String {
        "it scales by \(scales.dropFirst(2).map { "\($0)" }.joined(separator: " and ")), \(settings.isLinear ? "linear" : "nearest by '\(settings.rounding)'") between '\(settings.coordinates)' places; the chips repeat, or interpolate between half-pixel ones, by whole factors"
    }

    /// The factors of all axes, and the sizes that they leave.
    private func sizes(_ value: Value) throws(Refusal) -> (scales: [Float], dims: [Int]) {
        let hasRegion = node.opType == "Resize" && opset > 10
        var axes = Array(value.dims.indices)
        if let listed = node.integers("axes") {
            axes = try listed.map { (axis) throws(Refusal) in try self.axis(axis, of: value.dims) }
        }
        func check(_ count: Int) throws(Refusal) {
            guard count == axes.count else {
                throw Refusal("it has \(count) factors or sizes for \(axes.count) axes")
            }
        }
        var scales = [Float](repeating: 1, count: value.dims.count)
        var listed = node.attribute("scales")?.floats
        if listed == nil, let tensor = try optionalConstant(hasRegion ? 2 : 1), tensor.count > 0 {
            listed = tensor.floats
        }
        if let listed {
            try check(listed.count)
            for (axis, factor) in zip(axes, listed) { scales[axis] = factor }
            guard scales.allSatisfy({ $0 > 0 && $0 <= 65536 }) else {
                throw Refusal("a factor of it is not positive")
            }
            return (scales, zip(value.dims, scales).map { Int(Int32(held: (Float($0) * $1).rounded(.down))) })
        }
        guard let sizes = try optionalConstant(3)?.sizes,
            node.text("keep_aspect_ratio_policy", default: "stretch") == "stretch"
        else { throw Refusal("it says neither its scales nor its sizes") }
        try check(sizes.count)
        var dims = value.dims
        for (axis, size) in zip(axes, sizes) { dims[axis] = size }
        guard dims.allSatisfy({ $0 > 0 }) else { throw Refusal("a size of it is not positive") }
        return (zip(dims, value.dims).map { Float($0) / Float($1) }, dims)
    }

    private func settings() throws(Refusal) -> ResizedAxis.Settings {
        let isNew = node.opType == "Resize" && opset > 10
        let mode = node.text("mode", default: "nearest")
        guard ["nearest", "linear", "bilinear"].contains(mode) else {
            throw Refusal("it interpolates by '\(mode)', which no chip does")
        }
        return ResizedAxis.Settings(
            coordinates: node.text(
                "coordinate_transformation_mode", default: isNew ? "half_pixel" : "asymmetric"),
            rounding: node.text("nearest_mode", default: isNew ? "round_prefer_floor" : "floor"),
            isLinear: mode != "nearest")
    }
}
