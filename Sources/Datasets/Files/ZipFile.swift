import Graph

/// Some bytes of a file, with the name that messages give them.
struct ByteRange: Sendable {
    let store: ByteStore
    let range: Range<Int>
    let name: String

    var count: Int { range.count }

    /// Hands out bytes counted from the start of this range.
    func withBytes<Result>(
        _ part: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws(DatasetError) -> Result
    ) throws(DatasetError) -> Result {
        precondition(part.lowerBound >= 0 && part.upperBound <= count, "a part outside of \(name)")
        return try store.withBytes(
            range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound, body)
    }

    /// A copy of bytes counted from the start of this range.
    func bytes(_ part: Range<Int>) throws(DatasetError) -> [UInt8] {
        try withBytes(part) { (bytes) throws(DatasetError) in Array(bytes) }
    }
}

/// A zip file: its list of members, and their bytes. Members of more than 4 GiB are found too (zip64).
struct ZipFile: Sendable {
    private let store: ByteStore
    private var members: [String: Member] = [:]

    fileprivate struct Member: Sendable {
        var method = 0
        var sum: UInt32 = 0
        var packed = 0
        var unpacked = 0
        var header = 0
        /// Where the entry of the list stands.
        var entry = 0
    }

    /// Reads the list at the end of the file.
    init(_ store: ByteStore) throws(DatasetError) {
        self.store = store
        let (count, list) = try Self.list(in: store)
        var offset = list.lowerBound
        for _ in 0..<count {
            let entry = try Fields(
                store, at: offset, count: 46, within: list.upperBound, signature: 0x0201_4B50)
            let nameCount = entry.number(28, 2)
            let extraCount = entry.number(30, 2)
            let rest = nameCount + extraCount
            let tail = try Fields(store, at: offset + 46, count: rest, within: list.upperBound)
            var member = Member(
                method: entry.number(10, 2), sum: UInt32(entry.number(16, 4)), packed: entry.number(20, 4),
                unpacked: entry.number(24, 4), header: entry.number(42, 4), entry: offset)
            member.widen(tail.bytes.dropFirst(nameCount))
            guard entry.number(8, 2) & 1 == 0 else {
                throw store.wrong(offset + 8, "a member that is not encrypted", "one that is")
            }
            members[String(decoding: tail.bytes.prefix(nameCount), as: UTF8.self)] = member
            offset += 46 + rest + entry.number(32, 2)
        }
    }

    /// The names of the members.
    var names: [String] { members.keys.sorted() }

    /// The bytes of a member, unpacked; a stored one stays where it is. Nil where there is no such member.
    func member(_ name: String) throws(DatasetError) -> ByteRange? {
        guard let member = members[name] else { return nil }
        let header = try Fields(
            store, at: member.header, count: 30, within: store.count, signature: 0x0403_4B50)
        let start = member.header + 30 + header.number(26, 2) + header.number(28, 2)
        let title = "\(store.file), member \(name.oneLine(upTo: 64))"
        guard start <= store.count, member.packed <= store.count - start else {
            throw store.wrong(
                start, "the \(member.packed) bytes of \(name.oneLine(upTo: 64))", "the end of the file")
        }
        let range = start..<start + member.packed
        switch member.method {
        case 0:
            guard member.packed == member.unpacked else {
                throw store.wrong(member.entry + 20, "equal sizes, since the member is stored", "others")
            }
            let stored = ByteRange(store: store, range: range, name: title)
            // Streamed files are too large to be read twice.
            if !store.isStreamed { try check(try stored.bytes(0..<stored.count), member, title) }
            return stored
        case 8:
            guard member.unpacked <= ByteStore.unpackedLimit else {
                throw .tooLarge(file: title, bytes: member.unpacked, limit: ByteStore.unpackedLimit)
            }
            let bytes = try store.withBytes(range) { (packed) throws(DatasetError) in
                try inflated(packed, file: store.file, at: start, count: member.unpacked)
            }
            try check(bytes, member, title)
            return ByteRange(store: ByteStore(file: title, bytes: bytes), range: 0..<bytes.count, name: title)
        default:
            throw store.wrong(
                member.entry + 10, "stored (0) or deflated (8) members", "method \(member.method)")
        }
    }

    private func check(_ bytes: [UInt8], _ member: Member, _ title: String) throws(DatasetError) {
        let sum = checksum(bytes)
        guard sum == UInt64(member.sum) else {
            throw .malformed(
                file: title, byte: 0, expected: "bytes of the sum \(String(member.sum, radix: 16))",
                found: "\(String(sum, radix: 16)): the file is damaged; fetch it again")
        }
    }

    /// The number of entries and where their list lies.
    private static func list(in store: ByteStore) throws(DatasetError) -> (count: Int, range: Range<Int>) {
        let first = max(0, store.count - 22 - 65535)
        let tail = try store.bytes(first..<store.count)
        let mark: [UInt8] = [0x50, 0x4B, 5, 6]
        var place = tail.count - 22
        while place >= 0, !tail[place..<place + 4].elementsEqual(mark) { place -= 1 }
        guard place >= 0 else {
            throw store.wrong(store.count, "the list that ends a zip file", "none; is it an .npz?")
        }
        let end = try Fields(store, at: first + place, count: 22, within: store.count)
        var count = end.number(10, 2)
        var size = end.number(12, 4)
        var start = end.number(16, 4)
        if count == 0xFFFF || start == 0xFFFF_FFFF, first + place >= 20 {
            let pointer = try Fields(
                store, at: first + place - 20, count: 20, within: store.count, signature: 0x0706_4B50)
            let wide = try Fields(
                store, at: pointer.number(8, 8), count: 56, within: store.count, signature: 0x0606_4B50)
            count = wide.number(32, 8)
            size = wide.number(40, 8)
            start = wide.number(48, 8)
        }
        guard start <= store.count, size <= store.count - start, count <= size / 46 else {
            throw store.wrong(
                first + place, "a list inside of the file", "\(count) entries in \(size) bytes at \(start)")
        }
        return (count, start..<start + size)
    }
}

extension ZipFile.Member {
    /// Takes the sizes that need more than 32 bits from the extra fields of an entry.
    fileprivate mutating func widen(_ extra: ArraySlice<UInt8>) {
        var rest = extra
        while rest.count >= 4 {
            let id = number(rest.prefix(2))
            let size = number(rest.dropFirst(2).prefix(2))
            var body = rest.dropFirst(4).prefix(size)
            rest = rest.dropFirst(4 + size)
            guard id == 1 else { continue }
            for field in [\Self.unpacked, \Self.packed, \Self.header]
            where self[keyPath: field] == 0xFFFF_FFFF {
                guard body.count >= 8 else { return }
                self[keyPath: field] = number(body.prefix(8))
                body = body.dropFirst(8)
            }
        }
    }
}

/// A few bytes of a zip file that hold numbers, low byte first.
private struct Fields {
    let bytes: [UInt8]

    init(
        _ store: ByteStore, at offset: Int, count: Int, within end: Int, signature: Int? = nil
    ) throws(DatasetError) {
        guard offset >= 0, offset <= end, count <= end - offset else {
            throw store.wrong(offset, "\(count) bytes of a zip file's list", "its end")
        }
        bytes = try store.bytes(offset..<offset + count)
        if let signature, number(0, 4) != signature {
            throw store.wrong(
                offset, "the mark \(String(signature, radix: 16))", String(number(0, 4), radix: 16))
        }
    }

    /// A number by its place and its size in bytes; numbers above the largest integer are held there.
    func number(_ place: Int, _ size: Int) -> Int { Datasets.number(bytes[place..<place + size]) }
}

/// The number that bytes are, low byte first; held at the largest integer.
private func number(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(clamping: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
}

extension ByteStore {
    /// The error that a place of the file is.
    func wrong(_ byte: Int, _ expected: String, _ found: String) -> DatasetError {
        .malformed(file: file, byte: byte, expected: expected, found: found)
    }
}
