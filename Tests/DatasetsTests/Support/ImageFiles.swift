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
