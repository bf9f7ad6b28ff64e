import Graph

/// Where a picture goes: x becomes scaleX x + left, y becomes scaleY y + top. A factor below 0 mirrors.
struct Movement {
    var scaleX: Float = 1
    var scaleY: Float = 1
    var left: Float = 0
    var top: Float = 0

    /// A box after the movement.
    func moved(_ box: ObjectBox) -> ObjectBox {
        var moved = box
        let first = scaleX * box.left + left
        let second = scaleX * box.right + left
        moved.left = min(first, second)
        moved.right = max(first, second)
        let upper = scaleY * box.top + top
        let lower = scaleY * box.bottom + top
        moved.top = min(upper, lower)
        moved.bottom = max(upper, lower)
        return moved
    }

    /// Draws a mask into another one, each pixel from the one that its middle comes from; others stay.
    func draw(_ mask: [UInt8], of stored: Layout, into result: inout [UInt8], of target: Layout) {
        precondition(mask.count == stored.height * stored.width, "another mask")
        precondition(result.count == target.height * target.width, "another mask")
        let columns = Self.sources(target.width, left, scaleX, below: stored.width)
        let rows = Self.sources(target.height, top, scaleY, below: stored.height)
        for (row, from) in rows.enumerated() {
            guard let from else { continue }
            for (column, across) in columns.enumerated() {
                guard let across else { continue }
                result[row * target.width + column] = mask[from * stored.width + across]
            }
        }
    }

    /// The pixel that each one along an axis comes from; nil for one from outside.
    private static func sources(_ count: Int, _ start: Float, _ scale: Float, below limit: Int) -> [Int?] {
        (0..<count).map { pixel in
            let place = ((Float(pixel) + 0.5 - start) / scale).rounded(.down)
            return place >= 0 && place < Float(limit) ? Int(held: Double(place)) : nil
        }
    }
}

extension SampleAnswer {
    /// The number of a mask's pixel that is not judged.
    static let notJudged: UInt8 = 255

    /// Draws the mask anew after a movement; what comes in from outside is not judged.
    mutating func moveMask(_ movement: Movement, from stored: Layout, to target: Layout) {
        guard !mask.isEmpty else { return }
        var result = [UInt8](repeating: Self.notJudged, count: target.height * target.width)
        movement.draw(mask, of: stored, into: &result, of: target)
        mask = result
    }
}
