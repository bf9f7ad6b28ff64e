import Graph

// Windows that step otherwise down than across: the chips have one step for both.
extension ImportBuilder {
    /// A map and the axes of a window over it, with one step for both.
    struct Evened {
        var value: Value
        var down: WindowAxis
        var across: WindowAxis
    }

    /// The map with each place repeated along the axis of the smaller step, so that both steps are the same; nil where they
    /// are. An axis with one place in the result takes any step.
    ///
    /// A window of `kind` then reads the repeats as if they were one place: a product its first alone, a pool all of them.
    func evened(
        _ value: Value, _ down: WindowAxis, _ across: WindowAxis, _ kind: WindowAxis.Reading
    ) throws(Refusal) -> Evened? {
        guard down.steps > 1, across.steps > 1, down.stride != across.stride else { return nil }
        let stride = WindowAxis.commonMultiple(down.stride, across.stride)
        let rows = stride / down.stride
        let columns = stride / across.stride
        let refusal =
            "its strides \(down.stride) and \(across.stride) differ; the chips have one for both"
        guard stride <= 64, rows <= 8, columns <= 8 else { throw Refusal(refusal) }
        let tall = down.repeated(rows, kind)
        let wide = across.repeated(columns, kind)
        guard tall.span <= WindowAxis.largest, wide.span <= WindowAxis.largest else {
            throw Refusal(
                "\(refusal), and with repeated places its window is larger than \(WindowAxis.largest)")
        }
        var unpool = Unpool2D()
        unpool.kernelHeight = rows
        unpool.kernelWidth = columns
        unpool.mode = .nearest
        let map = try map(value)
        var repeated = try add(.unpool2D(unpool), reading: map, name: "\(nodeName)_repeat")
        repeated.takeBounds(of: [map])
        note(
            "its strides \(down.stride) and \(across.stride) differ and the chips have one for both: \(rows > 1 ? "rows" : "columns")\(rows > 1 && columns > 1 ? " and columns" : "") are repeated in front of it and stepped over by \(stride)"
        )
        return Evened(value: repeated, down: tall, across: wide)
    }
}

extension WindowAxis {
    /// What a window does with the places that it reads.
    enum Reading {
        /// It multiplies each by a weight.
        case product
        /// It takes the largest or the mean of them.
        case pool
    }

    /// The same axis with every place repeated `count` times.
    fileprivate func repeated(_ count: Int, _ kind: Reading) -> WindowAxis {
        var axis = self
        axis.size *= count
        axis.stride *= count
        axis.pads = (pads.before * count, pads.after * count)
        switch kind {
        case .product: axis.dilation = kernel > 1 ? dilation * count : 1
        case .pool: axis.kernel *= count
        }
        return axis
    }

    fileprivate static func commonMultiple(_ first: Int, _ second: Int) -> Int {
        var (greater, less) = (first, second)
        while less > 0 { (greater, less) = (less, greater % less) }
        return first / greater * second
    }
}
