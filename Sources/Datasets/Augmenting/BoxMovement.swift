/// Where boxes go when their picture is placed: x becomes scaleX x + left, y becomes scaleY y + top. A factor below 0 mirrors.
struct BoxMovement {
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
}

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
}
