import CCodecs

/// Decodes PNG and JPEG files to bytes, channels last: one channel for grey images, else red, green and blue.
enum ImageDecoding {
    /// The most pixels that an image may have.
    static let pixelLimit = 1 << 26
    /// The largest file that is read.
    static let fileLimit = 256 << 20

    /// What a file is by its first bytes, whatever its name says.
    enum Format: Equatable {
        case png
        case jpeg
        /// Another format, in words.
        case other(String)

        init(_ bytes: some Collection<UInt8>) {
            let head = Array(bytes.prefix(16))
            func starts(_ text: String, at place: Int = 0) -> Bool {
                head.dropFirst(place).starts(with: Array(text.utf8))
            }
            if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
                self = .png
            } else if head.starts(with: [0xFF, 0xD8]) {
                self = .jpeg
            } else if starts("RIFF"), starts("WEBP", at: 8) {
                self = .other("it is a WebP file")
            } else if starts("GIF8") {
                self = .other("it is a GIF file")
            } else if starts("BM") {
                self = .other("it is a BMP file")
            } else if starts("II*\0") || starts("MM\0*") {
                self = .other("it is a TIFF file")
            } else if starts("ftyp", at: 4) {
                self = .other("it is a HEIF, AVIF or video file")
            } else if head.isEmpty {
                self = .other("it is empty")
            } else {
                self = .other("it starts neither as PNG nor as JPEG does")
            }
        }
    }

    /// Decodes a whole file; what it is says its first bytes, not its name. With `resizing`, how the picture is resized next, a
    /// JPEG that is far larger is decoded smaller.
    static func decode(
        _ bytes: [UInt8], file: String, for resizing: Resizing? = nil, into sample: inout Sample
    ) throws(DatasetError) {
        switch Format(bytes) {
        case .png: try PNGDecoding.decode(bytes, file: file, into: &sample)
        case .jpeg: try JPEGDecoding.decode(bytes, file: file, for: resizing, into: &sample)
        case .other(let reason): throw .image(file: file, reason: reason)
        }
    }

    /// Axes of an image that may be decoded; throws for any other, before memory is taken.
    static func layout(
        _ width: Int, _ height: Int, channels: Int, file: String
    ) throws(DatasetError) -> Layout {
        if let reason = refusal(width, height) { throw .image(file: file, reason: reason) }
        return Layout(height: height, width: width, channels: channels)
    }

    /// Why an image of some size is not decoded; nil where it is.
    static func refusal(_ width: Int, _ height: Int) -> String? {
        guard width > 0, height > 0, width <= pixelLimit, height <= pixelLimit, width * height <= pixelLimit
        else { return "it says it has \(height)x\(width) pixels, the most are \(pixelLimit)" }
        return nil
    }
}

/// PNG of every depth: 16 bits are divided by 257, palettes expanded, transparent pixels fade to black.
enum PNGDecoding {
    /// `isMask` gives the numbers of a grey picture or of a palette as they are stored.
    static func decode(
        _ bytes: [UInt8], file: String, isMask: Bool = false, into sample: inout Sample
    ) throws(DatasetError) {
        var reading = codecs_png()
        // The bytes have to stay where they are until the image is complete.
        try bytes.withUnsafeBufferPointer { (bytes) throws(DatasetError) in
            defer { codecs_png_end(&reading) }
            func check(_ status: Int32) throws(DatasetError) {
                guard status == 0 else {
                    throw .image(file: file, reason: String(cString: codecs_png_message(&reading)))
                }
            }
            try check(codecs_png_begin(&reading, bytes.baseAddress, bytes.count, isMask ? 1 : 0))
            let channels = Int(reading.channels)
            let layout = try ImageDecoding.layout(
                Int(reading.width), Int(reading.height), channels: channels, file: file)
            sample.prepareBytes(layout)
            try check(
                sample.bytes.withUnsafeMutableBufferPointer { codecs_png_read(&reading, $0.baseAddress) })
            if channels.isMultiple(of: 2) { fade(&sample, layout) }
        }
    }

    /// Multiplies each pixel by its alpha, the last channel, and leaves that out.
    private static func fade(_ sample: inout Sample, _ layout: Layout) {
        let pixels = layout.height * layout.width
        let channels = layout.channels
        for pixel in 0..<pixels {
            let alpha = Int(sample.bytes[pixel * channels + channels - 1])
            for channel in 0..<channels - 1 {
                let value = Int(sample.bytes[pixel * channels + channel])
                sample.bytes[pixel * (channels - 1) + channel] = UInt8((value * alpha + 127) / 255)
            }
        }
        sample.bytes.removeLast(pixels)
        sample.layout = Layout(height: layout.height, width: layout.width, channels: channels - 1)
    }
}
