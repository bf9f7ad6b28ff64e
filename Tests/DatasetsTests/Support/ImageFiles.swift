import CCodecs

/// A PNG file of bytes, channels last: one channel is grey, three are colour, four add how opaque a pixel is.
func pngFile(height: Int, width: Int, channels: Int, _ values: [UInt8]) -> [UInt8] {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    (image.width, image.height) = (UInt32(width), UInt32(height))
    let colour = channels == 1 ? 0 : UInt32(PNG_FORMAT_FLAG_COLOR)
    image.format = channels == 4 ? colour | UInt32(PNG_FORMAT_FLAG_ALPHA) : colour
    defer { png_image_free(&image) }
    var size = values.count * 2 + 1000
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
        let status = png_image_write_to_memory(&image, buffer.baseAddress, &size, 0, values, 0, nil)
        filled = status == 0 ? 0 : size
    }
}

/// A JPEG file of bytes, channels last, of the best quality.
func jpegFile(height: Int, width: Int, channels: Int, _ values: [UInt8]) -> [UInt8] {
    let encoder = tjInitCompress()
    defer { tjDestroy(encoder) }
    var (bytes, count): (UnsafeMutablePointer<UInt8>?, UInt) = (nil, 0)
    let isGrey = channels == 1
    tjCompress2(
        encoder, values, Int32(width), 0, Int32(height),
        Int32(isGrey ? TJPF_GRAY.rawValue : TJPF_RGB.rawValue),
        &bytes, &count, Int32(isGrey ? TJSAMP_GRAY.rawValue : TJSAMP_444.rawValue), 100, 0)
    defer { tjFree(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
}

/// A PNG file put together by hand, of 8 or 16 bits (the higher byte first), with a chunk (its name and content) behind its
/// axes.
func pngFile(
    height: Int, width: Int, channels: Int, _ values: [UInt8], extra: [UInt8] = [], bits: Int = 8
) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
    func chunk(_ content: [UInt8]) -> [UInt8] {
        number(content.count - 4) + content + number(Int(crc32_z(0, content, content.count)))
    }
    let stride = values.count / height
    let lines = (0..<height).flatMap { [0] + values[$0 * stride..<($0 + 1) * stride] }
    var size = compressBound(UInt(lines.count))
    var packed = [UInt8](repeating: 0, count: Int(size))
    compress(&packed, &size, lines, UInt(lines.count))
    let kinds: [Int: UInt8] = [1: 0, 2: 4, 3: 2, 4: 6]
    let axes = number(width) + number(height) + [UInt8(bits), kinds[channels] ?? 0, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk(Array("IHDR".utf8) + axes)
        + (extra.isEmpty ? [] : chunk(extra)) + chunk(Array("IDAT".utf8) + packed[..<Int(size)])
        + chunk(Array("IEND".utf8))
}

/// A JPEG file of one colour of four inks, as they are stored, with Adobe's marker.
func inkFile(height: Int, width: Int, _ inks: [UInt8]) -> [UInt8] {
    let encoder = tjInitCompress()
    defer { tjDestroy(encoder) }
    var (bytes, count): (UnsafeMutablePointer<UInt8>?, UInt) = (nil, 0)
    let values = (0..<height * width).flatMap { _ in inks }
    tjCompress2(
        encoder, values, Int32(width), 0, Int32(height), Int32(TJPF_CMYK.rawValue), &bytes, &count,
        Int32(TJSAMP_444.rawValue), 100, 0)
    defer { tjFree(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
}

/// A PNG file with a palette of four colours and two bits for each pixel.
func paletteFile(height: Int, width: Int, _ indices: [UInt8]) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
    func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let named = Array(name.utf8) + content
        return number(content.count) + named + number(Int(crc32_z(0, named, named.count)))
    }
    let lines = (0..<height).flatMap { row -> [UInt8] in
        let line = indices[row * width..<(row + 1) * width]
        return [0]
            + stride(from: line.startIndex, to: line.endIndex, by: 4).map { start in
                line[start..<min(start + 4, line.endIndex)].enumerated().reduce(0) {
                    $0 | $1.element << UInt8(6 - 2 * $1.offset)
                }
            }
    }
    var size = compressBound(UInt(lines.count))
    var packed = [UInt8](repeating: 0, count: Int(size))
    compress(&packed, &size, lines, UInt(lines.count))
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        + chunk("IHDR", number(width) + number(height) + [2, 3, 0, 0, 0])
        + chunk("PLTE", [0, 0, 0, 255, 0, 0, 9, 99, 9, 7, 7, 7])
        + chunk("IDAT", Array(packed[..<Int(size)])) + chunk("IEND", [])
}
