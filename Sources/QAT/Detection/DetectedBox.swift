/// A box that a network found, in pixels of its input; x from left to right, y from top to bottom.
public struct DetectedBox: Hashable, Sendable {
    /// The left side.
    public var left: Float
    /// The upper side.
    public var top: Float
    /// The right side, at least the left one.
    public var right: Float
    /// The lower side, at least the upper one.
    public var bottom: Float
    /// The class, 0 ..< the classes of the task.
    public var label: Int32
    /// How sure the network is, 0 ... 1.
    public var score: Float

    /// A box.
    public init(left: Float, top: Float, right: Float, bottom: Float, label: Int32, score: Float) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
        self.label = label
        self.score = score
    }
}
