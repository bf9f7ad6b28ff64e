public import Terminal

/// How things are drawn.
public struct Appearance: Hashable, Sendable {
    /// The signs.
    public var glyphs: Glyphs
    /// Whether all is said in lines and nothing is drawn.
    public var isPlain: Bool
    /// Whether the mouse is ours.
    public var hasMouse: Bool

    /// How things are drawn.
    public init(glyphs: Glyphs = Glyphs(.braille), isPlain: Bool = false, hasMouse: Bool = true) {
        self.glyphs = glyphs
        self.isPlain = isPlain
        self.hasMouse = hasMouse
    }
}
