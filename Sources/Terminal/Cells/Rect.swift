/// A part of a screen.
public struct Rect: Hashable, Sendable {
    /// The first row.
    public var row: Int
    /// The first column.
    public var column: Int
    /// The number of rows.
    public var rows: Int
    /// The number of columns.
    public var columns: Int

    /// A part; a negative number of rows or columns is none.
    public init(row: Int, column: Int, rows: Int, columns: Int) {
        self.row = row
        self.column = column
        self.rows = max(0, rows)
        self.columns = max(0, columns)
    }

    /// The row after the last.
    public var endRow: Int { row + rows }
    /// The column after the last.
    public var endColumn: Int { column + columns }
    /// Whether it has no cell.
    public var isEmpty: Bool { rows == 0 || columns == 0 }

    /// Whether a cell belongs to it.
    public func contains(_ position: Position) -> Bool {
        position.row >= row && position.row < endRow && position.column >= column
            && position.column < endColumn
    }

    /// What of it lies in another part.
    public func clipped(to other: Rect) -> Rect {
        let top = max(row, other.row)
        let left = max(column, other.column)
        return Rect(
            row: top, column: left, rows: min(endRow, other.endRow) - top,
            columns: min(endColumn, other.endColumn) - left)
    }

    /// Cuts rows off the top and gives them.
    public mutating func takeTop(_ count: Int) -> Rect {
        let count = min(max(0, count), rows)
        defer { (row, rows) = (row + count, rows - count) }
        return Rect(row: row, column: column, rows: count, columns: columns)
    }

    /// Cuts rows off the bottom and gives them.
    public mutating func takeBottom(_ count: Int) -> Rect {
        let count = min(max(0, count), rows)
        rows -= count
        return Rect(row: endRow, column: column, rows: count, columns: columns)
    }

    /// Cuts columns off the left and gives them.
    public mutating func takeLeft(_ count: Int) -> Rect {
        let count = min(max(0, count), columns)
        defer { (column, columns) = (column + count, columns - count) }
        return Rect(row: row, column: column, rows: rows, columns: count)
    }

    /// Cuts columns off the right and gives them.
    public mutating func takeRight(_ count: Int) -> Rect {
        let count = min(max(0, count), columns)
        columns -= count
        return Rect(row: row, column: endColumn, rows: rows, columns: count)
    }

    /// A part of the given size in the middle of it, or as much as there is room for.
    public func centered(rows wanted: Int, columns wide: Int) -> Rect {
        let (tall, wide) = (min(wanted, rows), min(wide, columns))
        return Rect(
            row: row + (rows - tall) / 2, column: column + (columns - wide) / 2, rows: tall, columns: wide)
    }
}
