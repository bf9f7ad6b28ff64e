import Devices
import Graph
import QAT
public import Terminal

/// What views draw on: a frame, the signs to draw with, and what a click means where.
public struct Canvas {
    /// The cells.
    public var frame: Frame
    /// The signs.
    public let glyphs: Glyphs
    /// Parts that a click acts on, the ones on top last.
    private(set) var targets: [Target] = []

    /// The chosen row without what was cut off to fit; nil where nothing was. Shown above the footer.
    var whole: String?

    /// A part of the screen that a click acts on.
    struct Target: Sendable {
        let rect: Rect
        /// What a click does.
        let handler: Handler
    }

    /// A blank screen.
    public init(_ size: Size, _ glyphs: Glyphs) { (frame, self.glyphs) = (Frame(size), glyphs) }

    /// Makes a part act on clicks, as far as it is on the screen.
    mutating func target(_ rect: Rect, _ handler: @escaping Handler) {
        let rect = rect.clipped(to: frame.bounds)
        if !rect.isEmpty { targets.append(Target(rect: rect, handler: handler)) }
    }

    /// Forgets what a click does in the rows of a part that lies below a popup.
    mutating func removeTargets(in rect: Rect) {
        targets.removeAll { (rect.row..<rect.endRow).contains($0.rect.row) }
    }

    /// Forgets what was under a part, which lies on top of it.
    mutating func cover(_ rect: Rect) {
        frame.fill(rect)
        targets.removeAll { rect.contains(Position(row: $0.rect.row, column: $0.rect.column)) }
    }

    /// A rule from left to right.
    mutating func rule(_ row: Int, _ columns: Range<Int>) {
        for column in columns { frame[row, column] = Cell(glyphs.horizontal, .dim) }
    }

    /// A rule from top to bottom, with ends that meet the rules above and below.
    mutating func divider(_ column: Int, _ rows: Range<Int>) {
        for row in rows { frame[row, column] = Cell(glyphs.vertical, .dim) }
        if frame[rows.lowerBound - 1, column].scalar == glyphs.horizontal {
            frame[rows.lowerBound - 1, column] = Cell(glyphs.teeDown, .dim)
        }
        if frame[rows.upperBound, column].scalar == glyphs.horizontal {
            frame[rows.upperBound, column] = Cell(glyphs.teeUp, .dim)
        }
    }

    /// A box with a title in its upper edge; gives the part inside.
    mutating func box(_ rect: Rect, title: String) -> Rect {
        cover(rect)
        let (topLeft, topRight, bottomLeft, bottomRight) = glyphs.corners
        for column in rect.column..<rect.endColumn {
            frame[rect.row, column] = Cell(glyphs.horizontal, .dim)
            frame[rect.endRow - 1, column] = Cell(glyphs.horizontal, .dim)
        }
        for row in rect.row..<rect.endRow {
            frame[row, rect.column] = Cell(glyphs.vertical, .dim)
            frame[row, rect.endColumn - 1] = Cell(glyphs.vertical, .dim)
        }
        frame[rect.row, rect.column] = Cell(topLeft, .dim)
        frame[rect.row, rect.endColumn - 1] = Cell(topRight, .dim)
        frame[rect.endRow - 1, rect.column] = Cell(bottomLeft, .dim)
        frame[rect.endRow - 1, rect.endColumn - 1] = Cell(bottomRight, .dim)
        if !title.isEmpty {
            frame.put(" \(title) ", rect.row, rect.column + 2, .strong, end: rect.endColumn - 2)
        }
        return Rect(
            row: rect.row + 1, column: rect.column + 2, rows: rect.rows - 2, columns: rect.columns - 4)
    }
}

/// Keeping a chosen row on the screen.
enum Scrolling {
    /// The first row to show, so that the chosen one is among `room` of `count` rows; moves as little as it must.
    static func top(_ top: Int, showing chosen: Int, of count: Int, room: Int) -> Int {
        guard room > 0, count > room else { return 0 }
        var top = top
        if chosen < top { top = chosen }
        if chosen >= top + room { top = chosen - room + 1 }
        return min(max(0, top), count - room)
    }
}
