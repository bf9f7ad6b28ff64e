import CCurses

/// The colours and attributes of inks as the terminal has them: what a theme becomes there.
struct InkPairs {
    let colours: TerminalOptions.Colours
    /// The colours of pictures; nil where there are none.
    let palette: PixelPalette?
    /// The colours on a ground of their own; nil where the ground is the terminal's.
    private let own: ThemeColours?

    /// Registers the pairs of a theme; curses must have been started. A ground of its own takes 256 colours: on a terminal
    /// with fewer the theme is that of 16.
    init(_ theme: Theme, hasColour: Bool, hasTrueColour: Bool) {
        guard hasColour, has_colors() else {
            colours = .none
            palette = nil
            own = nil
            return
        }
        start_color()
        use_default_colors()
        let count = cc_colours()
        colours = count < 256 ? .few : hasTrueColour ? .all : .many
        palette = count >= 256 ? .cube : count >= 16 ? .sixteen : .eight
        own = count >= 256 ? theme.colours : nil
        for ink in Ink.allCases {
            let standard =
                count >= 256 && theme != .sixteen ? ink.many : count >= 16 ? ink.sixteen : ink.eight
            let colour = own.map { Int32($0[ink]) } ?? standard
            init_extended_pair(InkPairs.pair(ink), colour, own.map { Int32($0.ground) } ?? -1)
            init_extended_pair(
                InkPairs.selectedPair(ink), colour, own.map { Int32($0.selectedGround) } ?? -1)
        }
        init_extended_pair(InkPairs.pictureCell, -1, -1)
    }

    /// A pair that only cells have whose colours are written beside curses: whatever takes their place is another cell to it.
    static let pictureCell = Int32(2 * Ink.allCases.count) + 1

    private static func pair(_ ink: Ink) -> Int32 { Int32(ink.rawValue) + 1 }

    private static func selectedPair(_ ink: Ink) -> Int32 { pair(ink) + Int32(Ink.allCases.count) }

    /// The pair of a cell without anything.
    var blank: Int32 { own == nil ? 0 : InkPairs.pair(.text) }

    /// The pair and the attributes of a style.
    func look(_ style: Style) -> (attributes: attr_t, pair: Int32) {
        var attributes: attr_t = 0
        if style.isBold { attributes |= cc_bold }
        if style.isUnderlined { attributes |= cc_underline }
        if style.isReversed { attributes |= cc_reverse }
        if own != nil {
            return (
                attributes, style.isSelected ? InkPairs.selectedPair(style.ink) : InkPairs.pair(style.ink)
            )
        }
        guard colours == .none else {
            // Eight colours have no grey of their own.
            if colours == .few, cc_colours() < 16, style.ink == .dim || style.ink == .guide {
                attributes |= cc_dim
            }
            return (attributes, style.ink == .text ? 0 : InkPairs.pair(style.ink))
        }
        switch style.ink {
        case .dim, .guide, .seriesC: attributes |= cc_dim
        case .accent: attributes |= cc_bold
        case .error: attributes |= cc_reverse
        case .advice: attributes |= cc_underline
        case .text, .pass, .seriesA, .seriesB: break
        }
        return (attributes, 0)
    }
}

extension Ink {
    /// Index among 256 colours, which reads on black and on white; -1 is the terminal's own.
    fileprivate var many: Int32 {
        switch self {
        case .text: -1
        case .dim, .seriesC: 244
        case .guide: 240
        case .accent: 31
        case .error: 161
        case .advice: 130
        case .pass: 28
        case .seriesA: 32
        case .seriesB: 166
        }
    }

    fileprivate var sixteen: Int32 {
        switch self {
        case .text, .seriesC: -1
        case .dim, .guide: 8
        case .accent: 6
        case .error, .seriesB: 1
        case .advice: 3
        case .pass: 2
        case .seriesA: 4
        }
    }

    fileprivate var eight: Int32 {
        switch self {
        case .dim, .guide: -1
        case .text, .accent, .error, .advice, .pass, .seriesA, .seriesB, .seriesC: sixteen
        }
    }
}
