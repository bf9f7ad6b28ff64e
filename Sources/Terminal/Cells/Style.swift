/// What a cell's colour says. A theme gives each a colour that reads on black and on white, or an attribute without colours.
public enum Ink: UInt8, CaseIterable, Hashable, Sendable {
    /// What is read first.
    case text
    /// Axes, units, what passes.
    case dim
    /// Lines that guide the eye, under data only.
    case guide
    /// Focus and the chosen tab.
    case accent
    /// What must be fixed.
    case error
    /// Advice and warnings.
    case advice
    /// What passes or became better.
    case pass
    /// The first series of a plot: float.
    case seriesA
    /// The second series of a plot: quantized, and its clip.
    case seriesB
    /// Any other series.
    case seriesC
}

/// How a cell is set apart from others.
public struct Style: Hashable, Sendable {
    /// What its colour says.
    public var ink: Ink
    /// Whether it is bold.
    public var isBold: Bool
    /// Whether it is underlined.
    public var isUnderlined: Bool
    /// Whether text and ground are exchanged.
    public var isReversed: Bool
    /// Whether it is in the selected row, which has a ground of its own in themes that have one.
    public var isSelected = false

    /// An ink with attributes.
    public init(_ ink: Ink, bold: Bool = false, underlined: Bool = false, reversed: Bool = false) {
        self.ink = ink
        isBold = bold
        isUnderlined = underlined
        isReversed = reversed
    }

    /// What is read first.
    public static let text = Style(.text)
    /// What is there to be looked up.
    public static let dim = Style(.dim)
    /// Lines that guide the eye, under data only.
    public static let guides = Style(.guide)
    /// A title or a name.
    public static let strong = Style(.text, bold: true)
    /// Focus and the chosen tab.
    public static let accent = Style(.accent)
    /// What must be fixed.
    public static let error = Style(.error)
    /// Advice and warnings.
    public static let advice = Style(.advice)
    /// What passes or became better.
    public static let pass = Style(.pass)

    /// The same ink, bold.
    public var bold: Style {
        var style = self
        style.isBold = true
        return style
    }
    /// The same ink, with text and ground exchanged.
    public var reversed: Style {
        var style = self
        style.isReversed = true
        return style
    }
}
