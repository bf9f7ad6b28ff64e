import Foundation
import Graph

/// A head without anchors and its map: how its numbers become boxes.
struct DistanceMap: Sendable {
    let scores: HeadPart
    let boxes: HeadPart
    let objectness: HeadPart?
    let grid: HeadGrid
    let coding: DistanceHead.Coding
    let bins: Int

    init(_ head: DistanceHead, _ grid: HeadGrid) {
        scores = head.scores
        boxes = head.boxes
        objectness = head.objectness
        self.grid = grid
        coding = head.coding
        bins = head.bins
    }

    /// The box of a cell. A distance below 0 counts as 0.
    func decoded(_ numbers: UnsafePointer<Float>, cell: Int) -> BoxSides {
        switch coding {
        case .centre:
            return BoxSides(
                centreX: (numbers[0] + Float(cell % grid.width)) * grid.strideX,
                centreY: (numbers[1] + Float(cell / grid.width)) * grid.strideY,
                width: exp(min(numbers[2], AnchorMap.largestExponent)) * grid.strideX,
                height: exp(min(numbers[3], AnchorMap.largestExponent)) * grid.strideY)
        case .sides:
            let x = grid.middleX(cell)
            let y = grid.middleY(cell)
            return BoxSides(
                left: x - distance(numbers, 0) * grid.strideX, top: y - distance(numbers, 1) * grid.strideY,
                right: x + distance(numbers, 2) * grid.strideX,
                bottom: y + distance(numbers, 3) * grid.strideY)
        }
    }

    /// Left, top, right or bottom in cells.
    private func distance(_ numbers: UnsafePointer<Float>, _ side: Int) -> Float {
        bins > 0 ? expectation(numbers + side * bins) : max(0, numbers[side])
    }

    /// The mean of 0, 1, 2, ... by the softmax of so many scores as there are bins.
    func expectation(_ scores: UnsafePointer<Float>) -> Float {
        let all = logSum(scores, count: bins)
        var sum: Float = 0
        for bin in 1..<bins { sum += Float(bin) * exp(scores[bin] - all) }
        return sum
    }

    /// Adds what the four numbers of a cell take of the slopes of its box.
    func addSlopes(
        _ sides: BoxSides, _ numbers: UnsafePointer<Float>, to slopes: UnsafeMutablePointer<Float>
    ) {
        switch coding {
        case .centre:
            slopes[0] += (sides.left + sides.right) * grid.strideX
            slopes[1] += (sides.top + sides.bottom) * grid.strideY
            if numbers[2] < AnchorMap.largestExponent {
                slopes[2] += (sides.right - sides.left) / 2 * exp(numbers[2]) * grid.strideX
            }
            if numbers[3] < AnchorMap.largestExponent {
                slopes[3] += (sides.bottom - sides.top) / 2 * exp(numbers[3]) * grid.strideY
            }
        case .sides:
            let each = [
                -sides.left * grid.strideX, -sides.top * grid.strideY, sides.right * grid.strideX,
                sides.bottom * grid.strideY,
            ]
            for (side, slope) in each.enumerated() {
                // A distance below 0 learns as if it were none, else it would never learn again.
                guard bins > 0 else {
                    slopes[side] += slope
                    continue
                }
                let scores = numbers + side * bins
                let mean = expectation(scores)
                let all = logSum(scores, count: bins)
                for bin in 0..<bins {
                    slopes[side * bins + bin] += slope * exp(scores[bin] - all) * (Float(bin) - mean)
                }
            }
        }
    }
}
