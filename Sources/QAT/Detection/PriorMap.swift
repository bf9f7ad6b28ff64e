import Foundation
import Graph

/// A head with priors and its map: how its numbers become boxes and scores.
struct PriorMap: Sendable {
    let scores: HeadPart
    let boxes: HeadPart
    let grid: HeadGrid
    let widths: [Float]
    let heights: [Float]
    let centreVariance: Float
    let sizeVariance: Float

    init(_ head: PriorHead, _ grid: HeadGrid) {
        scores = head.scores
        boxes = head.boxes
        self.grid = grid
        widths = head.priors.map { Float($0.width) }
        heights = head.priors.map { Float($0.height) }
        centreVariance = Float(head.variances.centre)
        sizeVariance = Float(head.variances.size)
    }

    /// How many priors a cell has.
    var count: Int { widths.count }

    /// A prior in a cell.
    func prior(cell: Int, _ prior: Int) -> BoxSides {
        BoxSides(
            centreX: grid.middleX(cell), centreY: grid.middleY(cell), width: widths[prior],
            height: heights[prior])
    }

    /// The box of a prior in a cell, from its four numbers.
    func decoded(_ numbers: UnsafePointer<Float>, cell: Int, prior: Int) -> BoxSides {
        BoxSides(
            centreX: grid.middleX(cell) + numbers[0] * centreVariance * widths[prior],
            centreY: grid.middleY(cell) + numbers[1] * centreVariance * heights[prior],
            width: widths[prior] * exp(min(numbers[2] * sizeVariance, AnchorMap.largestExponent)),
            height: heights[prior] * exp(min(numbers[3] * sizeVariance, AnchorMap.largestExponent)))
    }

    /// The four numbers whose box is a right one.
    func encoded(_ box: BoxSides, cell: Int, prior: Int) -> (Float, Float, Float, Float) {
        (
            (box.centreX - grid.middleX(cell)) / (centreVariance * widths[prior]),
            (box.centreY - grid.middleY(cell)) / (centreVariance * heights[prior]),
            log(box.width / widths[prior]) / sizeVariance, log(box.height / heights[prior]) / sizeVariance
        )
    }
}

/// The logarithm of the sum of exponentials of some scores.
func logSum(_ scores: UnsafePointer<Float>, count: Int) -> Float {
    var largest = scores[0]
    for index in 1..<count { largest = max(largest, scores[index]) }
    var sum: Float = 0
    for index in 0..<count { sum += exp(scores[index] - largest) }
    return largest + log(sum)
}
