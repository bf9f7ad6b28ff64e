import CCurses

/// The colours and attributes of inks, as the terminal has them. Each colour that carries text reads on black and white.
struct Theme {
    let colours: TerminalOptions.Colours
    /// The colours of pictures; nil where there are none.
    let palette: PixelPalette?

    /// Registers the pairs; curses must have been started.
    init(hasColour: Bool, hasTrueColour: Bool) {
        guard hasColour, has_colors() else {
            colours = .none
            palette = nil
            return
        }
        start_color()
        use_default_colors()
        let count = cc_colours()
        colours = count < 256 ? .few : hasTrueColour ? .all : .many
        palette = count >= 256 ? .cube : count >= 16 ? .sixteen : .eight
        for ink in Ink.allCases {
            let colour = count >= 256 ? ink.many : count >= 16 ? ink.sixteen : ink.eight
            init_extended_pair(Theme.pair(ink), colour, -1)
        }
        init_extended_pair(Theme.pictureCell, -1, -1)
    }

    /// A pair that only cells have whose colours are written beside curses: whatever takes their place is another cell to it.
    static let pictureCell = Int32(Ink.allCases.count) + 1

    private static func pair(_ ink: Ink) -> Int32 { Int32(ink.rawValue) + 1 }

    /// The pair and the attributes of a style.
    func look(_ style: Style) -> (attributes: attr_t, pair: Int32) {
        var attributes: attr_t = 0
        if style.isBold { attributes |= cc_bold }
        if style.isUnderlined { attributes |= cc_underline }
        if style.isReversed { attributes |= cc_reverse }
        guard colours == .none else {
            // Eight colours have no grey of their own.
            if colours == .few, cc_colours() < 16, style.ink == .dim || style.ink == .guide {
                attributes |= cc_dim
            }
            return (attributes, style.ink == .text ? 0 : Theme.pair(style.ink))
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
    /// Index among 256 colours; -1 is the terminal's own.
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
