import Graph

// One channel for many, and one place for all places.
extension Translator {
    /// The value with single places spread over axes of others.
    func expand() throws(Refusal) -> Value {
        let value = try value(0)
        var dims = try constant(1).sizes
        while dims.count < value.dims.count { dims.insert(1, at: 0) }
        guard dims.count == value.dims.count else {
            throw Refusal("it makes \(value.dims.count) axes into \(dims.count)")
        }
        for axis in dims.indices where dims[axis] == 1 { dims[axis] = value.dims[axis] }
        return try spread(value, to: dims)
    }

    /// The value with single channels and places spread to the axes of another.
    func spread(_ value: Value, to dims: [Int]) throws(Refusal) -> Value {
        if value.dims == dims { return value }
        let wide = dims.indices.filter { value.dims[$0] != dims[$0] }
        guard wide.allSatisfy({ value.dims[$0] == 1 && dims[$0] > 0 }), !wide.contains(0),
            (3...4).contains(dims.count)
        else {
            throw Refusal(
                "it spreads \(value.dims) over \(dims); the chips spread channels and places of feature maps")
        }
        var map = try builder.map(value)
        var current = value.dims
        if wide.contains(1) {
            guard dims[1] <= 65536, case .map(_, let height, let width) = map.shape else {
                throw Refusal("it spreads one channel over \(dims[1])")
            }
            map.isShared = true
            map = try builder.convolve(
                map,
                ImportBuilder.Kernel(weight: ONNXTensor(filled: 1, dims: [dims[1], 1, 1, 1])),
                WindowAxis(size: height, kernel: 1), WindowAxis(size: width, kernel: 1),
                name: "\(builder.nodeName)_spread")
            builder.note("one channel for \(dims[1]) became a 1x1 convolution of ones")
            current[1] = dims[1]
        }
        let space = wide.filter { $0 > 1 }
        if !space.isEmpty {
            let factors = (
                dims.count == 4 && space.contains(2) ? dims[2] : 1,
                space.contains(dims.count - 1) ? dims[dims.count - 1] : 1
            )
            guard factors.0 <= 64, factors.1 <= 64 else {
                throw Refusal("it spreads one place over \(factors.0)x\(factors.1); at most 64x64 are")
            }
            var unpool = Unpool2D()
            unpool.kernelHeight = factors.0
            unpool.kernelWidth = factors.1
            unpool.mode = .nearest
            map = try builder.add(
                .unpool2D(unpool), reading: map, name: "\(builder.nodeName)_spread")
            for axis in space { current[axis] = dims[axis] }
        }
        map.takeBounds(of: [value])
        map.dims = current
        return map
    }

    /// The axes that two operands have together, each as long as the longer one; nil where they do not fit.
    func together(_ first: [Int], _ second: [Int]) -> [Int]? {
        guard first.count == second.count else { return nil }
        var dims: [Int] = []
        for (one, other) in zip(first, second) {
            guard one == other || one == 1 || other == 1 else { return nil }
            dims.append(max(one, other))
        }
        return dims
    }
}
