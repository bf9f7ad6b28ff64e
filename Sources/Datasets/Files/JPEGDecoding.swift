import CCodecs
import Graph

/// JPEG of every colour space, turned as its Exif orientation says. A file that ends early is decoded as far as it goes:
/// the rest of it is grey.
///
/// A picture that is resized next is decoded at a half, a quarter or an eighth of its size, by transforms of fewer frequencies,
/// where that leaves at least twice the pixels along each axis that are needed: the resized picture then differs by less than
/// the rounding of the file's own compression.
enum JPEGDecoding {
    static func decode(
        _ bytes: [UInt8], file: String, for resizing: Resizing? = nil, into sample: inout Sample
    ) throws(DatasetError) {
        guard let decoder = tjInitDecompress() else {
            throw .image(file: file, reason: "the JPEG decoder does not start")
        }
        defer { tjDestroy(decoder) }
        var width: Int32 = 0
        var height: Int32 = 0
        var subsampling: Int32 = 0
        var colours: Int32 = 0
        let begun = tjDecompressHeader3(
            decoder, bytes, UInt(bytes.count), &width, &height, &subsampling, &colours)
        guard begun == 0 || isWarning(decoder), width > 0 else { throw failure(decoder, file) }
        let isInk = [TJCS_CMYK, TJCS_YCCK].contains { Int32($0.rawValue) == colours }
        let isGrey = colours == Int32(TJCS_GRAY.rawValue)
        let format = isInk ? TJPF_CMYK : isGrey ? TJPF_GRAY : TJPF_RGB
        let full = try ImageDecoding.layout(
            Int(width), Int(height), channels: isInk ? 4 : isGrey ? 1 : 3, file: file)
        let header = JPEGHeader(bytes)
        let isTransposed = header.orientation >= 5
        let reduction = resizing.map { factor(of: full, isTransposed: isTransposed, for: $0) } ?? 1
        let layout = Layout(
            height: (full.height + reduction - 1) / reduction,
            width: (full.width + reduction - 1) / reduction, channels: full.channels)
        sample.prepareBytes(layout)
        // What the file does not have is grey, not what the memory held.
        for place in sample.bytes.indices { sample.bytes[place] = 128 }
        // Endless scans are cut off. What the library warns of is no error.
        let flags = TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT
        let status = sample.bytes.withUnsafeMutableBufferPointer {
            tjDecompress2(
                decoder, bytes, UInt(bytes.count), $0.baseAddress, Int32(layout.width), 0,
                Int32(layout.height), Int32(format.rawValue), Int32(flags))
        }
        guard status == 0 || isWarning(decoder) else { throw failure(decoder, file) }
        if isInk { mix(&sample, layout, isInverted: header.isAdobe) }
        sample.turn(header.orientation)
        if reduction > 1 {
            sample.wasReduced(
                fromHeight: isTransposed ? full.width : full.height,
                width: isTransposed ? full.height : full.width)
        }
    }

    /// How many times smaller a picture is decoded along each axis: 1, 2, 4 or 8.
    private static func factor(of full: Layout, isTransposed: Bool, for resizing: Resizing) -> Int {
        let upright = Layout(
            height: isTransposed ? full.width : full.height, width: isTransposed ? full.height : full.width,
            channels: full.channels)
        // The values of sequences and vectors are taken as they are.
        guard case .map = resizing.shape else { return 1 }
        let content = resizing.content(of: upright)
        return [8, 4, 2].first {
            upright.height >= 2 * $0 * content.height && upright.width >= 2 * $0 * content.width
        } ?? 1
    }

    private static func isWarning(_ decoder: tjhandle) -> Bool {
        tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue)
    }

    private static func failure(_ decoder: tjhandle, _ file: String) -> DatasetError {
        .image(file: file, reason: String(cString: tjGetErrorStr2(decoder)))
    }

    /// Four inks to red, green and blue; Adobe's programs store how much light each lets through.
    private static func mix(_ sample: inout Sample, _ layout: Layout, isInverted: Bool) {
        let pixels = layout.height * layout.width
        func light(_ ink: UInt8) -> Int { isInverted ? Int(ink) : 255 - Int(ink) }
        for pixel in 0..<pixels {
            let black = light(sample.bytes[4 * pixel + 3])
            for channel in 0..<3 {
                let value = light(sample.bytes[4 * pixel + channel])
                sample.bytes[3 * pixel + channel] = UInt8((value * black + 127) / 255)
            }
        }
        sample.bytes.removeLast(pixels)
        sample.layout = Layout(height: layout.height, width: layout.width, channels: 3)
    }
}

extension Sample {
    /// Turns and mirrors an image by the orientation that Exif gives it: what stands at the top and at the left of the
    /// stored rows and columns, 1 to 8.
    fileprivate mutating func turn(_ orientation: Int) {
        guard (2...8).contains(orientation) else { return }
        let height = layout.height
        let width = layout.width
        let channels = layout.channels
        let isTransposed = orientation >= 5
        let target = Layout(
            height: isTransposed ? width : height, width: isTransposed ? height : width, channels: channels)
        var turned = [UInt8](repeating: 0, count: bytes.count)
        for row in 0..<target.height {
            for column in 0..<target.width {
                var (from, across) = isTransposed ? (column, row) : (row, column)
                if [3, 4, 7, 8].contains(orientation) {
                    if isTransposed { across = width - 1 - across } else { from = height - 1 - from }
                }
                if [2, 3, 6, 7].contains(orientation) {
                    if isTransposed { from = height - 1 - from } else { across = width - 1 - across }
                }
                for channel in 0..<channels {
                    turned[(row * target.width + column) * channels + channel] =
                        bytes[(from * width + across) * channels + channel]
                }
            }
        }
        bytes = turned
        layout = target
    }
}
