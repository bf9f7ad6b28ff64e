/// The colours that a terminal has for the pixels of pictures, by the numbers that it knows them by.
enum PixelPalette: Hashable, Sendable {
    /// Colours 16 to 255 of 256: a cube of 6 x 6 x 6 and 24 greys.
    case cube
    /// The 16 of the terminal's own palette: eight colours, and eight brighter ones.
    case sixteen
    /// The first eight of these.
    case eight

    /// The number of the colour that stands for a pixel at a place of the screen, in rows and columns of pixels. Ordered
    /// dithering lets neighbouring pixels share what the palette lacks.
    func colour(of pixel: Pixel, row: Int, column: Int) -> Int32 {
        let threshold = PixelPalette.thresholds[(row & 3) * 4 + (column & 3)]
        switch self {
        case .cube: return PixelPalette.cube(pixel, threshold)
        case .sixteen, .eight:
            // Which channels are bright is decided by another threshold than how bright they are.
            let other = PixelPalette.thresholds[(column & 3) * 4 + ((row + 1) & 3)]
            return PixelPalette.own(pixel, threshold, other, isBright: self == .sixteen)
        }
    }

    /// Bayer's order of 4 x 4, from 1 to 31 of 32.
    private static let thresholds = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5].map { 2 * $0 + 1 }

    private static let levels = [0, 95, 135, 175, 215, 255]

    /// The nearer one of a colour of the cube and a grey. Dithering moves a pixel by 12 at most: whole steps of the cube would
    /// hide what small pictures show.
    private static func cube(_ pixel: Pixel, _ threshold: Int) -> Int32 {
        let parts = [pixel.red, pixel.green, pixel.blue].map(Int.init)
        let indices = parts.map { nearestLevel($0 + (threshold - 16) * 3 / 4) }
        let inCube = distance(parts, indices.map { levels[$0] })
        let grey = min(23, max(0, ((parts[0] * 2 + parts[1] * 4 + parts[2] * 3) / 9 - 3) / 10))
        if distance(parts, [Int](repeating: 8 + 10 * grey, count: 3)) < inCube { return Int32(232 + grey) }
        return Int32(16 + indices[0] * 36 + indices[1] * 6 + indices[2])
    }

    private static func nearestLevel(_ value: Int) -> Int {
        value < 48 ? 0 : value < 115 ? 1 : min(5, (value - 35) / 40)
    }

    /// How far two colours are apart; green counts most.
    private static func distance(_ first: [Int], _ second: [Int]) -> Int {
        let red = first[0] - second[0]
        let green = first[1] - second[1]
        let blue = first[2] - second[2]
        return 2 * red * red + 4 * green * green + 3 * blue * blue
    }

    /// One of the terminal's own colours: a grey, or the bright channels of the pixel, mixed with black.
    private static func own(_ pixel: Pixel, _ threshold: Int, _ other: Int, isBright: Bool) -> Int32 {
        let parts = [pixel.red, pixel.green, pixel.blue].map(Int.init)
        guard let most = parts.max(), let least = parts.min(), most - least > 32 else {
            let mean = parts.reduce(0, +) / 3
            return mixed(
                mean, isBright ? [(0, 0), (127, 8), (229, 7), (255, 15)] : [(0, 0), (229, 7)], threshold)
        }
        // Numbers of colours have a bit for each channel.
        let bits = parts.enumerated().reduce(Int32(0)) { bits, part in
            part.element * 32 > other * most ? bits | 1 << Int32(part.offset) : bits
        }
        return mixed(
            most, isBright ? [(0, 0), (205, bits), (255, bits + 8)] : [(0, 0), (205, bits)], threshold)
    }

    /// The colour of the level below or above a value, whichever the threshold says.
    private static func mixed(
        _ value: Int, _ levels: [(level: Int, colour: Int32)], _ threshold: Int
    ) -> Int32 {
        guard let above = levels.firstIndex(where: { $0.level >= value }) else {
            return levels[levels.count - 1].colour
        }
        guard above > 0 else { return levels[0].colour }
        let low = levels[above - 1]
        let high = levels[above]
        return (value - low.level) * 32 > threshold * (high.level - low.level) ? high.colour : low.colour
    }
}

/// A cell of a picture in colours of a palette. The smaller number is always the foreground, so that half as many pairs of
/// colours are needed.
struct PaletteCell: Hashable, Sendable {
    /// The upper or the lower half block.
    let scalar: Unicode.Scalar
    /// The colour of the half block.
    let foreground: Int32
    /// The colour of the other half.
    let background: Int32

    /// What stands for two pixels in a cell of the screen.
    init(_ pixels: PixelPair, _ palette: PixelPalette, row: Int, column: Int) {
        let upper = palette.colour(of: pixels.upper, row: 2 * row, column: column)
        let lower = palette.colour(of: pixels.lower, row: 2 * row + 1, column: column)
        scalar = upper <= lower ? "▀" : "▄"
        foreground = min(upper, lower)
        background = max(upper, lower)
    }
}
