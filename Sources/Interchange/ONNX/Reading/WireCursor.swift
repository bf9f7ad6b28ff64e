/// Steps through the fields of a message of protocol buffers as they lie in a file, without decoding it.
struct WireCursor {
    /// One field: its number, and where in the file it and its content lie.
    struct Field {
        var number: Int
        /// Whether the content is a message, text or bytes.
        var isDelimited: Bool
        /// All of the field, its key included.
        var whole: Range<Int>
        /// The content alone.
        var content: Range<Int>
    }

    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int

    /// A cursor over the message that lies at `range`.
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field, or nil at the end of the message.
    mutating func next() throws(ONNXError) -> Field? {
        guard position < end else { return nil }
        let begin = position
        let key = try varint()
        let number = Int(clamping: key >> 3)
        guard number > 0 else { throw .malformed(at: begin) }
        let content: Range<Int>
        switch key & 7 {
        case 0:
            let start = position
            _ = try varint()
            content = start..<position
        case 1: content = try skip(8)
        case 2: content = try skip(try length())
        case 5: content = try skip(4)
        default: throw .malformed(at: begin)
        }
        return Field(number: number, isDelimited: key & 7 == 2, whole: begin..<position, content: content)
    }

    private mutating func length() throws(ONNXError) -> Int {
        let start = position
        guard let length = Int(exactly: try varint()), length <= end - position else {
            throw .cut(at: start)
        }
        return length
    }

    private mutating func skip(_ count: Int) throws(ONNXError) -> Range<Int> {
        guard count <= end - position else { throw .cut(at: position) }
        position += count
        return position - count..<position
    }

    private mutating func varint() throws(ONNXError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < end else { throw .cut(at: position) }
            let byte = UInt64(bytes[position])
            position += 1
            value |= shift < 64 ? (byte & 0x7f) << shift : 0
            if byte < 0x80 { return value }
        }
        throw .malformed(at: position)
    }
}

extension [UInt8] {
    /// Appends a field that is a message, text or bytes.
    mutating func append(field number: Int, _ content: some Collection<UInt8>) {
        append(varint: UInt64(number) << 3 | 2)
        append(varint: UInt64(content.count))
        append(contentsOf: content)
    }

    private mutating func append(varint: UInt64) {
        var left = varint
        while left >= 0x80 {
            append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        append(UInt8(left))
    }
}
