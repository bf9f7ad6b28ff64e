/// Damages the bytes of a file whose format has numbers at certain places: lengths, offsets and marks.
struct ByteMutator {
    var random: SeededGenerator
    /// What the format is made of.
    let tokens: [[UInt8]]

    /// The bytes with one more thing wrong with them.
    mutating func mutate(_ bytes: inout [UInt8]) {
        let place = place(in: bytes.count)
        switch random.below(12) {
        case 0:
            for _ in 0...random.below(4) where !bytes.isEmpty {
                bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
            }
        case 1, 2:
            overwrite([random.pick([0, 1, 0x7F, 0x80, 0xFF, UInt8(random.below(256))])], at: place, &bytes)
        case 3: bytes.removeLast(random.below(bytes.count + 1))
        case 4: bytes.removeSubrange(random.range(in: bytes.count))
        case 5: bytes.insert(contentsOf: bytes[random.range(in: bytes.count)], at: place)
        case 6: overwrite(Array(bytes[random.range(in: bytes.count)]), at: place, &bytes)
        case 7, 8: overwrite(number(), at: place, &bytes)
        case 9: bytes.insert(contentsOf: number(), at: place)
        case 10: bytes.insert(contentsOf: random.pick(tokens), at: place)
        default: overwrite(random.pick(tokens), at: place, &bytes)
        }
    }

    /// A place anywhere, or near the begin or the end, where formats keep their numbers.
    private mutating func place(in count: Int) -> Int {
        switch random.below(3) {
        case 0: random.below(min(count, 64) + 1)
        case 1: count - random.below(min(count, 256) + 1)
        default: random.below(count + 1)
        }
    }

    private func overwrite(_ new: [UInt8], at place: Int, _ bytes: inout [UInt8]) {
        bytes.replaceSubrange(place..<min(bytes.count, place + new.count), with: new)
    }

    /// A number at the limits: of 2, 4 or 8 bytes, low byte first, or as protocol buffers have it.
    private mutating func number() -> [UInt8] {
        let value = UInt64(bitPattern: Int64(random.pick(NastyValues.integers)))
        let count = random.pick([0, 2, 4, 8])
        guard count > 0 else { return WireField.varint(value) }
        return (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}
