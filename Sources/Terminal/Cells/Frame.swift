/// One cell of a screen.
public struct Cell: Hashable, Sendable {
    /// The character; `Cell.tail` in the second cell of a wide one.
    public var scalar: Unicode.Scalar
    /// A mark on the character, such as an accent; nil for none.
    public var mark: Unicode.Scalar?
    /// How it is set apart.
    public var style: Style
    /// Two pixels of a picture, which the cell shows in place of its character where the terminal has colours; nil for text.
    public var pixels: PixelPair?

    /// A character with a style.
    public init(_ scalar: Unicode.Scalar, _ style: Style = .text, mark: Unicode.Scalar? = nil) {
        self.scalar = scalar
        self.style = style
        self.mark = mark
    }

    /// Two pixels of a picture; the character stands for them where there are no colours.
    public init(_ scalar: Unicode.Scalar, _ pixels: PixelPair) {
        self.init(scalar)
        self.pixels = pixels
    }

    /// What stands in the second cell of a wide character.
    public static let tail: Unicode.Scalar = "\0"
    /// Nothing.
    public static let blank = Cell(" ")
}

/// The number of rows and columns of a screen.
public struct Size: Hashable, Sendable {
    /// Rows, from the top.
    public var rows: Int
    /// Columns, from the left.
    public var columns: Int

    /// So many rows and columns, none of them negative.
    public init(rows: Int, columns: Int) { (self.rows, self.columns) = (max(0, rows), max(0, columns)) }
}

/// A cell's place, counted from 0 at the top left.
public struct Position: Hashable, Sendable {
    /// The row, from the top.
    public var row: Int
    /// The column, from the left.
    public var column: Int

    /// A place.
    public init(row: Int, column: Int) { (self.row, self.column) = (row, column) }
}

/// Everything that a screen shows at one moment: cells, and where the hardware cursor sits.
///
/// Writing outside of it does nothing, so a view may draw more than there is room for.
public struct Frame: Hashable, Sendable {
    /// Rows and columns.
    public let size: Size
    /// The cells, row after row.
    public private(set) var cells: [Cell]
    /// The focused cell: where the hardware cursor waits, seen or not.
    public var cursor = Position(row: 0, column: 0)
    /// Whether the cursor is to be seen, as in a text field.
    public var showsCursor = false

    /// A blank screen.
    public init(_ size: Size) {
        self.size = size
        cells = [Cell](repeating: .blank, count: size.rows * size.columns)
    }

    /// All of it.
    public var bounds: Rect { Rect(row: 0, column: 0, rows: size.rows, columns: size.columns) }

    /// The cell at a place; blank outside.
    public subscript(row: Int, column: Int) -> Cell {
        get { contains(row, column) ? cells[row * size.columns + column] : .blank }
        set {
            guard contains(row, column) else { return }
            separate(row, column)
            cells[row * size.columns + column] = newValue
        }
    }

    private func contains(_ row: Int, _ column: Int) -> Bool {
        row >= 0 && column >= 0 && row < size.rows && column < size.columns
    }

    /// Half a wide character must not stay behind.
    private mutating func separate(_ row: Int, _ column: Int) {
        let place = row * size.columns + column
        if cells[place].scalar == Cell.tail, column > 0 {
            cells[place - 1] = Cell(" ", cells[place - 1].style)
        }
        if column + 1 < size.columns, cells[place + 1].scalar == Cell.tail {
            cells[place + 1] = Cell(" ", cells[place + 1].style)
        }
    }

    /// Writes a text from a place to the right, at most up to column `end`; gives the column after it. The last cell of a
    /// text that is cut is an ellipsis.
    ///
    /// Signs that would steer a terminal are written out; wide characters take two cells, or none where there is one left.
    @discardableResult
    public mutating func put(
        _ text: some StringProtocol, _ row: Int, _ column: Int, _ style: Style = .text, end: Int? = nil
    ) -> Int {
        let end = min(end ?? size.columns, size.columns)
        let start = column
        var column = column
        guard row >= 0, row < size.rows else { return column }
        let isSafe = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        if isSafe {
            for (place, byte) in text.utf8.enumerated() {
                guard column < end else {
                    let isCut = text.utf8.dropFirst(place).contains { $0 != 0x20 }
                    return isCut ? cut(row, start, end, style) : column
                }
                self[row, column] = Cell(Unicode.Scalar(byte), style)
                column += 1
            }
            return column
        }
        let characters = String(text).printable
        for (place, character) in characters.enumerated() {
            let width = character.displayWidth
            let scalars = character.unicodeScalars
            guard let first = scalars.first, width > 0 else { continue }
            guard column + width <= end else {
                let isCut = characters.dropFirst(place).contains { $0 != " " }
                return isCut ? cut(row, start, end, style) : column
            }
            let mark = scalars.dropFirst().first { $0.properties.generalCategory == .nonspacingMark }
            self[row, column] = Cell(first, style, mark: mark)
            if width == 2 {
                self[row, column + 1] = Cell(" ", style)
                if contains(row, column + 1) {
                    cells[row * size.columns + column + 1] = Cell(Cell.tail, style)
                }
            }
            column += width
        }
        return column
    }

    /// Marks a text from `start` as cut before `end`; gives the column after it.
    private mutating func cut(_ row: Int, _ start: Int, _ end: Int, _ style: Style) -> Int {
        guard start < end else { return start }
        self[row, end - 1] = Cell("…", style)
        return end
    }

    /// Writes a text that ends before column `end`, at the earliest from `start`; cuts its end off where it is too long.
    public mutating func putRight(
        _ text: String, _ row: Int, end: Int, from start: Int = 0, _ style: Style = .text
    ) {
        put(text, row, max(start, end - text.displayWidth), style, end: end)
    }

    /// Sets a row apart as the selected one, with what is in it by now.
    public mutating func select(_ row: Int, _ columns: Range<Int>) {
        for column in columns.clamped(to: 0..<size.columns) where contains(row, column) {
            cells[row * size.columns + column].style.isSelected = true
        }
    }

    /// Fills a part with one cell.
    public mutating func fill(_ part: Rect, with cell: Cell = .blank) {
        let part = part.clipped(to: bounds)
        for row in part.row..<part.endRow {
            for column in part.column..<part.endColumn { self[row, column] = cell }
        }
    }
}

extension Frame: CustomStringConvertible {
    /// One row as text, without the blanks at its end.
    public func text(row: Int) -> String {
        var text = String.UnicodeScalarView()
        for column in 0..<size.columns {
            let cell = self[row, column]
            guard cell.scalar != Cell.tail else { continue }
            text.append(cell.scalar)
            if let mark = cell.mark { text.append(mark) }
        }
        return String(text).withoutTrailingBlanks
    }

    /// All rows as text, each without the blanks at its end.
    public var description: String { (0..<size.rows).map { text(row: $0) }.joined(separator: "\n") }
}
