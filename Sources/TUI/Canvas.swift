public import Terminal

/// What views draw on: a frame, and the signs to draw with.
public struct Canvas {
    /// The cells.
    public var frame: Frame
    /// The signs.
    public let glyphs: Glyphs

    /// A blank screen.
    public init(_ size: Size, _ glyphs: Glyphs) { (frame, self.glyphs) = (Frame(size), glyphs) }
}
