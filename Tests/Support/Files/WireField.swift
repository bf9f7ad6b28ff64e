/// A field of a message of protocol buffers, taken apart so that it can be changed and put together again.
struct WireField {
    /// What a field holds.
    enum Content {
        case varint(UInt64)
        /// 4 or 8 bytes.
        case fixed([UInt8])
        /// Text, bytes or packed numbers.
        case bytes([UInt8])
        case message([WireField])
    }

    var number: Int
    var content: Content

    init(_ number: Int, _ content: Content) { (self.number, self.content) = (number, content) }

    /// A whole number.
    init(_ number: Int, _ value: Int) { self.init(number, .varint(UInt64(bitPattern: Int64(value)))) }
    /// A text.
    init(_ number: Int, _ text: String) { self.init(number, .bytes(Array(text.utf8))) }
    /// A message.
    init(_ number: Int, _ fields: [WireField]) { self.init(number, .message(fields)) }

    /// The bytes of fields one after the other.
    static func encoded(_ fields: [WireField]) -> [UInt8] {
        fields.flatMap { field -> [UInt8] in
            let key = UInt64(truncatingIfNeeded: field.number) << 3
            switch field.content {
            case .varint(let value): return varint(key) + varint(value)
            case .fixed(let bytes): return varint(key | (bytes.count == 4 ? 5 : 1)) + bytes
            case .bytes(let bytes): return varint(key | 2) + varint(UInt64(bytes.count)) + bytes
            case .message(let fields):
                let bytes = encoded(fields)
                return varint(key | 2) + varint(UInt64(bytes.count)) + bytes
            }
        }
    }

    /// The fields of a message; nil where the bytes are none. What looks like a message is taken for one.
    static func decoded(_ bytes: ArraySlice<UInt8>, depth: Int = 0) -> [WireField]? {
        var fields: [WireField] = []
        var rest = bytes
        while !rest.isEmpty {
            guard let key = readVarint(&rest), key >> 3 > 0, key >> 3 < 1 << 29 else { return nil }
            let content: Content
            switch key & 7 {
            case 0:
                guard let value = readVarint(&rest) else { return nil }
                content = .varint(value)
            case 1, 5:
                let count = key & 7 == 1 ? 8 : 4
                guard rest.count >= count else { return nil }
                content = .fixed(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            case 2:
                guard let length = readVarint(&rest), length <= UInt64(rest.count) else { return nil }
                let body = rest.prefix(Int(length))
                rest = rest.dropFirst(Int(length))
                if depth < 8, !body.isEmpty, let inner = decoded(body, depth: depth + 1),
                    encoded(inner).elementsEqual(body)
                {
                    content = .message(inner)
                } else {
                    content = .bytes(Array(body))
                }
            default: return nil
            }
            fields.append(WireField(Int(key >> 3), content))
        }
        return fields
    }

    /// A number, seven bits a byte.
    static func varint(_ value: UInt64) -> [UInt8] {
        var (bytes, left): ([UInt8], UInt64) = ([], value)
        while left >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        return bytes + [UInt8(left)]
    }

    private static func readVarint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}

/// Changes what a message says, and leaves all lengths right: damage that gets past the decoder.
struct WireMutator {
    var random: SeededGenerator
    /// Texts that mean something in the format.
    let words: [[UInt8]]

    /// The message with one field changed, removed, doubled, moved or nested.
    mutating func mutate(_ fields: inout [WireField]) {
        var place = random.below(WireMutator.count(fields))
        _ = change(&fields, &place)
    }

    private static func count(_ fields: [WireField]) -> Int {
        fields.reduce(0) { sum, field in
            if case .message(let inner) = field.content { return sum + 1 + count(inner) }
            return sum + 1
        }
    }

    private mutating func change(_ fields: inout [WireField], _ place: inout Int) -> Bool {
        for index in fields.indices {
            if place == 0 {
                apply(&fields, index)
                return true
            }
            place -= 1
            if case .message(var inner) = fields[index].content, change(&inner, &place) {
                fields[index].content = .message(inner)
                return true
            }
        }
        return false
    }

    private mutating func apply(_ fields: inout [WireField], _ index: Int) {
        switch random.below(16) {
        case 0: fields.remove(at: index)
        case 1: fields.insert(fields[index], at: random.below(fields.count + 1))
        case 2: fields.swapAt(index, random.below(fields.count))
        case 3: fields[index].number = random.below(20) + 1
        case 4: fields[index].content = fields[random.below(fields.count)].content
        case 5 where random.once(in: 8):
            for _ in 0..<random.pick([1, 30, 101, 5000]) {
                fields[index] = WireField(fields[index].number, [fields[index]])
            }
        default: fields[index].content = changed(fields[index].content)
        }
    }

    private mutating func changed(_ content: WireField.Content) -> WireField.Content {
        switch content {
        case .varint: return .varint(UInt64(bitPattern: Int64(random.pick(NastyValues.integers))))
        case .fixed(let bytes):
            let value = random.pick(NastyValues.floats)
            let bits = bytes.count == 4 ? UInt64(Float(value).bitPattern) : value.bitPattern
            return .fixed(bytes.indices.map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) })
        case .bytes(var bytes):
            // Whole numbers of a tensor.
            if bytes.count.isMultiple(of: 8), !bytes.isEmpty, random.once(in: 2) {
                let place = random.below(bytes.count / 8) * 8
                let number = Int64(random.pick(NastyValues.integers))
                bytes.replaceSubrange(place..<place + 8, with: littleEndian([number]))
                return .bytes(bytes)
            }
            if random.once(in: 2) { return .bytes(random.pick(words)) }
            var mutator = ByteMutator(random: SeededGenerator(seed: random.next()), tokens: words)
            mutator.mutate(&bytes)
            return .bytes(bytes)
        case .message(let fields):
            var bytes = WireField.encoded(fields)
            if random.once(in: 2) { return .bytes(random.pick(words)) }
            var mutator = ByteMutator(random: SeededGenerator(seed: random.next()), tokens: words)
            mutator.mutate(&bytes)
            return .bytes(bytes)
        }
    }
}

extension NastyValues {
    /// Numbers around the limits of floats.
    static let floats: [Double] = [
        0, -0.0, 1, -1, 0.5, 2, 3, 255, 256, 65536, 1e10, 1e19, -1e19, 1e38, 1e39, 1e-38, 1e-46, .infinity,
        -.infinity,
        .nan,
    ]
}
