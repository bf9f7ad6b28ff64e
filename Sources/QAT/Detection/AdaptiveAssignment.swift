import Datasets
import Foundation

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
