import CCodecs

/// Decodes PNG and JPEG files to bytes, channels last: one channel for grey images, else red, green and blue.
enum ImageDecoding {
    /// The most pixels that an image may have.
    static let pixelLimit = 1 << 26
    /// The largest file that is read.
    static let fileLimit = 256 << 20

    /// Decodes a whole file; what it is says its first bytes, not its name.
    static func decode(_ bytes: [UInt8], file: String, into sample: inout Sample) throws(DatasetError) {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            try decodePNG(bytes, file: file, into: &sample)
        } else if bytes.starts(with: [0xFF, 0xD8]) {
            try decodeJPEG(bytes, file: file, into: &sample)
        } else {
            throw .image(file: file, reason: "it starts neither as PNG nor as JPEG does")
        }
    }

    /// Axes of an image that may be decoded; throws for any other, before memory is taken.
    private static func layout(
        _ width: Int, _ height: Int, isGrey: Bool, file: String
    ) throws(DatasetError) -> Layout {
        guard width > 0, height > 0, width <= pixelLimit, height <= pixelLimit, width * height <= pixelLimit
        else {
            throw .image(
                file: file, reason: "it says it has \(height)x\(width) pixels, the most are \(pixelLimit)")
        }
        return Layout(height: height, width: width, channels: isGrey ? 1 : 3)
    }

    private static func decodePNG(
        _ bytes: [UInt8], file: String, into sample: inout Sample
    ) throws(DatasetError) {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        // The bytes have to stay where they are until the image is complete.
        try bytes.withUnsafeBufferPointer { (bytes) throws(DatasetError) in
            guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
                throw .image(file: file, reason: reason(&image))
            }
            let isGrey = image.format & UInt32(PNG_FORMAT_FLAG_COLOR) == 0
            let layout = try layout(Int(image.width), Int(image.height), isGrey: isGrey, file: file)
            image.format = isGrey ? UInt32(PNG_FORMAT_GRAY) : UInt32(PNG_FORMAT_RGB)
            sample.prepareBytes(layout)
            // What is transparent becomes black.
            var black = png_color()
            let status = sample.bytes.withUnsafeMutableBufferPointer {
                png_image_finish_read(
                    &image, &black, $0.baseAddress, Int32(layout.width * layout.channels), nil)
            }
            guard status != 0, image.warning_or_error == 0 else {
                throw .image(file: file, reason: reason(&image))
            }
        }
    }

    private static func reason(_ image: inout png_image) -> String {
        String(cString: codecs_png_message(&image))
    }

    private static func decodeJPEG(
        _ bytes: [UInt8], file: String, into sample: inout Sample
    ) throws(DatasetError) {
        guard let decoder = tjInitDecompress() else {
            throw .image(file: file, reason: "the JPEG decoder does not start")
        }
        defer { tjDestroy(decoder) }
        func reason() -> String { String(cString: tjGetErrorStr2(decoder)) }
        var (width, height, subsampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        guard
            tjDecompressHeader3(decoder, bytes, UInt(bytes.count), &width, &height, &subsampling, &colours)
                == 0
        else { throw .image(file: file, reason: reason()) }
        let isGrey = colours == Int32(TJCS_GRAY.rawValue)
        let layout = try layout(Int(width), Int(height), isGrey: isGrey, file: file)
        sample.prepareBytes(layout)
        let format = Int32(isGrey ? TJPF_GRAY.rawValue : TJPF_RGB.rawValue)
        // A truncated file is a warning to the library; here it is an error. Endless scans are cut off.
        let flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT
        let status = sample.bytes.withUnsafeMutableBufferPointer {
            tjDecompress2(
                decoder, bytes, UInt(bytes.count), $0.baseAddress, width, 0, height, format, Int32(flags))
        }
        guard status == 0 else { throw .image(file: file, reason: reason()) }
    }
}
