/// A colour of a picture: red, green and blue as sRGB, 0 to 255 each.
public struct Pixel: Hashable, Sendable {
    /// The red part.
    public var red: UInt8
    /// The green part.
    public var green: UInt8
    /// The blue part.
    public var blue: UInt8

    /// A colour.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// How bright it is, 0 to 255, with the weights of ITU-R BT.601.
    public var brightness: Int { (Int(red) * 299 + Int(green) * 587 + Int(blue) * 114 + 500) / 1000 }
}

/// The two pixels of a picture that one cell shows: a cell is about twice as tall as it is wide.
public struct PixelPair: Hashable, Sendable {
    /// The upper pixel.
    public var upper: Pixel
    /// The lower pixel.
    public var lower: Pixel

    /// Two pixels.
    public init(_ upper: Pixel, _ lower: Pixel) {
        self.upper = upper
        self.lower = lower
    }

    /// How bright both are together, 0 to 255.
    public var brightness: Int { (upper.brightness + lower.brightness) / 2 }
}

extension Frame {
    /// The colours of the pictures in a frame: two lines for each row, one of upper and one of lower pixels; for each pixel a
    /// letter of the nearest of black, red, green, yellow, blue, magenta, cyan and white, in capitals where it is bright; a
    /// blank where there is no picture.
    public var pixelMap: String {
        (0..<size.rows).flatMap { row in
            [\PixelPair.upper, \PixelPair.lower].map { half in
                let letters = (0..<size.columns).map { column -> Character in
                    self[row, column].pixels.map { Frame.letter(of: $0[keyPath: half]) } ?? " "
                }
                return String(letters).withoutTrailingBlanks
            }
        }.joined(separator: "\n")
    }

    private static func letter(of pixel: Pixel) -> Character {
        let parts = [pixel.red, pixel.green, pixel.blue].map(Int.init)
        guard let most = parts.max(), most >= 48 else { return "k" }
        let bits = parts.enumerated().reduce(0) { $0 + ($1.element * 3 >= most * 2 ? 1 << $1.offset : 0) }
        let letter: Character = ["k", "r", "g", "y", "b", "m", "c", "w"][bits]
        return most >= 160 ? Character(letter.uppercased()) : letter
    }
}
