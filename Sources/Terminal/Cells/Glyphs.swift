/// The signs that pictures are made of, in one of three sets; every one is one cell wide.
public struct Glyphs: Hashable, Sendable {
    /// How fine a picture can be.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Lines of braille dots, two by four in a cell; bars in eighths.
        case braille
        /// Lines of quarter blocks; bars in eighths.
        case block
        /// ASCII alone.
        case ascii
    }

    /// How fine.
    public let kind: Kind

    /// A set.
    public init(_ kind: Kind) { self.kind = kind }

    private func sign(_ fine: Unicode.Scalar, _ ascii: Unicode.Scalar) -> Unicode.Scalar {
        kind == .ascii ? ascii : fine
    }

    /// A rule from left to right.
    public var horizontal: Unicode.Scalar { sign("─", "-") }
    /// A rule from top to bottom.
    public var vertical: Unicode.Scalar { sign("│", "|") }
    /// Where a vertical rule begins under a horizontal one.
    public var teeDown: Unicode.Scalar { sign("┬", "+") }
    /// Where a vertical rule ends on a horizontal one.
    public var teeUp: Unicode.Scalar { sign("┴", "+") }
    /// Where a rule to the right begins.
    public var teeRight: Unicode.Scalar { sign("├", "+") }
    /// Where a rule from the left ends.
    public var teeLeft: Unicode.Scalar { sign("┤", "+") }
    /// Where two rules cross.
    public var cross: Unicode.Scalar { sign("┼", "+") }
    /// The corners of a box: top left, top right, bottom left, bottom right.
    public var corners: (Unicode.Scalar, Unicode.Scalar, Unicode.Scalar, Unicode.Scalar) {
        (sign("┌", "+"), sign("┐", "+"), sign("└", "+"), sign("┘", "+"))
    }
    /// The selected row where the focus is.
    public var selected: Unicode.Scalar { sign("▌", ">") }
    /// The selected row elsewhere.
    public var selectedAway: Unicode.Scalar { sign("▏", "|") }
    /// A value can be stepped down.
    public var stepDown: Unicode.Scalar { sign("◂", "<") }
    /// A value can be stepped up.
    public var stepUp: Unicode.Scalar { sign("▸", ">") }
    /// A row whose parts are not shown.
    public var folded: Unicode.Scalar { sign("▸", "+") }
    /// A row whose parts are shown below it.
    public var unfolded: Unicode.Scalar { sign("▾", "-") }
    /// What the program suggests.
    public var arrow: String { kind == .ascii ? "->" : "→" }
    /// A row that is read by the selected one.
    public var feeds: Unicode.Scalar { sign("→", ">") }
    /// A row that reads the selected one.
    public var reads: Unicode.Scalar { sign("←", "<") }
    /// Up and down, as keys.
    public var upDown: String { kind == .ascii ? "up/dn" : "↑↓" }
    /// Left and right, as keys.
    public var leftRight: String { kind == .ascii ? "lt/rt" : "←→" }
    /// Must be fixed.
    public var mustFix: Unicode.Scalar { sign("✗", "x") }
    /// Advice or a warning.
    public var advice: Unicode.Scalar { "!" }
    /// Passes.
    public var pass: Unicode.Scalar { sign("✓", "+") }
    /// Running, or a single point.
    public var dot: Unicode.Scalar { sign("●", "*") }
    /// Marked.
    public var marked: Unicode.Scalar { sign("■", "#") }
    /// Does not apply.
    public var none: Unicode.Scalar { sign("·", ".") }
    /// A text goes on.
    public var ellipsis: Unicode.Scalar { sign("…", "~") }
    /// The part of a scroll bar that is shown.
    public var thumb: Unicode.Scalar { sign("┃", "#") }
    /// More above, more below.
    public var more: (up: Unicode.Scalar, down: Unicode.Scalar) { (sign("▲", "^"), sign("▼", "v")) }
    /// Values beyond a clip.
    public var lost: Unicode.Scalar { sign("▒", "x") }
    /// A quantizer's level on an axis.
    public var level: Unicode.Scalar { sign("╵", "'") }
    /// Zero on an axis.
    public var zero: Unicode.Scalar { sign("┴", "+") }
    /// A clip through a histogram, or an event through a curve.
    public var clip: Unicode.Scalar { sign("┊", ":") }
    /// A clip along a curve.
    public var dash: Unicode.Scalar { sign("┄", "-") }
    /// Heights in eighths, from nothing to a full cell.
    public var heights: [Unicode.Scalar] {
        kind == .ascii
            ? [" ", ".", ".", ".", ".", "#", "#", "#", "#"] : [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    }
    /// Widths in eighths, from nothing to a full cell.
    public var widths: [Unicode.Scalar] {
        kind == .ascii
            ? [" ", " ", " ", " ", "=", "=", "=", "=", "="] : [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]
    }
    /// Shades, from nothing to all.
    public var shades: [Unicode.Scalar] {
        kind == .ascii ? [" ", ".", "+", "x", "#"] : [" ", "░", "▒", "▓", "█"]
    }

    /// Every sign that a set other than ASCII uses, so that a terminal can be asked whether it has them.
    public static var fine: [Unicode.Scalar] {
        let glyphs = Glyphs(.block)
        let (a, b, c, d) = glyphs.corners
        return [
            glyphs.horizontal, glyphs.vertical, glyphs.teeDown, glyphs.teeUp, glyphs.teeRight, glyphs.teeLeft,
            glyphs.cross, a, b, c, d, glyphs.selected, glyphs.selectedAway, glyphs.stepDown, glyphs.stepUp,
            glyphs.unfolded, "→", "↑", "↓",
            "←", glyphs.mustFix, glyphs.pass, glyphs.dot, glyphs.marked, glyphs.none, glyphs.ellipsis,
            glyphs.thumb, glyphs.more.up, glyphs.more.down, glyphs.lost, glyphs.level, glyphs.zero,
            glyphs.clip, glyphs.dash, "╌", "╎", "┈", "▖", "▗", "▘", "▝", "▀", "▐", "▞", "▚", "▙", "▛", "▜",
            "▟",
        ] + glyphs.heights.dropFirst() + glyphs.widths.dropFirst() + glyphs.shades.dropFirst()
    }
}
