import Datasets
import Foundation
import Graph

/// The loss of heads with priors (Liu et al. 2016), whose first score is the background.
///
///     box      sum over positives of smooth L1 of the four encoded numbers, over the positives of the batch
///     classes  sum over positives and hard negatives of the cross-entropy of softmax, over the positives of the batch
///
/// Which priors are positive, `PriorAssignment` says. Of the other priors of a picture those with the highest loss are learned
/// as background, three for each positive, and three where there is none.
struct PriorLoss {
    private let maps: [PriorMap]
    private let classes: Int
    private let smoothing: Float
    private let assignment: PriorAssignment

    /// Hard negatives for each positive.
    private static let negatives = 3

    init(_ maps: [PriorMap], classes: Int, smoothing: Float) {
        self.maps = maps
        self.classes = classes
        self.smoothing = smoothing
        assignment = PriorAssignment(maps, classes: classes)
    }

    func evaluate(_ outputs: [String: HeadValues], boxes: [[ObjectBox]]) -> DetectionLoss.Parts {
        let scores = maps.map { PartValues($0.scores, in: outputs) }
        let offsets = maps.map { PartValues($0.boxes, in: outputs) }
        let targets = boxes.map { assignment.targets(of: $0) }
        let positives = targets.reduce(0) { sum, targets in sum + targets.count { $0.isObject } }
        let share = 1 / Float(max(1, positives))
        var parts = DetectionLoss.Parts()
        for (sample, objects) in boxes.enumerated() {
            var negatives: [(loss: Float, index: Int)] = []
            var found = 0
            for (index, prior) in assignment.priors.enumerated() {
                let place = sample * prior.cells + prior.cell
                switch targets[sample][index] {
                case .unjudged: continue
                case .background:
                    let numbers = scores[prior.map].numbers(at: place, from: prior.slot * (classes + 1))
                    negatives.append((logSum(numbers, count: classes + 1) - numbers[0], index))
                case .object(let object):
                    found += 1
                    parts.box += Double(
                        boxLoss(
                            maps[prior.map], prior, offsets[prior.map], place, BoxSides(objects[object]),
                            share))
                    parts.classes += Double(
                        scoreLoss(
                            prior, scores[prior.map], place, label: 1 + Int(objects[object].label), share))
                }
            }
            let count = PriorLoss.negatives * max(1, found)
            for index in PriorLoss.hardest(negatives, count) {
                let prior = assignment.priors[index]
                let place = sample * prior.cells + prior.cell
                parts.classes += Double(scoreLoss(prior, scores[prior.map], place, label: 0, share))
            }
        }
        return parts
    }

    /// The places of so many of the largest losses.
    private static func hardest(_ losses: [(loss: Float, index: Int)], _ count: Int) -> [Int] {
        guard losses.count > count else { return losses.map(\.index) }
        // Most losses are far below the largest: they are left out before the others are sorted.
        var bound = losses.reduce(0) { max($0, $1.loss) }
        var chosen: [(loss: Float, index: Int)] = []
        while chosen.count < count {
            bound = bound > 1e-6 ? bound / 2 : -1
            chosen = losses.filter { $0.loss >= bound }
        }
        chosen.sort { $0.loss != $1.loss ? $0.loss > $1.loss : $0.index < $1.index }
        return chosen.prefix(count).map(\.index)
    }

    private func boxLoss(
        _ map: PriorMap, _ prior: PriorAssignment.Prior, _ part: PartValues, _ place: Int, _ right: BoxSides,
        _ share: Float
    ) -> Float {
        let numbers = part.numbers(at: place, from: prior.slot * 4)
        let slopes = part.slopes(at: place, from: prior.slot * 4)
        let wanted = map.encoded(right, cell: prior.cell, prior: prior.slot)
        var loss: Float = 0
        for (index, target) in [wanted.0, wanted.1, wanted.2, wanted.3].enumerated() {
            let apart = numbers[index] - target
            loss += abs(apart) < 1 ? apart * apart / 2 : abs(apart) - 0.5
            slopes?[index] += share * min(max(apart, -1), 1)
        }
        return share * loss
    }

    private func scoreLoss(
        _ prior: PriorAssignment.Prior, _ part: PartValues, _ place: Int, label: Int, _ share: Float
    ) -> Float {
        let count = classes + 1
        let numbers = part.numbers(at: place, from: prior.slot * count)
        let slopes = part.slopes(at: place, from: prior.slot * count)
        let all = logSum(numbers, count: count)
        var loss: Float = 0
        for index in 0..<count {
            let target = (index == label ? 1 - smoothing : 0) + smoothing / Float(count)
            loss += target * (all - numbers[index])
            slopes?[index] += share * (exp(numbers[index] - all) - target)
        }
        return share * loss
    }
}
