import CCodecs

extension PixelImage {
    /// The picture as a PNG file; nil where it is empty, or libpng has no memory for it.
    public var png: [UInt8]? {
        guard height > 0, width > 0 else { return nil }
        var count = codecs_png_room(UInt32(width), UInt32(height))
        var output = [UInt8](repeating: 0, count: count)
        guard codecs_png_write(UInt32(width), UInt32(height), bytes, &output, &count) == 0 else { return nil }
        return Array(output[..<count])
    }

    /// The picture with each pixel as a square of so many.
    public func enlarged(_ factor: Int) -> PixelImage {
        guard factor > 1 else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * factor * factor)
        for row in 0..<height {
            var line: [UInt8] = []
            for column in 0..<width {
                let start = (row * width + column) * 3
                for _ in 0..<factor { line += bytes[start..<start + 3] }
            }
            for _ in 0..<factor { result += line }
        }
        return PixelImage(height: height * factor, width: width * factor, bytes: result)
    }
}
