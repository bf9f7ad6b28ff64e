import Foundation
public import Graph

/// Reads boxes from the outputs of a detection network.
public struct DetectionDecoder: Sendable {
    /// How the heads of each kind are read.
    private enum Reader: Sendable {
        case anchors(AnchorMap)
        case priors(PriorMap)
        case distances(DistanceMap)
    }

    /// A score of a box, before boxes are compared.
    private struct Candidate {
        var score: Float
        var label: Int
        var head: Int
        var cell: Int
        /// The anchor or prior.
        var slot: Int
    }

    /// The boxes whose scores are above a threshold, in the order in which they are read.
    private struct Candidates {
        let threshold: Float
        var all: [Candidate] = []

        mutating func add(_ candidate: Candidate) {
            if candidate.score > threshold { all.append(candidate) }
        }
    }

    private let heads: [Reader]
    private let classes: Int
    private let input: (height: Int, width: Int)

    /// How many boxes of a sample, the best, are compared with each other.
    private static let candidateLimit = 1000

    /// The decoder of a task for a network of this input and these outputs, by the layer's name; throws where a head's
    /// channels are not there.
    public init(
        _ task: DetectionTask, input: (height: Int, width: Int),
        outputs: [String: (channels: Int, height: Int, width: Int)]
    ) throws(TrainingError) {
        classes = task.classes.count
        self.input = input
        heads = try PlacedHead.heads(of: task, input: input, outputs: outputs).map { placed in
            switch placed.head {
            case .yolov3(let head): .anchors(AnchorMap(head, placed.grid, .exponential))
            case .yolov5(let head): .anchors(AnchorMap(head, placed.grid, .squared))
            case .ssd(let head): .priors(PriorMap(head, placed.grid))
            case .distances(let head): .distances(DistanceMap(head, placed.grid))
            }
        }
    }

    /// The boxes of one sample whose score is above `threshold`, best first, at most `limit`; those of one class overlap
    /// by at most `overlap` (intersection over union).
    ///
    /// The 1000 best candidates are compared. Boxes are clipped to the input. Scores: objectness x class where there is an
    /// objectness, else the class; numbers that are not finite are no boxes.
    public func boxes(
        _ outputs: [String: HeadValues], sample: Int, threshold: Float = 0.001, overlap: Float = 0.6,
        limit: Int = 100
    ) -> [DetectedBox] {
        var candidates = Candidates(threshold: threshold)
        for (index, head) in heads.enumerated() {
            switch head {
            case .anchors(let map): addScores(map, index, outputs, sample, &candidates)
            case .priors(let map): addScores(map, index, outputs, sample, &candidates)
            case .distances(let map): addScores(map, index, outputs, sample, &candidates)
            }
        }
        // Equal scores keep the order in which they were read.
        let found = candidates.all
        let order = found.indices.sorted {
            found[$0].score != found[$1].score ? found[$0].score > found[$1].score : $0 < $1
        }
        var kept: [(sides: BoxSides, candidate: Candidate)] = []
        for index in order.prefix(DetectionDecoder.candidateLimit) where kept.count < limit {
            let candidate = found[index]
            guard let sides = box(of: candidate, outputs, sample) else { continue }
            let isNew = kept.allSatisfy { other in
                other.candidate.label != candidate.label || other.sides.overlap(sides) <= overlap
            }
            if isNew { kept.append((sides, candidate)) }
        }
        return kept.map { sides, candidate in
            DetectedBox(
                left: sides.left, top: sides.top, right: sides.right, bottom: sides.bottom,
                label: Int32(candidate.label), score: candidate.score)
        }
    }

    private func addScores(
        _ map: AnchorMap, _ head: Int, _ outputs: [String: HeadValues], _ sample: Int,
        _ candidates: inout Candidates
    ) {
        let part = PartValues(map.part, in: outputs)
        let least = logit(candidates.threshold)
        for cell in 0..<map.grid.cells {
            let numbers = part.numbers(at: sample * map.grid.cells + cell)
            for anchor in 0..<map.count {
                let channel = anchor * (5 + classes) + 4
                guard numbers[channel] > least else { continue }
                let objectness = sigmoid(numbers[channel])
                for label in 0..<classes where numbers[channel + 1 + label] > least {
                    let score = objectness * sigmoid(numbers[channel + 1 + label])
                    candidates.add(
                        Candidate(score: score, label: label, head: head, cell: cell, slot: anchor))
                }
            }
        }
    }

    private func addScores(
        _ map: PriorMap, _ head: Int, _ outputs: [String: HeadValues], _ sample: Int,
        _ candidates: inout Candidates
    ) {
        let part = PartValues(map.scores, in: outputs)
        for cell in 0..<map.grid.cells {
            for prior in 0..<map.count {
                let numbers = part.numbers(
                    at: sample * map.grid.cells + cell, from: prior * (1 + classes))
                let all = logSum(numbers, count: 1 + classes)
                for label in 0..<classes {
                    let score = exp(numbers[1 + label] - all)
                    candidates.add(Candidate(score: score, label: label, head: head, cell: cell, slot: prior))
                }
            }
        }
    }

    private func addScores(
        _ map: DistanceMap, _ head: Int, _ outputs: [String: HeadValues], _ sample: Int,
        _ candidates: inout Candidates
    ) {
        let scores = PartValues(map.scores, in: outputs)
        let objects = map.objectness.map { PartValues($0, in: outputs) }
        let least = logit(candidates.threshold)
        for cell in 0..<map.grid.cells {
            let place = sample * map.grid.cells + cell
            let objectness = objects.map { sigmoid($0.numbers(at: place)[0]) } ?? 1
            guard objectness > candidates.threshold else { continue }
            let numbers = scores.numbers(at: place)
            for label in 0..<classes where numbers[label] > least {
                let score = objectness * sigmoid(numbers[label])
                candidates.add(Candidate(score: score, label: label, head: head, cell: cell, slot: 0))
            }
        }
    }

    /// The box of a candidate, clipped to the input; nil where nothing is left of it.
    private func box(
        of candidate: Candidate, _ outputs: [String: HeadValues], _ sample: Int
    ) -> BoxSides? {
        var box: BoxSides
        switch heads[candidate.head] {
        case .anchors(let map):
            let numbers = PartValues(map.part, in: outputs).numbers(
                at: sample * map.grid.cells + candidate.cell, from: candidate.slot * (5 + classes))
            box = map.decoded(numbers, cell: candidate.cell, anchor: candidate.slot).box
        case .priors(let map):
            let numbers = PartValues(map.boxes, in: outputs).numbers(
                at: sample * map.grid.cells + candidate.cell, from: candidate.slot * 4)
            box = map.decoded(numbers, cell: candidate.cell, prior: candidate.slot)
        case .distances(let map):
            let numbers = PartValues(map.boxes, in: outputs).numbers(
                at: sample * map.grid.cells + candidate.cell)
            box = map.decoded(numbers, cell: candidate.cell)
        }
        guard box.isFinite else { return nil }
        box.left = min(max(box.left, 0), Float(input.width))
        box.right = min(max(box.right, 0), Float(input.width))
        box.top = min(max(box.top, 0), Float(input.height))
        box.bottom = min(max(box.bottom, 0), Float(input.height))
        return box.width > 0 && box.height > 0 ? box : nil
    }
}
