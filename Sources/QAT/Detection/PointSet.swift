/// The cells of all maps of heads without anchors, one after the other.
struct PointSet {
    /// A cell and its middle.
    struct Point {
        var map: Int
        var cell: Int
        /// The cells of the map.
        var cells: Int
        var x: Float
        var y: Float
        var strideX: Float
        var strideY: Float
    }

    let points: [Point]
    let maps: [DistanceMap]
    /// Where the points of each map begin.
    let starts: [Int]

    init(_ maps: [DistanceMap]) {
        self.maps = maps
        var points: [Point] = []
        var starts: [Int] = []
        for (index, map) in maps.enumerated() {
            starts.append(points.count)
            points += (0..<map.grid.cells).map { cell in
                Point(
                    map: index, cell: cell, cells: map.grid.cells, x: map.grid.middleX(cell),
                    y: map.grid.middleY(cell),
                    strideX: map.grid.strideX, strideY: map.grid.strideY)
            }
        }
        self.points = points
        self.starts = starts
    }
}

/// A point that has to find an object.
struct PointPositive {
    var point: Int
    var object: Int
}
