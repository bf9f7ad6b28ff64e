/// Rows of text in aligned columns, two blanks apart.
package struct TextTable {
    /// One column.
    package struct Column {
        /// What stands above it.
        package var title: Cell
        /// Whether its cells end at the same place, as numbers do, instead of beginning there.
        package var isRightAligned = false
        /// How narrow it may become where the table is too wide; nil for a column that stays whole.
        package var least: Int?

        /// A column.
        package init(title: Cell, isRightAligned: Bool = false, least: Int? = nil) {
            self.title = title
            self.isRightAligned = isRightAligned
            self.least = least
        }
    }

    /// One cell: a text that may be cut in its middle, and a tail at the right end that stays whole.
    package struct Cell {
        /// What stands at the left end, or by itself.
        package let text: String
        /// What stands at the right end; empty for nothing.
        package let tail: String

        /// A text, with something at the right end of the column.
        package init(_ text: String, tail: String = "") {
            self.text = text.printable
            self.tail = tail.printable
        }

        fileprivate var width: Int { text.displayWidth + (tail.isEmpty ? 0 : 2 + tail.displayWidth) }

        fileprivate func filled(to width: Int, isRightAligned: Bool) -> String {
            guard !tail.isEmpty else {
                let short = text.shortened(to: width)
                return isRightAligned ? short.indented(to: width) : short.padded(to: width)
            }
            let short = text.shortened(to: max(0, width - 1 - tail.displayWidth))
            return short + tail.indented(to: width - short.displayWidth)
        }
    }

    /// The columns, from left to right.
    package let columns: [Column]
    /// The rows, a cell for each column.
    package let rows: [[Cell]]

    /// Rows below the titles of their columns.
    package init(columns: [Column], rows: [[Cell]]) {
        self.columns = columns
        self.rows = rows
    }

    /// The titles and the rows as lines; columns that may shrink do so until the lines fit `limit` cells.
    package func lines(fitting limit: Int? = nil) -> [String] {
        var widths = columns.indices.map { column in
            rows.reduce(columns[column].title.width) { max($0, $1[column].width) }
        }
        var gap = 2
        if let limit {
            let available = limit - gap * (columns.count - 1)
            shrink(&widths, to: available)
            if widths.reduce(0, +) > available { gap = 1 }
        }
        return ([columns.map(\.title)] + rows).map { line($0, widths, gap) }
    }

    /// Takes cells from the widest of the columns that may shrink, one at a time.
    private func shrink(_ widths: inout [Int], to available: Int) {
        while widths.reduce(0, +) > available {
            let candidates = widths.indices.filter { widths[$0] > columns[$0].least ?? .max }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ gap: Int) -> String {
        columns.indices.map { cells[$0].filled(to: widths[$0], isRightAligned: columns[$0].isRightAligned) }
            .joined(separator: String(repeating: " ", count: gap)).withoutTrailingBlanks
    }
}

extension TextTable.Cell: ExpressibleByStringInterpolation {
    /// A text by itself.
    package init(stringLiteral text: String) { self.init(text) }
}
