import Graph

// Pools of a file as ours: padding is none or SAME, and counts as zeros.
extension ImportBuilder {
    /// A pool along two axes.
    struct Pool {
        enum Kind { case largest, mean }
        var kind: Kind
        /// Whether the file leaves the padding out: of the mean, or as less than any number.
        var ignoresPadding = true
    }

    /// Slides a pool over a map.
    func pool(
        _ value: Value, _ pool: Pool, _ down: WindowAxis, _ across: WindowAxis
    ) throws(Refusal) -> Value {
        if value.pending != nil {
            return try inOrder(value) { (plain, _) throws(Refusal) in
                try self.pool(plain, pool, down, across)
            }
        }
        let value = try map(value)
        guard down.dilation == 1 || down.kernel == 1, across.dilation == 1 || across.kernel == 1 else {
            throw Refusal("its window is dilated, which the chips' pools are not")
        }
        if let even = try evened(value, down, across, .pool) {
            return try self.pool(even.value, pool, even.down, even.across)
        }
        let stride = try stride(down, across)
        if down.readsPadding || across.readsPadding, pool.ignoresPadding {
            switch pool.kind {
            case .mean:
                if let exact = try meanWithoutPadding(value, down, across) { return exact }
                guard options.approximates else {
                    throw Refusal(
                        "it leaves the padding out of its mean; the chips divide by the whole window")
                }
                note(
                    "the mean counts the padding as zeros, so it is smaller at the border than in the file",
                    .accuracy)
            case .largest where !value.isNonNegative:
                if let least = value.least {
                    // Padding of 0 is then as little as the least number.
                    var shared = value
                    shared.isShared = true
                    let raised = try affine(shared, scale: 1, shift: -least)
                    var bounded = raised
                    bounded.isNonNegative = true
                    bounded.isShared = true
                    note(
                        "padding of less than any number became padding of \(least), which no number is below: \(-least) is added in front of the pool and taken away behind it"
                    )
                    var result = try affine(
                        try self.pool(bounded, pool, down, across), scale: 1, shift: least)
                    result.isNonNegative = false
                    result.least = least
                    return result
                }
                guard options.approximates else {
                    throw Refusal(
                        "it pads with less than any number, the chips with 0, and what it reads can be negative"
                    )
                }
                note(
                    "at the border the pool gives 0 where all numbers of the window are negative, in the file the largest of them",
                    .accuracy)
            case .largest: break
            }
        }
        for padding in WindowAxis.Padding.allCases {
            guard let rows = down.window(padding, mayGrow: false),
                let columns = across.window(padding, mayGrow: false)
            else { continue }
            return try pooled(
                value, pool,
                Window(
                    height: rows.kernel, width: columns.kernel, stride: stride,
                    padding: padding == .same ? 1 : 0))
        }
        guard down.kernel <= WindowAxis.largest, across.kernel <= WindowAxis.largest else {
            throw Refusal("its window is larger than \(WindowAxis.largest)")
        }
        if let picked = try pooledAtEveryPlace(value, pool, down, across, stride) { return picked }
        let padded = try padded(value, down.pads, across.pads)
        return try pooled(
            padded, pool, Window(height: down.kernel, width: across.kernel, stride: stride))
    }

    /// The mean of what a window reads of the map itself: the mean with zeros around it, times a map that is larger where the
    /// window reaches into the padding. Nil where a window reaches out on two sides.
    private func meanWithoutPadding(
        _ value: Value, _ down: WindowAxis, _ across: WindowAxis
    ) throws(Refusal) -> Value? {
        guard let rows = down.borderTaps, let columns = across.borderTaps,
            case .map(let channels, let height, let width) = value.shape
        else { return nil }
        var shared = value
        shared.isShared = true
        let mean = try pool(shared, Pool(kind: .mean, ignoresPadding: false), down, across)
        try spend(channels * rows.count * columns.count)
        let ones = try convolve(
            shared,
            Kernel(
                weight: ONNXTensor(filled: 0, dims: [channels, 1, 1, 1]),
                bias: ONNXTensor(filled: 1, dims: [channels]), groups: channels),
            WindowAxis(size: height, kernel: 1), WindowAxis(size: width, kernel: 1), name: "\(nodeName)_ones")
        var full = ones
        full.isShared = true
        let taps = rows.flatMap { row in columns.map { row * $0 } }
        let weight = ONNXTensor(
            [[Float]](repeating: taps, count: channels).flatMap(\.self),
            dims: [channels, 1, rows.count, columns.count])
        let border = try convolve(
            full, Kernel(weight: weight, groups: channels), down, across, name: "\(nodeName)_border")
        note(
            "the mean leaves its padding out: it became a mean that counts it, times a map that makes up for it at the border. Counted (count_include_pad=True) and trained again, it is one layer"
        )
        var result = try add(.mul(Mul()), reading: [mean, border])[0]
        result.isNonNegative = value.isNonNegative
        return result
    }

    /// A pool in steps of 1, padded SAME, and one of 1x1 that takes every so many of its results; nil where SAME pads
    /// otherwise in front.
    private func pooledAtEveryPlace(
        _ value: Value, _ pool: Pool, _ down: WindowAxis, _ across: WindowAxis, _ stride: Int
    ) throws(Refusal) -> Value? {
        for axis in [down, across] {
            var every = axis
            every.stride = 1
            every.pads.after = axis.kernel - 1 - axis.pads.before
            let steps = WindowAxis(size: axis.size, kernel: 1, stride: axis.stride)
            guard every.window(.same, mayGrow: false) != nil, steps.steps == axis.steps else { return nil }
        }
        let all = try pooled(
            value, pool, Window(height: down.kernel, width: across.kernel, padding: 1),
            name: "\(nodeName)_every")
        note(
            "a pool of \(down.kernel)x\(across.kernel) in steps of \(stride) became one in steps of 1, '\(all.source.name)', and one of 1x1 in steps of \(stride), as the chips pad SAME or nothing. Padded SAME and trained again, it is one layer"
        )
        return try pooled(all, Pool(kind: .largest), Window(height: 1, width: 1, stride: stride))
    }

    private func pooled(
        _ value: Value, _ pool: Pool, _ window: Window, name: String? = nil
    ) throws(Refusal) -> Value {
        var result: Value
        switch pool.kind {
        case .largest:
            var layer = Maxpool2D()
            layer.window = window
            result = try add(.maxpool2D(layer), reading: value, name: name)
        case .mean:
            var layer = Avgpool2D()
            layer.window = window
            result = try add(.avgpool2D(layer), reading: value, name: name)
        }
        result.takeBounds(of: [value])
        return result
    }

    /// The map with zeros around it, or without its border where the numbers are negative.
    func padded(
        _ value: Value, _ down: (before: Int, after: Int), _ across: (before: Int, after: Int)
    ) throws(Refusal) -> Value {
        if value.pending != nil {
            return try inOrder(value) { (plain, _) throws(Refusal) in try padded(plain, down, across) }
        }
        guard case .map(let channels, let height, let width) = value.shape else {
            throw Refusal("it pads what is no feature map")
        }
        let sides = [down.before, down.after, across.before, across.after]
        let frame = max(0, sides.max() ?? 0)
        guard frame <= 64 else { throw Refusal("its padding of \(frame) is more than 64") }
        let framed = frame > 0 ? try framed(value, by: frame) : value
        if sides.allSatisfy({ $0 == frame }) { return framed }
        // What is too much is cropped by a window with one tap.
        let rows = WindowAxis(
            size: height + 2 * frame, kernel: 1, pads: (down.before - frame, down.after - frame))
        let columns = WindowAxis(
            size: width + 2 * frame, kernel: 1, pads: (across.before - frame, across.after - frame))
        guard rows.isPossible, columns.isPossible, rows.window(.none, mayGrow: true) != nil,
            columns.window(.none, mayGrow: true) != nil
        else { throw Refusal("its padding cannot be expressed") }
        let one = ONNXTensor(filled: 1, dims: [channels, 1, 1, 1])
        var cropped = try convolve(
            framed, Kernel(weight: one, groups: channels), rows, columns, name: "\(nodeName)_crop")
        cropped.takeBounds(of: [framed])
        cropped.isShared = true
        return cropped
    }
}

extension WindowAxis {
    /// Taps of a window over ones, with zeros around them, that give the taps of the whole window by those that lie within; nil
    /// where a window reaches out on both sides.
    fileprivate var borderTaps: [Float]? {
        let before = max(0, pads.before)
        let after = max(0, (steps - 1) * stride + span - size - before)
        guard before + after < kernel, kernel <= size + 1, pads.before >= 0 else { return nil }
        func share(_ missing: Int) -> Float { Float(kernel) / Float(kernel - missing) }
        var taps = [Float](repeating: 0, count: kernel)
        for place in 0..<before { taps[place] = share(place) - share(place + 1) }
        for place in 0..<after { taps[kernel - 1 - place] = share(place) - share(place + 1) }
        taps[before] = 1 - taps.reduce(0, +)
        return taps
    }

    /// Whether any step of the window reaches into the padding.
    var readsPadding: Bool {
        pads.before > 0 || (steps - 1) * stride + span > size + pads.before
    }
}
