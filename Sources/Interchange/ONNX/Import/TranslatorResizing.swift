import Graph

// Upsampling, and maps made smaller.
extension Translator {
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
        let near = builder.options.approximates ? settings.near(value.dims, dims) : settings
        guard
            let down = ResizedAxis(size: value.dims[2], to: dims[2], scale: scales[2], near),
            let across = ResizedAxis(size: value.dims[3], to: dims[3], scale: scales[3], near)
        else { throw Refusal(refusal(scales, settings)) }
        if down == .repeated(1), across == .repeated(1) { return value }
        if near != settings {
            builder.note(
                "it interpolates between the corners ('align_corners'), here between the middles of places, so that numbers differ the more the nearer to the border",
                .accuracy)
        }
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
        case (.towards(let rows), .towards(let columns)):
            result = try smoothed(map, rows, columns, scales, settings)
        case (.towards(let rows), .repeated(1)): result = try smoothed(map, rows, 1, scales, settings)
        case (.repeated(1), .towards(let columns)): result = try smoothed(map, 1, columns, scales, settings)
        case (.between, .repeated), (.repeated, .between), (.towards, _), (_, .towards), (.picked, _),
            (.joined, _), (_, .picked),
            (_, .joined):
            guard let rows = down.window(over: value.dims[2], to: dims[2]),
                let columns = across.window(over: value.dims[3], to: dims[3])
            else { throw Refusal(refusal(scales, settings)) }
            result = try shrunk(map, rows, columns)
        }
        result.takeBounds(of: [value])
        result.dims = dims
        return result
    }

    /// Between each place and the next: means of so many repeats, the last of which leave out what lies behind the border.
    private func smoothed(
        _ map: Value, _ rows: Int, _ columns: Int, _ scales: [Float], _ settings: ResizedAxis.Settings
    ) throws(Refusal) -> Value {
        let repeated = try unpooled(map, rows, columns, .nearest, refusal(scales, settings))
        guard case .map(_, let height, let width) = repeated.shape else {
            throw Refusal("it resizes no feature map")
        }
        builder.note(
            "interpolation from each place to the next became repeats and a mean of \(rows)x\(columns) of them"
        )
        return try builder.pool(
            repeated, ImportBuilder.Pool(kind: .mean),
            WindowAxis(size: height, kernel: rows, pads: (0, rows - 1)),
            WindowAxis(size: width, kernel: columns, pads: (0, columns - 1)))
    }

    private func unpooled(
        _ map: Value, _ rows: Int, _ columns: Int, _ mode: Unpool2D.Mode, _ refusal: String
    ) throws(Refusal) -> Value {
        guard rows <= 64, columns <= 64 else { throw Refusal(refusal) }
        var unpool = Unpool2D()
        unpool.kernelHeight = rows
        unpool.kernelWidth = columns
        unpool.mode = mode
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
