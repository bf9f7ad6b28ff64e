import Terminal

/// Fine dots in cells: two by four in braille, two by two in blocks, one in ASCII.
struct DotGrid {
    /// Dots in a cell: columns, rows.
    let density: (columns: Int, rows: Int)
    /// Columns of dots.
    let width: Int
    /// Rows of dots, from the top.
    let height: Int
    private let columns: Int
    private let glyphs: Glyphs
    private var bits: [UInt8]
    private var slopes: [UInt8]

    /// No dots in so many cells.
    init(rows: Int, columns: Int, _ glyphs: Glyphs) {
        self.glyphs = glyphs
        self.columns = columns
        density =
            switch glyphs.kind {
            case .braille: (2, 4)
            case .block: (2, 2)
            case .ascii: (1, 1)
            }
        (width, height) = (columns * density.columns, rows * density.rows)
        bits = [UInt8](repeating: 0, count: rows * columns)
        slopes = glyphs.kind == .ascii ? bits : []
    }

    private static let braille: [[UInt8]] = [[1, 8], [2, 16], [4, 32], [64, 128]]
    private static let quadrants: [Unicode.Scalar] = [
        " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
    ]

    /// Sets a dot; outside it does nothing.
    mutating func set(_ x: Int, _ y: Int) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        let cell = y / density.rows * columns + x / density.columns
        switch glyphs.kind {
        case .braille: bits[cell] |= DotGrid.braille[y & 3][x & 1]
        case .block: bits[cell] |= 1 << UInt8((y & 1) * 2 + (x & 1))
        case .ascii: bits[cell] |= 1
        }
    }

    /// Sets dots along a line, both ends among them.
    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
        if glyphs.kind == .ascii { return slope(from: start, to: end) }
        let (dx, dy) = (abs(end.x - start.x), -abs(end.y - start.y))
        let (stepX, stepY) = (start.x < end.x ? 1 : -1, start.y < end.y ? 1 : -1)
        var (x, y, error) = (start.x, start.y, dx + dy)
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

    /// In ASCII a line is a sign in each column: how it runs there.
    private mutating func slope(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
        guard end.x >= start.x else { return slope(from: end, to: start) }
        let (low, high) = (min(start.y, end.y), max(start.y, end.y))
        for y in low...high {
            set(end.x, y)
            guard end.x >= 0, end.x < width, y >= 0, y < height else { continue }
            let sign: UInt8 =
                high - low > 1
                ? UInt8(ascii: "|")
                : end.y > start.y
                    ? UInt8(ascii: "\\") : end.y < start.y ? UInt8(ascii: "/") : UInt8(ascii: "-")
            slopes[y * columns + end.x] = sign
        }
    }

    /// Puts the dots into a part of the screen; cells without any keep what is there.
    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {
        for (index, pattern) in bits.enumerated() where pattern != 0 {
            let (row, column) = (index / columns, index % columns)
            let sign: Unicode.Scalar =
                switch glyphs.kind {
                case .braille: Unicode.Scalar(0x2800 + UInt32(pattern)) ?? "*"
                case .block: DotGrid.quadrants[Int(pattern)]
                case .ascii: slopes[index] == 0 ? "*" : Unicode.Scalar(slopes[index])
                }
            canvas.frame[rect.row + row, rect.column + column] = Cell(sign, style)
        }
    }
}
