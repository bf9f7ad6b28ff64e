/// The colours that a screen is drawn with.
public enum Theme: String, CaseIterable, Hashable, Sendable {
    /// The terminal's own text and ground, and colours that read on black and on white.
    case auto
    /// Light text on a dark ground.
    case dark
    /// Dark text on a white ground.
    case light
    /// White on black, with a contrast of 7:1 at least.
    case highContrast = "high-contrast"
    /// On black, in the colours of Okabe and Ito, which people with any kind of colour blindness can tell apart.
    case colourBlindSafe = "colour-blind-safe"
    /// The terminal's own 16 colours.
    case sixteen = "16-colours"

    /// What it is, in a few words.
    public var help: String {
        switch self {
        case .auto: "the terminal's own text and ground; colours that read on black and on white"
        case .dark: "light text on dark grey"
        case .light: "dark text on white"
        case .highContrast: "white on black, every text at 7:1 or more"
        case .colourBlindSafe: "on black, the colours of Okabe and Ito"
        case .sixteen: "the 16 colours that the terminal itself is set to"
        }
    }

    /// The colours on a ground of its own; nil where the ground is the terminal's.
    public var colours: ThemeColours? {
        switch self {
        case .auto, .sixteen: nil
        case .dark: .dark
        case .light: .light
        case .highContrast: .highContrast
        case .colourBlindSafe: .colourBlindSafe
        }
    }
}

/// Colours on a ground of their own, by their numbers among the 256 that terminals agree on: 16 to 231 a cube, then greys.
public struct ThemeColours: Hashable, Sendable {
    /// What is behind everything.
    public let ground: Int
    /// What is behind the selected row.
    public let selectedGround: Int
    private let inks: [Ink: Int]

    /// The colour of an ink.
    public subscript(ink: Ink) -> Int { inks[ink] ?? ground }

    static let dark = ThemeColours(
        ground: 233, selectedGround: 236,
        inks: [
            .text: 253, .dim: 247, .guide: 240, .accent: 75, .error: 210, .advice: 179, .pass: 114,
            .seriesA: 117, .seriesB: 215, .seriesC: 183,
        ])
    static let light = ThemeColours(
        ground: 231, selectedGround: 254,
        inks: [
            .text: 235, .dim: 241, .guide: 248, .accent: 25, .error: 124, .advice: 94, .pass: 22,
            .seriesA: 26, .seriesB: 125, .seriesC: 54,
        ])
    static let highContrast = ThemeColours(
        ground: 16, selectedGround: 18,
        inks: [
            .text: 231, .dim: 252, .guide: 246, .accent: 51, .error: 217, .advice: 226, .pass: 120,
            .seriesA: 123, .seriesB: 215, .seriesC: 219,
        ])
    // Of the eight colours: sky blue, vermillion, yellow, bluish green, orange and reddish purple, on black. Blue is too dark
    // for text; a darker one is behind the selected row.
    static let colourBlindSafe = ThemeColours(
        ground: 16, selectedGround: 17,
        inks: [
            .text: 255, .dim: 248, .guide: 240, .accent: 74, .error: 166, .advice: 221, .pass: 36,
            .seriesA: 74, .seriesB: 178, .seriesC: 175,
        ])
}

extension ThemeColours {
    /// Red, green and blue of a number from 16 to 255, each from 0 to 255.
    static func parts(of colour: Int) -> [Int] {
        if colour >= 232 { return [Int](repeating: 8 + 10 * (colour - 232), count: 3) }
        let levels = [0, 95, 135, 175, 215, 255]
        let place = max(0, colour - 16)
        return [levels[place / 36 % 6], levels[place / 6 % 6], levels[place % 6]]
    }
}
