import Foundation
import Graph

/// A head with anchors and its map: how its numbers become boxes.
struct AnchorMap: Sendable {
    /// How centre and size are written.
    enum Coding: CaseIterable, Hashable, Sendable {
        /// Centre by sigmoid, size by exp: YOLOv3.
        case exponential
        /// Centre by 2 sigmoid - 0.5, size by (2 sigmoid)^2: YOLOv5.
        case squared
    }

    /// A box, and how its centre and size follow the four numbers.
    struct Decoded {
        var box: BoxSides
        var slopeX: Float
        var slopeY: Float
        var slopeWidth: Float
        var slopeHeight: Float
    }

    let part: HeadPart
    let grid: HeadGrid
    let coding: Coding
    let widths: [Float]
    let heights: [Float]

    /// Larger numbers would make sizes that are not finite.
    static let largestExponent: Float = 10

    init(_ head: AnchorHead, _ grid: HeadGrid, _ coding: Coding) {
        part = head.layer
        self.grid = grid
        self.coding = coding
        widths = head.anchors.map { Float($0.width) }
        heights = head.anchors.map { Float($0.height) }
    }

    /// How many anchors a cell has.
    var count: Int { widths.count }

    /// The box of an anchor in a cell, from its first four numbers.
    func decoded(_ numbers: UnsafePointer<Float>, cell: Int, anchor: Int) -> Decoded {
        let x = sigmoid(numbers[0])
        let y = sigmoid(numbers[1])
        let column = Float(cell % grid.width)
        let row = Float(cell / grid.width)
        switch coding {
        case .exponential:
            let width = widths[anchor] * exp(min(numbers[2], AnchorMap.largestExponent))
            let height = heights[anchor] * exp(min(numbers[3], AnchorMap.largestExponent))
            return Decoded(
                box: BoxSides(
                    centreX: (x + column) * grid.strideX, centreY: (y + row) * grid.strideY, width: width,
                    height: height),
                slopeX: x * (1 - x) * grid.strideX, slopeY: y * (1 - y) * grid.strideY,
                slopeWidth: numbers[2] < AnchorMap.largestExponent ? width : 0,
                slopeHeight: numbers[3] < AnchorMap.largestExponent ? height : 0)
        case .squared:
            let across = sigmoid(numbers[2])
            let down = sigmoid(numbers[3])
            let width = 4 * across * across * widths[anchor]
            let height = 4 * down * down * heights[anchor]
            return Decoded(
                box: BoxSides(
                    centreX: (2 * x - 0.5 + column) * grid.strideX,
                    centreY: (2 * y - 0.5 + row) * grid.strideY, width: width, height: height),
                slopeX: 2 * x * (1 - x) * grid.strideX, slopeY: 2 * y * (1 - y) * grid.strideY,
                slopeWidth: 2 * width * (1 - across), slopeHeight: 2 * height * (1 - down))
        }
    }
}
