import Terminal

/// Fine dots in cells: two by four in braille, two by two in blocks, one in ASCII.
struct DotGrid {
    /// Dots in a cell: columns, rows.
    let density: (columns: Int, rows: Int)
    /// Columns of dots.
    let width: Int
    /// Rows of dots, from the top.
    let height: Int
    private let rows: Int
    private let columns: Int
    private let kind: Glyphs.Kind
    private let mark: Unicode.Scalar
    private var bits: [UInt8]

    /// No dots in so many cells.
    init(rows: Int, columns: Int, _ glyphs: Glyphs) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        kind = glyphs.kind
        mark = glyphs.dot
        density =
            switch glyphs.kind {
            case .braille: (2, 4)
            case .block: (2, 2)
            case .ascii: (1, 1)
            }
        width = self.columns * density.columns
        height = self.rows * density.rows
        bits = [UInt8](repeating: 0, count: self.rows * self.columns)
    }

    private static let braille: [UInt8] = [1, 8, 2, 16, 4, 32, 64, 128]
    private static let quadrants: [Unicode.Scalar] = [
        " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
    ]

    /// Takes every dot away.
    mutating func clear() {
        for index in bits.indices { bits[index] = 0 }
    }

    /// Sets a dot; outside it does nothing.
    mutating func set(_ x: Int, _ y: Int) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        let cell = y / density.rows * columns + x / density.columns
        switch kind {
        case .braille: bits[cell] |= DotGrid.braille[(y & 3) * 2 + (x & 1)]
        case .block: bits[cell] |= 1 << UInt8((y & 1) * 2 + (x & 1))
        case .ascii: bits[cell] = 1
        }
    }

    /// Sets dots along a line, both ends among them.
    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
        let dx = abs(end.x - start.x)
        let dy = -abs(end.y - start.y)
        let stepX = start.x < end.x ? 1 : -1
        let stepY = start.y < end.y ? 1 : -1
        var x = start.x
        var y = start.y
        var error = dx + dy
        while true {
            set(x, y)
            if x == end.x, y == end.y { return }
            let twice = 2 * error
            if twice >= dy {
                error += dy
                x += stepX
            }
            if twice <= dx {
                error += dx
                y += stepY
            }
        }
    }

    /// Puts the dots into a part of the screen; cells without any keep what is there.
    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {
        for row in 0..<rows {
            for column in 0..<columns {
                let pattern = bits[row * columns + column]
                guard pattern != 0 else { continue }
                canvas.frame[rect.row + row, rect.column + column] = Cell(
                    sign(pattern, row, column), style)
            }
        }
    }

    private func sign(_ pattern: UInt8, _ row: Int, _ column: Int) -> Unicode.Scalar {
        switch kind {
        case .braille: Unicode.Scalar(0x2800 + UInt32(pattern)) ?? mark
        case .block: DotGrid.quadrants[Int(pattern)]
        case .ascii: stroke(row, column)
        }
    }

    private func has(_ row: Int, _ column: Int) -> Bool {
        row >= 0 && column >= 0 && row < rows && column < columns && bits[row * columns + column] != 0
    }

    /// In ASCII a dot is drawn as the line runs there: to what follows it, or from what came before.
    private func stroke(_ row: Int, _ column: Int) -> Unicode.Scalar {
        if has(row - 1, column) || has(row + 1, column) { return "|" }
        if has(row, column + 1) { return "-" }
        if has(row + 1, column + 1) { return "\\" }
        if has(row - 1, column + 1) { return "/" }
        if has(row, column - 1) { return "-" }
        if has(row - 1, column - 1) { return "\\" }
        return has(row + 1, column - 1) ? "/" : mark
    }
}
