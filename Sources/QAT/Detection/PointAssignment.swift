import Datasets
import Foundation

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

/// Adaptive training sample selection (Zhang et al. 2020).
///
/// Candidates of an object are the 9 points of each map nearest to its centre. Those whose square of 8 strides overlaps it
/// by at least the mean plus the standard deviation of all candidates, and whose middle lies in it, are positive; where
/// there is none, the candidate of the largest overlap is. A point of several objects finds the one that it overlaps most.
struct AdaptiveAssignment {
    private let set: PointSet

    private static let nearest = 9
    private static let size: Float = 8
    /// So many cells on each side of the centre's cell have the nearest points, even along an edge.
    private static let reach = 9

    init(_ set: PointSet) { self.set = set }

    /// The positives of a picture; `ignored` objects are none.
    func positives(_ objects: [ObjectBox]) -> [PointPositive] {
        var owners: [Int: (overlap: Float, object: Int)] = [:]
        for (object, box) in objects.enumerated() where !box.isIgnored {
            let sides = BoxSides(box)
            let candidates = set.maps.indices.flatMap { nearest(to: sides, in: $0) }
            let overlaps = candidates.map { overlap($0, sides) }
            let mean = overlaps.reduce(0, +) / Float(overlaps.count)
            let squares = overlaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let least = mean + sqrt(squares / Float(max(1, overlaps.count - 1)))
            var chosen = candidates.indices.filter { index in
                let point = set.points[candidates[index]]
                return overlaps[index] >= least && sides.contains(x: point.x, y: point.y)
            }
            if chosen.isEmpty, let best = candidates.indices.max(by: { overlaps[$0] < overlaps[$1] }) {
                chosen = [best]
            }
            for index in chosen where overlaps[index] > owners[candidates[index]]?.overlap ?? -1 {
                owners[candidates[index]] = (overlaps[index], object)
            }
        }
        return owners.sorted { $0.key < $1.key }.map { PointPositive(point: $0.key, object: $0.value.object) }
    }

    private func overlap(_ point: Int, _ sides: BoxSides) -> Float {
        let point = set.points[point]
        let square = BoxSides(
            centreX: point.x, centreY: point.y, width: AdaptiveAssignment.size * point.strideX,
            height: AdaptiveAssignment.size * point.strideY)
        return square.overlap(sides)
    }

    /// The nearest points of a map, the nearest first.
    private func nearest(to sides: BoxSides, in map: Int) -> [Int] {
        let grid = set.maps[map].grid
        let column = min(max(Int(sides.centreX / grid.strideX), 0), grid.width - 1)
        let row = min(max(Int(sides.centreY / grid.strideY), 0), grid.height - 1)
        let reach = AdaptiveAssignment.reach
        var found = Smallest(AdaptiveAssignment.nearest)
        for y in max(0, row - reach)...min(grid.height - 1, row + reach) {
            for x in max(0, column - reach)...min(grid.width - 1, column + reach) {
                let point = set.starts[map] + y * grid.width + x
                let acrossX = set.points[point].x - sides.centreX
                let acrossY = set.points[point].y - sides.centreY
                found.insert(acrossX * acrossX + acrossY * acrossY, point)
            }
        }
        return found.members.map(\.place)
    }
}

/// Simplified optimal transport assignment (Ge et al. 2021).
///
/// Candidates are the points in an object or within 2.5 strides of its centre. The cost of a pair is the cross-entropy of
/// its class plus 3 times the negative logarithm of the overlap, and far more where the point is not in both. Each
/// object takes as many of the cheapest as its ten largest overlaps sum up to, at least one; a point that several objects
/// take finds the one of the least cost.
struct TransportAssignment {
    private let set: PointSet

    private static let radius: Float = 2.5
    private static let overlapWeight: Float = 3
    private static let outside: Float = 1e5
    private static let largest = 10
    private static let least: Float = 1e-7

    init(_ set: PointSet) { self.set = set }

    /// The positives of a picture. `box` is the box that a point names, `score` the geometric mean of the sigmoids of
    /// objectness and class.
    func positives(
        _ objects: [ObjectBox], classes: Int, box: (Int) -> BoxSides, score: (Int, Int) -> Float
    ) -> [PointPositive] {
        let judged = objects.indices.filter { !objects[$0].isIgnored }
        guard !judged.isEmpty else { return [] }
        let sides = judged.map { BoxSides(objects[$0]) }
        let points = candidates(sides)
        var costs = [Float](repeating: 0, count: judged.count * points.count)
        var overlaps = costs
        var wrong = [Float](repeating: 0, count: classes)
        let nothing = log(Float(1e-8))
        for (column, index) in points.enumerated() {
            let point = set.points[index]
            let found = box(index)
            var absent: Float = 0
            for label in 0..<classes {
                let likely = min(
                    max(score(index, label), TransportAssignment.least), 1 - TransportAssignment.least)
                let missed = -log(1 - likely)
                absent += missed
                wrong[label] = -log(likely) - missed
            }
            for (row, object) in judged.enumerated() {
                let overlap = found.overlap(sides[row])
                let isInside =
                    sides[row].contains(x: point.x, y: point.y) && isNear(point, sides[row])
                overlaps[row * points.count + column] = overlap
                costs[row * points.count + column] =
                    absent + wrong[Int(objects[object].label)]
                    - TransportAssignment.overlapWeight * (overlap > 0 ? log(overlap + 1e-8) : nothing)
                    + (isInside ? 0 : TransportAssignment.outside)
            }
        }
        return matched(costs, overlaps, points, judged)
    }

    private func matched(
        _ costs: [Float], _ overlaps: [Float], _ points: [Int], _ judged: [Int]
    ) -> [PointPositive] {
        var takers = [Int](repeating: 0, count: points.count)
        var owners = [Int](repeating: 0, count: points.count)
        for row in judged.indices {
            let first = row * points.count
            var largest = Smallest(TransportAssignment.largest)
            for column in points.indices { largest.insert(-overlaps[first + column], column) }
            let count = max(1, Int(-largest.members.reduce(0) { $0 + $1.value }))
            var cheapest = Smallest(count)
            for column in points.indices { cheapest.insert(costs[first + column], column) }
            for member in cheapest.members {
                takers[member.place] += 1
                owners[member.place] = row
            }
        }
        return points.indices.filter { takers[$0] > 0 }.map { column in
            var owner = owners[column]
            if takers[column] > 1 {
                owner = 0
                for row in judged.indices
                where costs[row * points.count + column] < costs[owner * points.count + column] {
                    owner = row
                }
            }
            return PointPositive(point: points[column], object: judged[owner])
        }
    }

    private func isNear(_ point: PointSet.Point, _ sides: BoxSides) -> Bool {
        abs(point.x - sides.centreX) < TransportAssignment.radius * point.strideX
            && abs(point.y - sides.centreY) < TransportAssignment.radius * point.strideY
    }

    private func candidates(_ sides: [BoxSides]) -> [Int] {
        set.points.indices.filter { index in
            let point = set.points[index]
            return sides.contains { $0.contains(x: point.x, y: point.y) || isNear(point, $0) }
        }
    }
}

/// The smallest of many values with their places, in order; of equal ones the first.
struct Smallest {
    private(set) var members: [(value: Float, place: Int)] = []
    private let count: Int

    /// At most so many are kept.
    init(_ count: Int) {
        self.count = count
        members.reserveCapacity(count + 1)
    }

    mutating func insert(_ value: Float, _ place: Int) {
        if members.count == count {
            guard let last = members.last, value < last.value else { return }
        }
        var position = members.count
        while position > 0, value < members[position - 1].value { position -= 1 }
        members.insert((value, place), at: position)
        if members.count > count { members.removeLast() }
    }
}
