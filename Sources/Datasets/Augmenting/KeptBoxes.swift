// Which boxes stay when a picture is cut or a part of it is hidden.

extension ObjectBox {
    /// A box that keeps less of its area than this share is dropped.
    private static let leastShare: Float = 0.1
    /// A box of fewer pixels in height or width is dropped.
    private static let leastSide: Float = 2

    /// What lies in a picture of so many pixels; nil where too little is left to be learned.
    func cut(height: Int, width: Int) -> ObjectBox? {
        var cut = self
        cut.left = max(0, left)
        cut.top = max(0, top)
        cut.right = min(Float(width), right)
        cut.bottom = min(Float(height), bottom)
        guard cut.width >= Self.leastSide, cut.height >= Self.leastSide,
            cut.width * cut.height >= Self.leastShare * self.width * self.height
        else { return nil }
        return cut
    }

    /// Whether enough of it is seen where so many rows and columns of the picture are hidden.
    func isSeen(hidingRows rows: Range<Int>, columns: Range<Int>) -> Bool {
        let across = min(right, Float(columns.upperBound)) - max(left, Float(columns.lowerBound))
        let down = min(bottom, Float(rows.upperBound)) - max(top, Float(rows.lowerBound))
        let hidden = max(0, across) * max(0, down)
        return width * height - hidden >= Self.leastShare * width * height
    }
}
