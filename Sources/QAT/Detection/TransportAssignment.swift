import Datasets
import Foundation

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
