import Datasets
import Foundation
import Graph

/// The loss of heads without anchors; sums over the batch, over its positives.
///
/// Without objectness (assignment: ATSS):
///
///     box      2 x (1 - GIoU), and 0.25 x the distribution focal loss of each side's bins
///     classes  quality focal loss of all points and classes: |sigmoid - overlap|^2 x BCE (Li et al. 2020)
///
/// With objectness (assignment: SimOTA, Ge et al. 2021):
///
///     box         5 x (1 - GIoU)
///     objectness  BCE of all points
///     classes     BCE of the positives, whose right class should be their overlap
///
/// The overlap of a positive with its object is a constant in the gradients.
struct DistanceLoss {
    private let set: PointSet
    private let classes: Int
    private let hasObjectness: Bool

    private static let adaptiveBoxWeight: Float = 2
    private static let transportBoxWeight: Float = 5
    private static let distributionWeight: Float = 0.25

    /// The outputs of all maps.
    private struct Parts {
        var scores: [PartValues]
        var boxes: [PartValues]
        var objectness: [PartValues]
    }

    /// Maps that all have an objectness, or none of them.
    init(_ maps: [DistanceMap], classes: Int, hasObjectness: Bool) {
        set = PointSet(maps)
        self.classes = classes
        self.hasObjectness = hasObjectness
    }

    func evaluate(_ outputs: [String: HeadValues], boxes: [[ObjectBox]]) -> DetectionLoss.Parts {
        let parts = Parts(
            scores: set.maps.map { PartValues($0.scores, in: outputs) },
            boxes: set.maps.map { PartValues($0.boxes, in: outputs) },
            objectness: set.maps.compactMap { $0.objectness.map { PartValues($0, in: outputs) } })
        let positives = boxes.enumerated().map { sample, objects in
            hasObjectness
                ? transported(parts, sample, objects) : AdaptiveAssignment(set).positives(objects)
        }
        let share = 1 / Float(max(1, positives.reduce(0) { $0 + $1.count }))
        var sum = DetectionLoss.Parts()
        for (sample, objects) in boxes.enumerated() {
            var wanted = [(label: Int, overlap: Float)?](repeating: nil, count: set.points.count)
            for positive in positives[sample] {
                let object = objects[positive.object]
                let (loss, overlap) = boxLoss(parts, sample, positive.point, BoxSides(object), share)
                sum.box += Double(loss)
                wanted[positive.point] = (Int(object.label), overlap)
            }
            let ignored = objects.filter(\.isIgnored).map { BoxSides($0) }
            for (index, point) in set.points.enumerated() {
                let place = sample * point.cells + point.cell
                if wanted[index] == nil, ignored.contains(where: { $0.contains(x: point.x, y: point.y) }) {
                    continue
                }
                if hasObjectness {
                    sum.objectness += Double(
                        objectnessLoss(parts.objectness[point.map], place, wanted[index] != nil, share))
                    guard let answer = wanted[index] else { continue }
                    sum.classes += Double(
                        classLoss(
                            parts.scores[point.map], place, answer.label, answer.overlap, share,
                            isFocal: false))
                } else {
                    sum.classes += Double(
                        classLoss(
                            parts.scores[point.map], place, wanted[index]?.label, wanted[index]?.overlap ?? 0,
                            share, isFocal: true))
                }
            }
        }
        return sum
    }

    private func transported(_ parts: Parts, _ sample: Int, _ objects: [ObjectBox]) -> [PointPositive] {
        func place(_ point: Int) -> (map: Int, place: Int, cell: Int) {
            let point = set.points[point]
            return (point.map, sample * point.cells + point.cell, point.cell)
        }
        return TransportAssignment(set).positives(objects, classes: classes) { index in
            let (map, place, cell) = place(index)
            return set.maps[map].decoded(parts.boxes[map].numbers(at: place), cell: cell)
        } score: { index, label in
            let (map, place, _) = place(index)
            return sqrt(
                sigmoid(parts.scores[map].numbers(at: place)[label])
                    * sigmoid(parts.objectness[map].numbers(at: place)[0]))
        }
    }

    /// The loss of a positive's box, and its overlap with the right one.
    private func boxLoss(
        _ parts: Parts, _ sample: Int, _ point: Int, _ right: BoxSides, _ share: Float
    ) -> (loss: Float, overlap: Float) {
        let point = set.points[point]
        let map = set.maps[point.map]
        let place = sample * point.cells + point.cell
        let numbers = parts.boxes[point.map].numbers(at: place)
        let box = map.decoded(numbers, cell: point.cell)
        let agreement = BoxAgreement.generalized(box, right)
        let weight =
            share * (hasObjectness ? DistanceLoss.transportBoxWeight : DistanceLoss.adaptiveBoxWeight)
        var loss = weight * (1 - agreement.value)
        if let slopes = parts.boxes[point.map].slopes(at: place) {
            let sides = agreement.slopes
            map.addSlopes(
                BoxSides(
                    left: -weight * sides.left, top: -weight * sides.top, right: -weight * sides.right,
                    bottom: -weight * sides.bottom), numbers, to: slopes)
        }
        if map.bins > 0 {
            let wanted = [
                (point.x - right.left) / point.strideX, (point.y - right.top) / point.strideY,
                (right.right - point.x) / point.strideX, (right.bottom - point.y) / point.strideY,
            ]
            let weight = share * DistanceLoss.distributionWeight / 4
            for (side, distance) in wanted.enumerated() {
                loss += distributionLoss(
                    numbers + side * map.bins, map.bins, distance, weight,
                    parts.boxes[point.map].slopes(at: place, from: side * map.bins))
            }
        }
        return (loss, box.overlap(right))
    }

    /// Cross-entropy of a side's bins against the two bins around the distance.
    private func distributionLoss(
        _ scores: UnsafePointer<Float>, _ bins: Int, _ distance: Float, _ weight: Float,
        _ slopes: UnsafeMutablePointer<Float>?
    ) -> Float {
        let wanted = min(max(distance, 0), Float(bins - 1) - 0.01)
        let lower = Int(wanted)
        let upperShare = wanted - Float(lower)
        let all = logSum(scores, count: bins)
        for bin in 0..<bins { slopes?[bin] += weight * exp(scores[bin] - all) }
        slopes?[lower] -= weight * (1 - upperShare)
        slopes?[lower + 1] -= weight * upperShare
        return weight * ((1 - upperShare) * (all - scores[lower]) + upperShare * (all - scores[lower + 1]))
    }

    private func objectnessLoss(
        _ part: PartValues, _ place: Int, _ isPositive: Bool, _ share: Float
    ) -> Float {
        let answer = Logistic(part.numbers(at: place)[0])
        let target: Float = isPositive ? 1 : 0
        part.slopes(at: place)?[0] += share * (answer.sigmoid - target)
        return share * answer.loss(against: target)
    }

    /// The loss of a point's classes, of which the one of its object should answer the overlap and the others nothing. The quality
    /// focal loss weighs each by the square of how far it is off.
    private func classLoss(
        _ part: PartValues, _ place: Int, _ label: Int?, _ overlap: Float, _ share: Float, isFocal: Bool
    ) -> Float {
        let numbers = part.numbers(at: place)
        let slopes = part.slopes(at: place)
        var loss: Float = 0
        for index in 0..<classes {
            let answer = Logistic(numbers[index])
            let apart = answer.sigmoid - (index == label ? overlap : 0)
            let entropy = answer.loss(against: index == label ? overlap : 0)
            guard isFocal else {
                slopes?[index] += share * apart
                loss += entropy
                continue
            }
            loss += apart * apart * entropy
            slopes?[index] +=
                share
                * (apart * apart * apart + 2 * apart * answer.sigmoid * (1 - answer.sigmoid) * entropy)
        }
        return share * loss
    }
}
