/// Damages the text of a file: bytes, and whole tokens of JSON.
package struct TextMutator {
    var random: SeededGenerator

    /// Damages by the numbers of a generator.
    package init(random: SeededGenerator) { self.random = random }

    /// The text with one more thing wrong with it, or changed in a way that may be right.
    package mutating func mutate(_ bytes: inout [UInt8]) {
        switch random.below(12) {
        case 0: flipBits(&bytes)
        case 1: bytes.insert(contentsOf: noise(), at: random.below(bytes.count + 1))
        case 2: bytes.removeSubrange(random.range(in: bytes.count))
        case 3: duplicate(&bytes)
        case 4: bytes.removeLast(random.below(bytes.count + 1))
        case 5: nest(&bytes)
        case 6: dropSign(&bytes)
        case 7, 8: replaceNumber(&bytes)
        default: replaceText(&bytes)
        }
    }

    private mutating func flipBits(_ bytes: inout [UInt8]) {
        for _ in 0...random.below(4) where !bytes.isEmpty {
            bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
        }
    }

    private mutating func noise() -> [UInt8] {
        if random.once(in: 2) { return Array(random.pick(NastyValues.texts).utf8.prefix(300)) }
        return (0...random.below(20)).map { _ in UInt8(random.below(256)) }
    }

    private mutating func duplicate(_ bytes: inout [UInt8]) {
        let copy = bytes[random.range(in: bytes.count)]
        bytes.insert(contentsOf: copy, at: random.below(bytes.count + 1))
    }

    private mutating func nest(_ bytes: inout [UInt8]) {
        let depth = random.pick([1, 63, 64, 65, 66, 1000, 100_000])
        let opening = random.pick(["[", "{\"a\":", "[[{\"layers\":["])
        bytes.insert(
            contentsOf: Array(String(repeating: opening, count: depth).utf8),
            at: random.below(bytes.count + 1))
    }

    private mutating func dropSign(_ bytes: inout [UInt8]) {
        let signs = bytes.indices.filter { "{}[]\":,".utf8.contains(bytes[$0]) }
        guard !signs.isEmpty else { return }
        let place = random.pick(signs)
        if random.once(in: 2) {
            bytes.remove(at: place)
        } else {
            bytes[place] = random.pick(Array("{}[]\":, ".utf8))
        }
    }

    private mutating func replaceNumber(_ bytes: inout [UInt8]) {
        let isNumeric = { (byte: UInt8) in "0123456789+-.eE".utf8.contains(byte) }
        let starts = bytes.indices.filter {
            $0 > 0 && isNumeric(bytes[$0]) && ":,[ ".utf8.contains(bytes[$0 - 1])
        }
        guard !starts.isEmpty else { return }
        let start = random.pick(starts)
        let end = bytes[start...].firstIndex { !isNumeric($0) } ?? bytes.endIndex
        bytes.replaceSubrange(start..<end, with: Array(random.pick(NastyValues.numbers).utf8))
    }

    private mutating func replaceText(_ bytes: inout [UInt8]) {
        let quotes = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\"") }
        guard quotes.count > 1 else { return }
        let first = random.below(quotes.count - 1)
        let inside = quotes[first] + 1..<quotes[first + 1]
        let replacement: [UInt8] =
            random.once(in: 2) ? Array(random.pick(NastyValues.escaped).utf8) : misspelt(Array(bytes[inside]))
        bytes.replaceSubrange(inside, with: replacement)
    }

    private mutating func misspelt(_ word: [UInt8]) -> [UInt8] {
        var word = word
        guard !word.isEmpty else { return [UInt8(ascii: "x")] }
        let place = random.below(word.count)
        switch random.below(4) {
        case 0: word.remove(at: place)
        case 1: word.insert(word[place], at: place)
        case 2: word.swapAt(place, word.count - 1)
        default: word[place] = UInt8(ascii: "a") + UInt8(random.below(26))
        }
        return word
    }
}

/// Values at the edges of what a file can say, and beyond.
enum NastyValues {
    /// Numbers as JSON has them, and as it does not.
    static let numbers = [
        "0", "-0", "-1", "1", "2", "3", "7", "31", "32", "33", "63", "64", "65", "256", "4096", "65535",
        "65536", "65537",
        "16777216", "268435456", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "0.5",
        "1.0", "-0.0",
        "1e2", "1E+308", "1e309", "-1e400", "1e-400", "4.9e-324", "1e99999999999", "00", "01", "1.", ".5",
        "+1", "--1", "0x10",
        "1e", "NaN", "Infinity", "true", "null", String(repeating: "9", count: 400),
    ]

    /// Whole numbers around the limits of fields and shapes.
    static let integers = [
        Int.min, -65536, -2, -1, 0, 1, 2, 3, 4, 5, 7, 8, 10, 12, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 100,
        128, 129,
        256, 512, 513, 1024, 4096, 16384, 65535, 65536, 65537, 1 << 24, 1 << 28, 1 << 31, 1 << 32, 1 << 62,
        Int.max,
    ]

    /// Texts that names, notes and messages may have to carry.
    static let texts = [
        "", " ", "a", "\u{0}", "\n", "\t", "\u{1B}[31mred", "\u{7F}", "\u{85}", "\u{2028}", "\u{202E}evil",
        "\u{FEFF}",
        "e\u{301}", "\u{E9}", "\u{301}", "\u{D4E}", "a\u{D4E}", "\u{1F468}\u{200D}\u{1F469}", "\u{10FFFF}",
        "[", "]", "a[1]",
        "conv0[1]", "conv0[01]", "conv0[9999]", "conv0[10000]", "conv0[-1]", "conv0[]", "a=b", "*", "\\",
        "\"", "'", "layers",
        "T40", "t40", "Conv2D", "FullyConnected", "conv2d", "unset", "none", "None", "NaN", "image",
        String(repeating: "x", count: 64), String(repeating: "x", count: 65),
        String(repeating: "\u{301}", count: 400),
        String(repeating: "long ", count: 20_000),
    ]

    /// The inside of a JSON text, with good and bad escapes.
    static let escaped =
        [
            "\\u0041", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\ud83d\\u0041", "\\uD83D\\uDE0", "\\u00",
            "\\x41", "\\", "\\\\",
            "\\\"", "\\/", "\\b\\f\\n\\r\\t", "\\u0000", "\\u001b[2J", "\\uFFFF", "a\\u200Bb",
        ] + texts
}
