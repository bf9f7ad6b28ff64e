import Graph

/// Channels of results of layers in an order of their own, or places of their rows and columns.
struct Planes: Hashable {
    /// One channel: of a result, and of each of its squares of `factor` rows and columns one place.
    struct Plane: Hashable {
        var source: Source
        var channel: Int
        var row = 0
        var column = 0
    }

    /// The channels in order.
    var planes: [Plane]
    /// Rows and columns of a square.
    var factor = 1

    /// The most channels that are told apart.
    static let countLimit = 65536

    /// Channels of one result in an order.
    init(_ source: Source, _ order: [Int]) { planes = order.map { Plane(source: source, channel: $0) } }

    /// Channels, and places of squares.
    init(_ planes: [Plane], factor: Int) { (self.planes, self.factor) = (planes, factor) }

    /// What a view of one result is as channels of it; nil where it is none.
    ///
    /// The result has the shape `map`, channels, height, width; the view has the batch as its first axis and the channels as
    /// its second.
    init?(_ view: AxisView, of source: Source, _ map: (channels: Int, height: Int, width: Int), batch: Int) {
        let plane = map.height * map.width
        guard view.axes.count > 2, view.dims[1] <= Planes.countLimit,
            view.startsWithBatch(batch, apart: map.channels * plane)
        else { return nil }
        let channels = view.places(of: 1..<2).map { $0 + view.offset }
        let space = AxisView.joined(view.axes[2...].flatMap { $0 })
        if space == AxisView.joined([.init(size: plane, stride: 1)]) {
            guard channels.allSatisfy({ $0.isMultiple(of: plane) }) else { return nil }
            self.init(source, channels.map { $0 / plane })
            return
        }
        let dims = view.dims
        guard dims.count == 4, map.height.isMultiple(of: dims[2]), map.width.isMultiple(of: dims[3]),
            map.height / dims[2] == map.width / dims[3]
        else { return nil }
        let factor = map.height / dims[2]
        guard view.axes[2] == AxisView.joined([.init(size: dims[2], stride: factor * map.width)]),
            view.axes[3] == AxisView.joined([.init(size: dims[3], stride: factor)])
        else { return nil }
        let planes = channels.map { place in
            Plane(
                source: source, channel: place / plane, row: place % plane / map.width,
                column: place % map.width)
        }
        guard planes.allSatisfy({ $0.row < factor && $0.column < factor }) else { return nil }
        self.init(planes, factor: factor)
    }
}

extension AxisView {
    /// Whether the first axis counts samples that are so many numbers apart.
    func startsWithBatch(_ batch: Int, apart stride: Int) -> Bool {
        axes[0] == AxisView.joined([Step(size: batch, stride: stride)])
    }

    /// The channels of a map in an order such that Pixel_Shuffle makes the view of them, and its factor; nil where the view
    /// moves no channels to space.
    func depthToSpace(
        of map: (channels: Int, height: Int, width: Int), batch: Int
    ) -> (order: [Int], factor: Int)? {
        let (plane, dims) = (map.height * map.width, dims)
        guard dims.count == 4, dims[1] <= Planes.countLimit,
            startsWithBatch(batch, apart: map.channels * plane),
            dims[2].isMultiple(of: map.height), dims[3].isMultiple(of: map.width),
            dims[2] / map.height == dims[3] / map.width, dims[2] > map.height,
            let down = axes[2].last, let across = axes[3].last
        else { return nil }
        let factor = dims[2] / map.height
        guard
            axes[2]
                == AxisView.joined([
                    Step(size: map.height, stride: map.width), Step(size: factor, stride: down.stride),
                ]),
            axes[3]
                == AxisView.joined([
                    Step(size: map.width, stride: 1), Step(size: factor, stride: across.stride),
                ])
        else { return nil }
        var order: [Int] = []
        for channel in places(of: 1..<2) {
            for row in 0..<factor {
                for column in 0..<factor {
                    let place = offset + channel + row * down.stride + column * across.stride
                    guard place.isMultiple(of: plane) else { return nil }
                    order.append(place / plane)
                }
            }
        }
        return (order, factor)
    }
}
