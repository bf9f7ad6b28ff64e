import Graph

// Channels in an order of their own: what reads them takes the order into its numbers, or layers put them in order.
extension ImportBuilder {
    /// The value as channels of results; nil where it is none that could be told apart.
    func planes(of value: Value) -> Planes? {
        switch value.pending {
        case .planes(let planes)?: return expanded(planes)
        case .view(let view)?:
            guard case .map(let channels, let height, let width) = value.shape else { return nil }
            guard var planes = Planes(view, of: value.source, (channels, height, width), batch: batch) else {
                return nil
            }
            if let base = value.base {
                for index in planes.planes.indices {
                    let inner = base.planes[planes.planes[index].channel]
                    planes.planes[index].source = inner.source
                    planes.planes[index].channel = inner.channel
                }
            }
            return expanded(planes)
        case .absorbed?: return nil
        case nil:
            guard value.shape == value.mapShape, value.shape.channels <= Planes.countLimit else { return nil }
            return expanded(Planes(value.source, Array(0..<value.shape.channels)))
        }
    }

    /// The channels of a Route as those of what it joins.
    private func expanded(_ planes: Planes) -> Planes {
        var planes = planes
        for index in planes.planes.indices {
            while let inputs = routed(planes.planes[index].source) {
                var channel = planes.planes[index].channel
                for input in inputs {
                    let count = shapes[input]?.channels ?? 0
                    if channel < count {
                        planes.planes[index].source = input
                        planes.planes[index].channel = channel
                        break
                    }
                    channel -= count
                }
            }
        }
        return planes
    }

    /// Whether a view only names the axes anew: it has all numbers of a value in their order, the batch first.
    func isWhole(_ view: AxisView, of value: Value) -> Bool {
        let dims = view.dims
        return view.isInOrder && dims.count > 1 && dims[0] == batch
            && dims.reduce(1, *) == value.shape.elements * batch
    }

    /// The value whose channels are those, in that order, with the axes and bounds of another.
    func value(_ planes: Planes, like value: Value) -> Value {
        var ordered = value
        ordered.dims[1] = planes.planes.count
        if case .map(_, let height, let width)? = planes.planes.first.flatMap({ shapes[$0.source] }) {
            ordered.shape = .map(
                channels: planes.planes.count, height: height / planes.factor, width: width / planes.factor)
        }
        if let first = planes.planes.first { ordered.source = first.source }
        ordered.pending = .planes(planes)
        ordered.base = nil
        return ordered
    }

    /// The value with its channels and axes in their order, by layers where it takes some.
    func resolved(_ value: Value) throws(Refusal) -> Value {
        guard let pending = value.pending else { return value }
        if case .view(let view) = pending, case .map(let channels, let height, let width) = value.shape,
            let (order, factor) = view.depthToSpace(of: (channels, height, width), batch: batch)
        {
            let (plain, own) = try arranged(value.stripped(batch: batch))
            return try shuffled(
                plain, own.map { own in order.map { own[$0] } } ?? order, factor: factor, dims: value.dims)
        }
        if case .view(let view) = pending, isWhole(view, of: value) {
            return try resolved(value.stripped(batch: batch)).named(value.dims)
        }
        guard planes(of: value) != nil else { throw Refusal(pending.reason) }
        if case .planes(let planes) = pending, let known = settledPlanes[planes] {
            return known.named(value.dims)
        }
        let (plain, order) = try arranged(value)
        guard let order else { return plain }
        var result = try permuted(plain, order)
        if value.isShared, case .planes(let planes) = pending {
            result.isShared = true
            settledPlanes[planes] = result
        }
        return result
    }

    /// The value as the result of one layer, and which channel of it each channel of the value is; no order where they are
    /// the same.
    func arranged(_ value: Value) throws(Refusal) -> (plain: Value, order: [Int]?) {
        guard let pending = value.pending else { return (value, nil) }
        if isShuffled(value) || planes(of: value) == nil { return (try resolved(value), nil) }
        guard var planes = planes(of: value), !planes.planes.isEmpty else { throw Refusal(pending.reason) }
        if planes.factor > 1 { planes = try tapped(planes) }
        // A channel that is read twice is there twice.
        var seen: [Planes.Plane: Int] = [:]
        var rounds: [[(place: Int, plane: Planes.Plane)]] = []
        for (place, plane) in planes.planes.enumerated() {
            let round = seen[plane, default: 0]
            seen[plane] = round + 1
            if round == rounds.count { rounds.append([]) }
            rounds[round].append((place, plane))
        }
        var parts: [Source] = []
        var order = [Int](repeating: 0, count: planes.planes.count)
        var next = 0
        for round in rounds {
            var sources: [Source] = []
            for (_, plane) in round where !sources.contains(plane.source) { sources.append(plane.source) }
            for source in sources {
                let chosen = round.filter { $0.plane.source == source }
                    .sorted { $0.plane.channel < $1.plane.channel }
                for (place, _) in chosen {
                    order[place] = next
                    next += 1
                }
                parts += try pieces(of: source, chosen.map(\.plane.channel))
            }
        }
        var plain = try routed(parts, like: value)
        plain.dims = value.dims
        plain.takeBounds(of: [value])
        return (plain, order == Array(order.indices) ? nil : order)
    }

    /// Runs `body` on the value as the result of one layer; what it gives has the same channels, in the value's order.
    func inOrder(
        _ value: Value, _ body: (Value, [Int]?) throws(Refusal) -> Value
    ) throws(Refusal) -> Value {
        guard value.pending != nil else { return try body(value, nil) }
        let (plain, order) = try arranged(value)
        let result = try body(plain, order)
        guard let order else { return result }
        return self.value(Planes(result.source, order), like: result)
    }

    /// Runs `body` on the value as the result of one layer, with a function that puts numbers, one a channel of the value, in
    /// the order of its channels.
    func perChannel(
        _ value: Value, _ body: (Value, ([Float]) -> [Float]) throws(Refusal) -> Value
    ) throws(Refusal) -> Value {
        if case .view(let view)? = value.pending,
            case .map(let channels, let height, let width) = value.shape,
            let (order, factor) = view.depthToSpace(of: (channels, height, width), batch: batch),
            order.sorted() == Array(0..<channels)
        {
            // Each channel is made of several that move to space.
            let result = try body(value.stripped(batch: batch)) { numbers in
                var all = [Float](repeating: 0, count: channels)
                for (place, channel) in order.enumerated() {
                    all[channel] = numbers[place / (factor * factor)]
                }
                return all
            }
            guard let viewed = result.under(view, like: value) else {
                throw Refusal("it acts on channels that move to space")
            }
            return viewed
        }
        return try inOrder(value) { (plain, order) throws(Refusal) in
            try body(plain) { numbers in order.map { numbers.placed($0) } ?? numbers }
        }
    }

    /// Whether layers can read the value: it is one of theirs but for the order of channels and places.
    func isReadable(_ value: Value) -> Bool {
        value.pending == nil || planes(of: value) != nil || isShuffled(value)
    }

    /// Whether channels of the value move to space in front of what reads it.
    func isShuffled(_ value: Value) -> Bool {
        guard case .view(let view)? = value.pending,
            case .map(let channels, let height, let width) = value.shape
        else { return false }
        return view.depthToSpace(of: (channels, height, width), batch: batch) != nil
    }

    /// The parts of a result that have those of its channels, ascending, by Channel_Splits where they are not all.
    private func pieces(of source: Source, _ channels: [Int]) throws(Refusal) -> [Source] {
        let count = shapes[source]?.channels ?? 0
        if channels.count == count { return [source] }
        var bounds: Set<Int> = []
        for (index, channel) in channels.enumerated() {
            if index == 0 || channels[index - 1] + 1 < channel { bounds.insert(channel) }
            if index + 1 == channels.count || channel + 1 < channels[index + 1] { bounds.insert(channel + 1) }
        }
        var leaves: [(range: Range<Int>, source: Source)] = []
        for leaf in parts[source] ?? [(0..<count, source)] {
            let cuts = bounds.filter { leaf.range.contains($0) && $0 > leaf.range.lowerBound }.sorted()
            guard !cuts.isEmpty else {
                leaves.append(leaf)
                continue
            }
            let ends = [leaf.range.lowerBound] + cuts + [leaf.range.upperBound]
            guard ChannelSplit.parts.contains(ends.count - 1), let shape = shapes[leaf.source] else {
                throw Refusal(
                    "it picks \(ends.count - 1) parts of the channels; at most \(ChannelSplit.parts.upperBound) are"
                )
            }
            var split = ChannelSplit()
            split.split = zip(ends, ends.dropFirst()).map { $1 - $0 }
            let results = try add(
                .channelSplit(split),
                reading: [Value(source: leaf.source, shape: shape, dims: [batch] + shape.dimensions)],
                name: "\(source.name)_parts")
            for (result, (low, high)) in zip(results, zip(ends, ends.dropFirst())) {
                leaves.append((low..<high, result.source))
            }
        }
        parts[source] = leaves
        let wanted = Set(channels)
        return leaves.filter { wanted.contains($0.range.lowerBound) }.map(\.source)
    }

    /// Throws where a Route does not join so many parts.
    func checkJoined(_ count: Int) throws(Refusal) {
        let most = Route.inputs.upperBound
        guard count <= most else { throw Refusal("it joins \(count) parts; at most \(most) are") }
    }

    /// Results joined on channels; one stays by itself.
    private func routed(_ parts: [Source], like value: Value) throws(Refusal) -> Value {
        let values = try parts.map { (part) throws(Refusal) in
            guard let shape = shapes[part] else { throw Refusal("it reads what no layer gives") }
            return Value(source: part, shape: shape, dims: [batch] + shape.dimensions)
        }
        try checkJoined(values.count)
        if values.count == 1 {
            var only = values[0]
            only.isShared = true
            return only
        }
        let key = parts.map(\.description).joined(separator: " ")
        if let known = joins[key] { return known }
        var joined = try add(.route(Route()), reading: values, name: "\(nodeName)_join")[0]
        joined.isShared = true
        joins[key] = joined
        return joined
    }

    /// One place of each square of a result.
    struct Tap: Hashable {
        var source: Source
        var row: Int
        var column: Int
        var factor: Int
    }

    /// Places of squares as channels of layers with one tap each.
    private func tapped(_ planes: Planes) throws(Refusal) -> Planes {
        var result = planes
        result.factor = 1
        for (index, plane) in planes.planes.enumerated() {
            let key = Tap(
                source: plane.source, row: plane.row, column: plane.column, factor: planes.factor)
            if taps[key] == nil {
                guard let shape = shapes[plane.source], case .map(let channels, let height, let width) = shape
                else { throw Refusal("it steps over what is no feature map") }
                let map = Value(source: plane.source, shape: shape, dims: [batch] + shape.dimensions)
                let one = ONNXTensor(filled: 1, dims: [channels, 1, 1, 1])
                let tap = try convolve(
                    map, Kernel(weight: one, groups: channels),
                    WindowAxis(size: height, kernel: 1, stride: planes.factor, pads: (-plane.row, 0)),
                    WindowAxis(size: width, kernel: 1, stride: planes.factor, pads: (-plane.column, 0)),
                    name: "\(nodeName)_tap")
                taps[key] = tap.source
                note(
                    "every \(planes.factor == 2 ? "second" : "\(planes.factor)th") row and column became a layer with one tap a window"
                )
            }
            if let source = taps[key] {
                result.planes[index] = Planes.Plane(source: source, channel: plane.channel)
            }
        }
        return result
    }
}
