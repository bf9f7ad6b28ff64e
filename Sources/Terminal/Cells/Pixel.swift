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
