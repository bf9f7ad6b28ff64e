/// The frames of TensorBoard's event files: TFRecords, each the length of its data (8 bytes, little endian), a masked
/// CRC-32C of that, the data, and a masked CRC-32C of the data.
enum EventRecord {
    /// The frame of some data.
    static func framed(_ data: [UInt8]) -> [UInt8] {
        let length = little(UInt64(data.count))
        return length + little(CRC32C.masked(length)) + data + little(CRC32C.masked(data))
    }

    /// The bytes of a number, the lowest first.
    static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        stride(from: 0, to: Number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

/// The cyclic redundancy check with Castagnoli's polynomial (RFC 3720, B.4).
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }

    /// The checksum of some bytes.
    static func of(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ sum >> 8 }
    }

    /// The checksum as records hold it, so that a checksum of data with checksums is one as well.
    static func masked(_ bytes: [UInt8]) -> UInt32 {
        let sum = of(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
