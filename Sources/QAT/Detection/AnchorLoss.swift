import Datasets
import Graph

/// The loss of heads with anchors, YOLOv3's or YOLOv5's.
///
/// The mean over the heads of
///
///     box         1 x mean over positives of 1 - agreement
///     objectness  20 x (input pixels / 640^2) x balance x mean over anchors in cells of BCE
///     classes     classes / 8 x mean over positives and classes of BCE
///
/// These are the public constants of YOLOv5 (box 0.05, objectness 1 for inputs of 640x640, classes 0.5 x classes / 80),
/// times 20: an anchor in a cell then weighs the same in inputs of every size. The balance is 4, 1, 0.4 from the finest
/// map to the coarsest where there are three, 4, 1 where there are two, and 1 for one. The agreement is CIoU (YOLOv5) or
/// GIoU (YOLOv3). The objectness of a positive should be its CIoU, at least 0 (YOLOv5), or 1 (YOLOv3, where anchors that
/// overlap any object by more than a half are not judged).
struct AnchorLoss {
    private let maps: [AnchorMap]
    private let coding: AnchorMap.Coding
    private let classes: Int
    private let objectnessWeights: [Float]
    private let classWeight: Float
    private let smoothing: Float

    /// What an anchor in a cell should answer, where that is no share: nothing at all.
    private static let unjudged: Float = -1

    init(
        _ maps: [AnchorMap], _ coding: AnchorMap.Coding, input: (height: Int, width: Int), classes: Int,
        smoothing: Float
    ) {
        self.maps = maps
        self.coding = coding
        self.classes = classes
        self.smoothing = smoothing
        let order = maps.indices.sorted { maps[$0].grid.cells > maps[$1].grid.cells }
        let balance: [Float] = maps.count == 1 ? [1] : [4, 1, 0.4]
        let area = Float(input.height * input.width) / (640 * 640)
        var weights = [Float](repeating: 0, count: maps.count)
        for (rank, index) in order.enumerated() { weights[index] = 20 * area * balance[min(rank, 2)] }
        objectnessWeights = weights
        classWeight = Float(classes) / 8
    }

    func evaluate(_ outputs: [String: HeadValues], boxes: [[ObjectBox]]) -> DetectionLoss.Parts {
        let positives =
            switch coding {
            case .exponential: AnchorAssignment.best(maps, boxes: boxes)
            case .squared: AnchorAssignment.ratios(maps, boxes: boxes)
            }
        var sum = DetectionLoss.Parts()
        for (index, map) in maps.enumerated() {
            let part = PartValues(map.part, in: outputs)
            sum += evaluate(map, part, positives[index], boxes, objectnessWeight: objectnessWeights[index])
        }
        return sum
    }

    private func evaluate(
        _ map: AnchorMap, _ part: PartValues, _ positives: [AnchorPositive], _ boxes: [[ObjectBox]],
        objectnessWeight: Float
    ) -> DetectionLoss.Parts {
        var parts = DetectionLoss.Parts()
        let share = 1 / Float(maps.count)
        var wanted = [Float](repeating: 0, count: boxes.count * map.grid.cells * map.count)
        leaveOut(map, part, boxes, &wanted)
        for positive in positives {
            let place = positive.sample * map.grid.cells + positive.cell
            wanted[place * map.count + positive.anchor] = 0
        }
        let boxShare = share / Float(max(1, positives.count))
        let classShare = share * classWeight / Float(max(1, positives.count) * classes)
        for positive in positives {
            let place = positive.sample * map.grid.cells + positive.cell
            let channel = positive.anchor * (5 + classes)
            let numbers = part.numbers(at: place, from: channel)
            let slopes = part.slopes(at: place, from: channel)
            let found = map.decoded(numbers, cell: positive.cell, anchor: positive.anchor)
            let agreement: BoxAgreement
            let objectness: Float
            switch coding {
            case .exponential:
                agreement = .generalized(found.box, positive.box)
                objectness = 1
            case .squared:
                agreement = .complete(found.box, positive.box)
                objectness = max(0, agreement.value)
            }
            let index = place * map.count + positive.anchor
            wanted[index] = max(wanted[index], objectness)
            parts.box += Double(boxShare * (1 - agreement.value))
            if let slopes {
                let sides = agreement.slopes
                slopes[0] -= boxShare * (sides.left + sides.right) * found.slopeX
                slopes[1] -= boxShare * (sides.top + sides.bottom) * found.slopeY
                slopes[2] -= boxShare * (sides.right - sides.left) / 2 * found.slopeWidth
                slopes[3] -= boxShare * (sides.bottom - sides.top) / 2 * found.slopeHeight
            }
            for label in 0..<classes {
                let target = label == positive.label ? 1 - smoothing / 2 : smoothing / 2
                let answer = Logistic(numbers[5 + label])
                parts.classes += Double(classShare * answer.loss(against: target))
                slopes?[5 + label] += classShare * (answer.sigmoid - target)
            }
        }
        parts.objectness += objectness(
            map, part, wanted, weight: share * objectnessWeight / Float(wanted.count))
        return parts
    }

    /// The binary cross-entropy of all that is judged.
    private func objectness(_ map: AnchorMap, _ part: PartValues, _ wanted: [Float], weight: Float) -> Double
    {
        var sum = 0.0
        wanted.withUnsafeBufferPointer { wanted in
            for place in 0..<wanted.count / map.count {
                let numbers = part.numbers(at: place)
                let slopes = part.slopes(at: place)
                for anchor in 0..<map.count {
                    let target = wanted[place * map.count + anchor]
                    guard target >= 0 else { continue }
                    let channel = anchor * (5 + classes) + 4
                    let answer = Logistic(numbers[channel])
                    sum += Double(answer.loss(against: target))
                    slopes?[channel] += weight * (answer.sigmoid - target)
                }
            }
        }
        return sum * Double(weight)
    }

    /// Marks what is not judged.
    private func leaveOut(
        _ map: AnchorMap, _ part: PartValues, _ boxes: [[ObjectBox]], _ wanted: inout [Float]
    ) {
        for (sample, objects) in boxes.enumerated() {
            guard let unjudged = UnjudgedAnchors(objects, coding) else { continue }
            for cell in 0..<map.grid.cells {
                let place = sample * map.grid.cells + cell
                let isOut = unjudged.contain(x: map.grid.middleX(cell), y: map.grid.middleY(cell))
                for anchor in 0..<map.count where isOut || unjudged.dependOnBoxes {
                    let isUnjudged =
                        isOut
                        || unjudged.contain(
                            map.decoded(
                                part.numbers(at: place, from: anchor * (5 + classes)), cell: cell,
                                anchor: anchor
                            ).box)
                    if isUnjudged { wanted[place * map.count + anchor] = AnchorLoss.unjudged }
                }
            }
        }
    }
}
