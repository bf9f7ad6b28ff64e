/// A random change of hue, saturation and brightness, as large as YOLOv5 makes it.
struct ColourChange {
    /// Added to the hue, in sixths of a turn.
    private let hue: Float
    private let saturation: Float
    private let brightness: Float

    /// The change of one sample in one epoch.
    init(seed: UInt64, epoch: Int, index: Int) {
        var random = Random(seed, Stream.colour, UInt64(epoch), UInt64(index))
        hue = random.within(Float(-0.015)...0.015) * 6
        saturation = 1 + random.within(Float(-0.7)...0.7)
        brightness = 1 + random.within(Float(-0.4)...0.4)
    }

    /// Changes the pixels of an image of any number of channels; those of other than red, green and blue become lighter or
    /// darker only.
    func apply(to sample: inout Sample) {
        let channels = sample.layout.channels
        sample.bytes.withUnsafeMutableBufferPointer { bytes in
            guard channels == 3 else {
                for place in bytes.indices {
                    bytes[place] = UInt8(min(255, Float(bytes[place]) * brightness + 0.5))
                }
                return
            }
            var place = 0
            while place < bytes.count {
                let red = Float(bytes[place])
                let green = Float(bytes[place + 1])
                let blue = Float(bytes[place + 2])
                let value = max(red, max(green, blue))
                let spread = value - min(red, min(green, blue))
                let bright = min(255, value * brightness)
                if spread == 0 {
                    let byte = UInt8(bright + 0.5)
                    bytes[place] = byte
                    bytes[place + 1] = byte
                    bytes[place + 2] = byte
                } else {
                    // Where on the circle the colour is, in sixths from red on.
                    var angle =
                        value == red
                        ? (green - blue) / spread
                        : value == green ? 2 + (blue - red) / spread : 4 + (red - green) / spread
                    angle += hue
                    if angle < 0 { angle += 6 }
                    let chroma = min(value, spread * saturation) / value * bright
                    bytes[place] = Self.channel(5, angle, bright, chroma)
                    bytes[place + 1] = Self.channel(3, angle, bright, chroma)
                    bytes[place + 2] = Self.channel(1, angle, bright, chroma)
                }
                place += 3
            }
        }
    }

    @inline(__always)
    private static func channel(_ start: Float, _ angle: Float, _ value: Float, _ chroma: Float) -> UInt8 {
        var turn = start + angle
        if turn >= 6 { turn -= 6 }
        return UInt8(value - chroma * max(0, min(turn, min(4 - turn, 1))) + 0.5)
    }
}
