import Foundation

/// A folder of small grey pictures without labels.
public enum SmallPictures {
    /// Writes so many pictures of 8x8 into a folder, as PNG with stored blocks.
    public static func write(count: Int, to folder: String) throws {
        var random = SeededGenerator(seed: 5)
        for index in 0..<count {
            let rows = (0..<8).flatMap { row -> [UInt8] in
                [0]
                    + (0..<8).map { column in UInt8(20 * ((row + index) % 5) + 10 * column + random.below(60))
                    }
            }
            try Data(png(width: 8, height: 8, rows)).write(to: URL(filePath: "\(folder)/\(index + 100).png"))
        }
    }

    /// A picture of 8x8 of one grey.
    static let one = png(width: 8, height: 8, (0..<8).flatMap { _ in [0] + [UInt8](repeating: 90, count: 8) })

    /// Calls `body` with a new folder of such pictures, which is removed afterwards.
    public static func withFolder(count: Int, _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pictures-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(count: count, to: folder.path)
        try body(folder.path)
    }

    /// A grey PNG of rows that begin with their filter.
    private static func png(width: Int, height: Int, _ rows: [UInt8]) -> [UInt8] {
        let size = [width, height].flatMap { number in (0..<4).map { UInt8(number >> (24 - 8 * $0) & 255) } }
        let length = rows.count
        let stored: [UInt8] =
            [0x78, 0x01, 1]
            + [length & 255, length >> 8, ~length & 255, ~length >> 8 & 255].map { UInt8($0) } + rows
            + bigEndian(adler(rows))
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", size + [8, 0, 0, 0, 0]) + chunk("IDAT", stored) + chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + bytes
        return bigEndian(UInt32(bytes.count)) + body + bigEndian(checksum(body))
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(number >> (24 - 8 * $0) & 255) }
    }

    private static func adler(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        return high << 16 | low
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
