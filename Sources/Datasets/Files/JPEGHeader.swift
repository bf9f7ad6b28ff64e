/// What the markers in front of a JPEG's pixels say.
struct JPEGHeader {
    /// How the image is to be turned, 1 to 8 as Exif counts; 1 where nothing is said.
    private(set) var orientation = 1
    /// Whether a program of Adobe wrote it.
    private(set) var isAdobe = false
    /// Axes; nil where the markers end before them.
    private(set) var size: (height: Int, width: Int)?
    /// Whether the bytes ended among the markers.
    private(set) var isCut = false

    /// Walks through the markers of a file, or of its first bytes.
    init(_ bytes: [UInt8]) {
        var place = 2
        while true {
            guard place + 4 <= bytes.count else {
                isCut = true
                return
            }
            guard bytes[place] == 0xFF else { return }
            let marker = bytes[place + 1]
            // Fill bytes, and markers without a length.
            if marker == 0xFF {
                place += 1
                continue
            }
            if marker == 0x01 || (0xD0...0xD8).contains(marker) {
                place += 2
                continue
            }
            // Pixels begin, or the image ends.
            if marker == 0xDA || marker == 0xD9 { return }
            let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            guard length >= 2 else { return }
            guard place + 2 + length <= bytes.count else {
                isCut = true
                return
            }
            read(marker, bytes[(place + 4)..<(place + 2 + length)])
            place += 2 + length
        }
    }

    private mutating func read(_ marker: UInt8, _ content: ArraySlice<UInt8>) {
        let start = content.startIndex
        switch marker {
        case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker) && content.count >= 5:
            func number(_ place: Int) -> Int {
                Int(content[start + place]) << 8 | Int(content[start + place + 1])
            }
            size = (number(1), number(3))
        case 0xE1 where content.starts(with: Array("Exif\0\0".utf8)):
            orientation = JPEGHeader.orientation(Array(content.dropFirst(6))) ?? orientation
        case 0xEE where content.starts(with: Array("Adobe".utf8)): isAdobe = true
        default: break
        }
    }

    /// The orientation in a TIFF structure: tag 0x0112 of its first directory.
    private static func orientation(_ tiff: [UInt8]) -> Int? {
        guard tiff.count >= 8 else { return nil }
        let isLittle = tiff.starts(with: Array("II".utf8))
        guard isLittle || tiff.starts(with: Array("MM".utf8)) else { return nil }
        func number(_ place: Int, _ count: Int) -> Int? {
            guard place >= 0, place + count <= tiff.count else { return nil }
            let digits = tiff[place..<place + count]
            return (isLittle ? Array(digits.reversed()) : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(4, 4), let entries = number(directory, 2) else { return nil }
        for entry in 0..<entries {
            let place = directory + 2 + 12 * entry
            guard let tag = number(place, 2) else { return nil }
            if tag == 0x0112, let value = number(place + 8, 2), (1...8).contains(value) { return value }
        }
        return nil
    }
}
