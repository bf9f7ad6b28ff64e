import Graph

// Convolutions of channels in an order of their own: the order goes into the weights.
extension ImportBuilder {
    /// The convolution of channels that no layer has in that order; nil where it takes them as they are.
    func convolveArranged(
        _ value: Value, _ kernel: Kernel, _ down: WindowAxis, _ across: WindowAxis, name: String?
    ) throws(Refusal) -> Value? {
        guard value.pending != nil, let planes = planes(of: value), !planes.planes.isEmpty,
            kernel.weight.dims.count == 4
        else { return nil }
        let channels = planes.planes.count
        if planes.factor > 1 {
            return try convolveSpace(value, planes, kernel, down, across, name: name)
        }
        if kernel.groups == 1, kernel.weight.dims[1] == channels {
            let (plain, order) = try arranged(value)
            var kernel = kernel
            if let order {
                try spend(kernel.weight.count)
                kernel.weight = kernel.weight.spread(axis: 1, to: order, of: channels)
                note("the order of the \(channels) channels that it reads went into its weights")
            }
            return try convolve(plain, kernel, down, across, name: name)
        }
        guard kernel.groups == channels, kernel.weight.dims[0] == channels else { return nil }
        return try inOrder(value) { (plain, order) throws(Refusal) in
            var own = kernel
            if let order {
                try spend(own.weight.count)
                own.weight = own.weight.spread(axis: 0, to: order, of: channels)
                own.bias = own.bias.map { $0.spread(axis: 0, to: order, of: channels) }
            }
            return try convolve(plain, own, down, across, name: name)
        }
    }

    /// Space moved to depth in front of a convolution: Focus where data enters, else a larger window with a larger step.
    private func convolveSpace(
        _ value: Value, _ planes: Planes, _ kernel: Kernel, _ down: WindowAxis, _ across: WindowAxis,
        name: String?
    ) throws(Refusal) -> Value? {
        let weight = kernel.weight
        let factor = planes.factor
        guard let source = planes.planes.first?.source, planes.planes.allSatisfy({ $0.source == source }),
            let shape = shapes[source], case .map(let channels, let height, let width) = shape,
            kernel.groups == 1, !kernel.isFocused, weight.dims[1] == planes.planes.count
        else { return nil }
        let map = Value(source: source, shape: shape, dims: [batch] + shape.dimensions, isShared: true)
        if factor == 2, isEntry(source) {
            let order = planes.planes.map { ($0.row + 2 * $0.column) * channels + $0.channel }
            try spend(weight.dims[0] * 4 * channels * weight.dims[2] * weight.dims[3])
            note(
                "space moved to depth became Focus of this convolution, the order of the channels went into its weights"
            )
            return try convolve(
                map,
                Kernel(
                    weight: weight.spread(axis: 1, to: order, of: 4 * channels), bias: kernel.bias,
                    isFocused: true), down, across, name: name)
        }
        let rows = factor * down.kernel
        let columns = factor * across.kernel
        guard down.dilation == 1, across.dilation == 1, rows <= WindowAxis.largest,
            columns <= WindowAxis.largest
        else { return nil }
        try spend(weight.dims[0] * channels * rows * columns)
        note(
            "space moved to depth in front of it became a window of \(rows)x\(columns) with a step of \(factor * down.stride)"
        )
        return try convolve(
            map,
            Kernel(weight: weight.overSpace(planes, channels: channels), bias: kernel.bias),
            WindowAxis(
                size: height, kernel: rows, stride: factor * down.stride,
                pads: (factor * down.pads.before, factor * down.pads.after)),
            WindowAxis(
                size: width, kernel: columns, stride: factor * across.stride,
                pads: (factor * across.pads.before, factor * across.pads.after)), name: name)
    }

    /// Puts the results of a layer in another order; false where something else reads it, or its channels belong to groups.
    func reorder(_ value: Value, _ order: [Int]) -> Bool {
        guard !value.isShared, let draft = reorderable(value.source) else { return false }
        draft.reorder(order)
        return true
    }

    /// The layer whose results can have another order: nothing reads them yet.
    private func reorderable(_ source: Source) -> ImportedLayer? {
        guard source.output == 0, let draft = draft(source.name), case .conv2D(let conv) = draft.layer,
            conv.groups == 1, !drafts.contains(where: { $0.inputs.contains(source) })
        else { return nil }
        return draft
    }

    /// Whether a result of the network is one of a layer but for the order of its channels, which the layer can have.
    func canReorder(_ value: Value) -> Bool { reordering(value) != nil }

    private func reordering(_ value: Value) -> (draft: ImportedLayer, order: [Int])? {
        guard let planes = planes(of: value), planes.factor == 1, let source = planes.planes.first?.source,
            planes.planes.allSatisfy({ $0.source == source }), let draft = reorderable(source)
        else { return nil }
        let order = planes.planes.map(\.channel)
        guard order.sorted() == Array(0..<(shapes[source]?.channels ?? 0)) else { return nil }
        return (draft, order)
    }

    /// The results of the network with their channels and axes in order, when everything has been read; nil where one has
    /// no such order, with the reason.
    func ended(_ values: [Value]) -> [Result<Value, Refusal>] {
        var counts: [String: Int] = [:]
        for value in values {
            let sources = planes(of: value).map { Set($0.planes.map(\.source.name)) } ?? [value.source.name]
            for name in sources { counts[name, default: 0] += 1 }
        }
        return values.map { value in
            do throws(Refusal) {
                guard value.pending != nil, let (draft, order) = reordering(value), counts[draft.name] == 1,
                    let shape = shapes[Source(draft.name)]
                else { return .success(try resolved(value)) }
                draft.reorder(order)
                notes.append(
                    ONNXReport.Note(
                        node: draft.name, operator: draft.layer.kind.rawValue,
                        text:
                            "the order of a result's channels went into the weights of the layer that gives it"
                    ))
                var ended = value
                ended.source = Source(draft.name)
                ended.shape = shape
                ended.pending = nil
                return .success(ended)
            } catch {
                return .failure(error)
            }
        }
    }
}

extension ImportedLayer {
    /// Puts the results in another order: channel i becomes what channel `order[i]` was.
    fileprivate func reorder(_ order: [Int]) {
        for (name, tensor) in parameters { parameters[name] = tensor.picked(axis: 0, order) }
    }
}

extension ONNXTensor {
    /// The tensor whose place `order[i]` along an axis of `count` is place i of this one; places that none is are 0, and
    /// those that several are have their sum.
    func spread(axis: Int, to order: [Int], of count: Int) -> ONNXTensor {
        let inner = dims[(axis + 1)...].reduce(1, *)
        let outer = dims[..<axis].reduce(1, *)
        let old = floats
        var new = [Float](repeating: 0, count: outer * count * inner)
        for block in 0..<outer {
            for (from, to) in order.enumerated() {
                let source = (block * order.count + from) * inner
                let target = (block * count + to) * inner
                for place in 0..<inner { new[target + place] += old[source + place] }
            }
        }
        var target = dims
        target[axis] = count
        return ONNXTensor(new, dims: target)
    }

    /// The tensor whose place i along an axis is place `order[i]` of this one.
    func picked(axis: Int, _ order: [Int]) -> ONNXTensor {
        var target = dims
        target[axis] = order.count
        if case .filled(let value) = elements { return ONNXTensor(filled: value, dims: target) }
        let inner = dims[(axis + 1)...].reduce(1, *)
        let outer = dims[..<axis].reduce(1, *)
        func moved<Element>(_ old: [Element]) -> [Element] {
            var new: [Element] = []
            new.reserveCapacity(outer * order.count * inner)
            for block in 0..<outer {
                for place in order {
                    let begin = (block * dims[axis] + place) * inner
                    new += old[begin..<begin + inner]
                }
            }
            return new
        }
        if case .integers(let values) = elements { return ONNXTensor(moved(values), dims: target) }
        return ONNXTensor(moved(floats), dims: target)
    }

    /// A kernel over space moved to depth as one over space itself: axes out, channels, height, width times the factor.
    fileprivate func overSpace(_ planes: Planes, channels: Int) -> ONNXTensor {
        let factor = planes.factor
        let height = dims[2]
        let width = dims[3]
        let old = floats
        let rows = height * factor
        let columns = width * factor
        var new = [Float](repeating: 0, count: dims[0] * channels * rows * columns)
        for out in 0..<dims[0] {
            for (place, plane) in planes.planes.enumerated() {
                for row in 0..<height {
                    for column in 0..<width {
                        let target =
                            ((out * channels + plane.channel) * rows + row * factor + plane.row) * columns
                            + column * factor + plane.column
                        new[target] += old[((out * dims[1] + place) * height + row) * width + column]
                    }
                }
            }
        }
        return ONNXTensor(new, dims: [dims[0], channels, rows, columns])
    }
}
