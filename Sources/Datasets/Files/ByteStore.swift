import CCodecs
import Foundation
import Platform

/// The bytes of a file: in memory where it is small or compressed, else read from the file piece by piece.
final class ByteStore: Sendable {
    /// Files up to this size are read into memory.
    static let memoryLimit = 256 << 20
    /// What a compressed file may unpack to.
    static let unpackedLimit = 2 << 30

    /// The path, as messages name it.
    let file: String
    /// The number of bytes, unpacked.
    let count: Int
    /// A sum of the content; of the first bytes and the size where the file is not in memory.
    let fingerprint: UInt64
    private let content: Content

    private enum Content {
        case memory([UInt8])
        case descriptor(Int32)
    }

    /// Opens a file; one that starts as gzip does is unpacked, whatever its name is.
    ///
    /// The limits are arguments so that tests can reach them with small files.
    init(
        _ file: String, needed: String, memoryLimit: Int = ByteStore.memoryLimit,
        unpackedLimit: Int = ByteStore.unpackedLimit
    ) throws(DatasetError) {
        let (descriptor, size) = try openedFile(file, needed: needed)
        var keepsOpen = false
        defer { if !keepsOpen { close(descriptor) } }
        let head = try readAll(descriptor, file: file, range: 0..<min(size, 1 << 16))
        self.file = file
        if head.starts(with: [0x1F, 0x8B]) {
            let unpacked = try gunzipped(file: file, limit: unpackedLimit) {
                (range: Range<Int>) throws(DatasetError) in
                try readAll(descriptor, file: file, range: range.clamped(to: 0..<size))
            }
            count = unpacked.count
            content = .memory(unpacked)
            fingerprint = checksum(unpacked)
        } else if size <= memoryLimit {
            let bytes = try readAll(descriptor, file: file, range: 0..<size)
            count = size
            content = .memory(bytes)
            fingerprint = checksum(bytes)
        } else {
            count = size
            content = .descriptor(descriptor)
            fingerprint = checksum(head) ^ UInt64(size) << 32
            keepsOpen = true
        }
    }

    /// Bytes that are in memory already.
    init(file: String, bytes: [UInt8]) {
        self.file = file
        count = bytes.count
        content = .memory(bytes)
        fingerprint = checksum(bytes)
    }

    deinit {
        if case .descriptor(let descriptor) = content { close(descriptor) }
    }

    /// Whether the bytes are read from the file each time.
    var isStreamed: Bool {
        if case .descriptor = content { true } else { false }
    }

    /// Hands out a range of bytes, which must lie inside the file.
    func withBytes<Result>(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws(DatasetError) -> Result
    ) throws(DatasetError) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range outside of \(file)")
        switch content {
        case .memory(let bytes):
            return try bytes.withUnsafeBufferPointer { (whole) throws(DatasetError) in
                try body(UnsafeBufferPointer(rebasing: whole[range]))
            }
        case .descriptor(let descriptor):
            let bytes = try readAll(descriptor, file: file, range: range)
            return try bytes.withUnsafeBufferPointer(body)
        }
    }

    /// A copy of a range of bytes, which must lie inside the file.
    func bytes(_ range: Range<Int>) throws(DatasetError) -> [UInt8] {
        try withBytes(range) { (bytes) throws(DatasetError) in Array(bytes) }
    }
}

/// Opens a file to read it; the size is the one it has now.
private func openedFile(_ file: String, needed: String) throws(DatasetError) -> (descriptor: Int32, size: Int)
{
    do {
        let opened = try PlainFile(file)
        let size = opened.size
        return (opened.release(), size)
    } catch .system(ENOENT) {
        throw .missing(file, needed: needed)
    } catch {
        throw .unreadable(file, reason: "\(error)")
    }
}

/// The bytes of a file, which may have up to `limit`.
func wholeFile(_ file: String, limit: Int, needed: String) throws(DatasetError) -> [UInt8] {
    let (descriptor, size) = try openedFile(file, needed: needed)
    defer { close(descriptor) }
    guard size <= limit else { throw .tooLarge(file: file, bytes: size, limit: limit) }
    return try readAll(descriptor, file: file, range: 0..<size)
}

/// The first and the last bytes of a file, up to so many each; the same ones where it is short.
func fileEnds(
    _ file: String, head: Int, tail: Int, limit: Int
) throws(DatasetError) -> (head: [UInt8], tail: [UInt8]) {
    let (descriptor, size) = try openedFile(file, needed: "it was there a moment ago")
    defer { close(descriptor) }
    guard size <= limit else { throw .tooLarge(file: file, bytes: size, limit: limit) }
    let first = try readAll(descriptor, file: file, range: 0..<min(size, head))
    let rest = max(0, size - tail)..<size
    return (first, size <= head ? Array(first[rest]) : try readAll(descriptor, file: file, range: rest))
}

/// Reads a range of an open file; throws where the file ends before.
private func readAll(_ descriptor: Int32, file: String, range: Range<Int>) throws(DatasetError) -> [UInt8] {
    // Filling no bytes writes to the one empty array that all threads share.
    guard !range.isEmpty else { return [] }
    var failure: DatasetError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
        while filled < range.count {
            let rest = UnsafeMutableRawBufferPointer(
                rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
            let got = pread(descriptor, rest.baseAddress, range.count - filled, range.lowerBound + filled)
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                failure =
                    got < 0
                    ? .unreadable(file, reason: systemReason())
                    : .malformed(
                        file: file, byte: range.lowerBound + filled,
                        expected: "\(range.count - filled) more bytes",
                        found: "the end of the file, which has become shorter")
                return
            }
            filled += got
        }
    }
    if let failure { throw failure }
    return bytes
}

/// The sum that zlib computes over bytes (CRC-32).
func checksum(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBufferPointer { UInt64(crc32_z(0, $0.baseAddress, $0.count)) }
}
