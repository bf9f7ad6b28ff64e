import Datasets
import Graph
import Probing
import Terminal

/// A picture in half blocks, two pixels a cell, with outlines of what is in it. Where there are no colours, shades stand for
/// pixels, and lines for outlines.
struct ImagePlot {
    /// A box around something in the picture.
    struct Outline: Hashable, Sendable {
        /// Who says that the box is there.
        enum Origin: CaseIterable, Hashable, Sendable {
            /// The labels of the data set: a full line.
            case truth
            /// The float network: a line of dashes.
            case float
            /// The quantized network: a line of points.
            case quantized
        }

        /// The sides, as shares of the picture's width and height.
        var left: Double
        var top: Double
        var right: Double
        var bottom: Double
        var origin = Origin.truth
        var colour: Pixel
        /// What is written at the box where there is room; empty for nothing.
        var label = ""

        /// The middle of the box alone.
        var middle: Outline {
            var middle = self
            middle.left = (left + right) / 2
            middle.top = (top + bottom) / 2
            middle.right = middle.left
            middle.bottom = middle.top
            return middle
        }
    }

    let image: PixelImage
    var outlines: [Outline] = []

    /// Draws the picture in the middle of a part of the screen, and gives the part that it takes.
    @discardableResult
    func draw(in rect: Rect, on canvas: inout Canvas) -> Rect {
        let size = image.size(in: (rect.rows * 2, rect.columns))
        let place = rect.centered(rows: (size.height + 1) / 2, columns: size.width)
        guard !place.isEmpty, size.height > 0 else { return place }
        var pixels = scaled(to: size)
        var signs: [Position: Unicode.Scalar] = [:]
        for outline in outlines { trace(outline, size, &pixels, &signs, canvas.glyphs) }
        let black = Pixel(0, 0, 0)
        for row in 0..<place.rows {
            for column in 0..<place.columns {
                let upper = pixels[2 * row * size.width + column]
                let isLast = 2 * row + 1 >= size.height
                let lower = isLast ? black : pixels[(2 * row + 1) * size.width + column]
                let pair = PixelPair(upper, lower)
                let sign =
                    signs[Position(row: row, column: column)] ?? canvas.glyphs.shade(of: pair.brightness)
                canvas.frame[place.row + row, place.column + column] =
                    canvas.glyphs.kind == .ascii ? Cell(sign) : Cell(sign, pair)
            }
        }
        for outline in outlines where !outline.label.isEmpty { write(outline, size, in: place, on: &canvas) }
        return place
    }

    /// The pixels in the size that is drawn, row by row.
    private func scaled(to size: (height: Int, width: Int)) -> [Pixel] {
        let image = image.reduced(height: size.height, width: size.width)
        let factor = max(1, size.height / max(1, image.height))
        return (0..<size.height).flatMap { row in
            (0..<size.width).map { column in
                let start = (row / factor * image.width + column / factor) * 3
                return Pixel(image.bytes[start], image.bytes[start + 1], image.bytes[start + 2])
            }
        }
    }

    /// The first and the last pixel that a box covers along one side of so many pixels.
    private func span(_ low: Double, _ high: Double, _ count: Int) -> ClosedRange<Int> {
        let first = min(count - 1, max(0, Int(held: (low * Double(count)).rounded(.down))))
        let last = min(count - 1, max(first, Int(held: (high * Double(count)).rounded(.up)) - 1))
        return first...last
    }

    /// Paints an outline into the pixels, and notes the signs that stand for it where there are no colours.
    private func trace(
        _ outline: Outline, _ size: (height: Int, width: Int), _ pixels: inout [Pixel],
        _ signs: inout [Position: Unicode.Scalar], _ glyphs: Glyphs
    ) {
        let columns = span(outline.left, outline.right, size.width)
        let rows = span(outline.top, outline.bottom, size.height)
        for column in columns where outline.origin.paints(column - columns.lowerBound) {
            pixels[rows.lowerBound * size.width + column] = outline.colour
            pixels[rows.upperBound * size.width + column] = outline.colour
        }
        for row in rows where outline.origin.paints(row - rows.lowerBound) {
            pixels[row * size.width + columns.lowerBound] = outline.colour
            pixels[row * size.width + columns.upperBound] = outline.colour
        }
        let top = rows.lowerBound / 2
        let bottom = rows.upperBound / 2
        let left = columns.lowerBound
        let right = columns.upperBound
        let (across, down) = glyphs.lines(of: outline.origin)
        for column in columns {
            signs[Position(row: top, column: column)] = across
            signs[Position(row: bottom, column: column)] = across
        }
        for row in top...bottom {
            signs[Position(row: row, column: left)] = down
            signs[Position(row: row, column: right)] = down
        }
        guard left < right || top < bottom else {
            signs[Position(row: top, column: left)] = glyphs.dot
            return
        }
        let (topLeft, topRight, bottomLeft, bottomRight) = glyphs.corners
        signs[Position(row: bottom, column: left)] = bottomLeft
        signs[Position(row: bottom, column: right)] = bottomRight
        signs[Position(row: top, column: left)] = topLeft
        signs[Position(row: top, column: right)] = topRight
    }

    /// Writes what a box is above it, or inside where it touches the upper edge, as far as the picture goes.
    private func write(
        _ outline: Outline, _ size: (height: Int, width: Int), in place: Rect, on canvas: inout Canvas
    ) {
        let top = span(outline.top, outline.bottom, size.height).lowerBound / 2
        let columns = span(outline.left, outline.right, size.width)
        let room = place.columns - columns.lowerBound
        guard room >= 3 else { return }
        let text = outline.label.printable.shortened(to: min(room, max(columns.count, 12)))
        canvas.frame.put(
            text, place.row + (top > 0 ? top - 1 : min(1, place.rows - 1)), place.column + columns.lowerBound,
            .strong, end: place.endColumn)
    }
}

extension ImagePlot.Outline.Origin {
    /// Whether the pixel at a place of a line is painted.
    fileprivate func paints(_ place: Int) -> Bool {
        switch self {
        case .truth: true
        case .float: place % 4 < 2
        case .quantized: place % 2 == 0
        }
    }

    /// What it is called in legends.
    var name: String {
        switch self {
        case .truth: "label"
        case .float: "float"
        case .quantized: "quantized"
        }
    }
}

extension Glyphs {
    /// The sign for a brightness of 0 to 255.
    func shade(of brightness: Int) -> Unicode.Scalar {
        let signs: [Unicode.Scalar] =
            kind == .ascii ? [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"] : shades
        return signs[min(signs.count - 1, brightness * signs.count / 256)]
    }

    /// The signs of an outline's lines, from left to right and from top to bottom.
    func lines(of origin: ImagePlot.Outline.Origin) -> (across: Unicode.Scalar, down: Unicode.Scalar) {
        switch origin {
        case .truth: (horizontal, vertical)
        case .float: kind == .ascii ? ("~", "!") : ("╌", "╎")
        case .quantized: kind == .ascii ? (".", ":") : ("┈", "┊")
        }
    }
}

extension Pixel {
    /// The colour of a class.
    init(ofClass label: Int32) {
        let colour = AnswerPicture.colour(of: label)
        self.init(colour.red, colour.green, colour.blue)
    }
}
