/// Why a field does not take a value.
public enum FieldError: Error, Hashable, Sendable {
    /// Below the least value.
    case below(String, least: String)
    /// Above the greatest value.
    case above(String, greatest: String)
    /// Not one of the words or widths that the field takes.
    case notOneOf(String, [String])
    /// Another kind of value than the field takes.
    case kind(String, expected: String)
    /// A list with too few or too many entries.
    case count(Int, ClosedRange<Int>)
}

extension FieldError: CustomStringConvertible {
    /// What is wrong and what would be right.
    public var description: String {
        switch self {
        case .below(let value, let least): "\(value) is below \(least)"
        case .above(let value, let greatest): "\(value) is above \(greatest)"
        case .notOneOf(let value, let words):
            "\(quoted(value)) is not one of \(words.joined(separator: ", "))"
                + didYouMean(value, among: words)
        case .kind(let value, let expected): "\(value.oneLine(upTo: 64)) is not \(expected)"
        case .count(let found, let range):
            "has \(counted(found, "entry", plural: "entries")), takes \(range.lowerBound) to \(range.upperBound)"
        }
    }
}

extension FieldKind {
    /// What the field takes, in words: "1 to 16", "on or off".
    public var range: String {
        switch self {
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .optionalInteger(let range): "\(range.lowerBound) to \(range.upperBound), or unset"
        case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .choice(let words): words.joined(separator: ", ")
        case .bits(let widths): widths.map(String.init).joined(separator: ", ")
        case .optionalBits(let widths): widths.map(String.init).joined(separator: ", ") + ", or unset"
        case .integers(let count, let each):
            "\(count.lowerBound) to \(count.upperBound) numbers, each \(each.lowerBound) to \(each.upperBound)"
        }
    }

    /// The value itself where the field takes it; throws why it does not.
    public func validated(_ value: FieldValue) throws(FieldError) -> FieldValue {
        switch (self, value) {
        case (.integer(let range), .integer(let number)), (.optionalInteger(let range), .integer(let number)):
            return .integer(try held(number, range))
        case (.number(let range), .integer(let number)): return .number(try held(Double(number), range))
        case (.number(let range), .number(let number)) where number.isFinite:
            return .number(try held(number, range))
        case (.flag, .flag), (.optionalInteger, .unset), (.optionalBits, .unset): return value
        case (.choice(let words), .choice(let word)):
            guard words.contains(word) else { throw .notOneOf(word, words) }
            return value
        case (.bits(let widths), .integer(let width)), (.optionalBits(let widths), .integer(let width)):
            guard widths.contains(width) else { throw .notOneOf("\(width)", widths.map(String.init)) }
            return value
        case (.integers(let count, let each), .integers(let numbers)):
            guard count.contains(numbers.count) else { throw .count(numbers.count, count) }
            for number in numbers { _ = try held(number, each) }
            return value
        case (.integer, _), (.optionalInteger, _), (.number, _), (.flag, _), (.choice, _), (.bits, _),
            (.optionalBits, _), (.integers, _):
            throw .kind("\(value)", expected: expectation)
        }
    }

    /// The value that a word of a command line stands for.
    public func parsed(_ text: String) throws(FieldError) -> FieldValue {
        switch self {
        case .integer, .bits:
            guard let number = Int(text) else { throw .kind("'\(text)'", expected: expectation) }
            return try validated(.integer(number))
        case .optionalInteger, .optionalBits:
            if text == "unset" { return .unset }
            guard let number = Int(text) else { throw .kind("'\(text)'", expected: expectation) }
            return try validated(.integer(number))
        case .number:
            guard let number = Double(text), number.isFinite else {
                throw .kind("'\(text)'", expected: expectation)
            }
            return try validated(.number(number))
        case .flag:
            switch text {
            case "true", "on", "yes": return .flag(true)
            case "false", "off", "no": return .flag(false)
            default: throw .kind("'\(text)'", expected: expectation)
            }
        case .choice(let words):
            return try validated(.choice(words.first { $0.lowercased() == text.lowercased() } ?? text))
        case .integers:
            let bare = text.drop { $0 == "[" }
            let parts = (bare.hasSuffix("]") ? bare.dropLast() : bare).split(separator: ",")
            var numbers: [Int] = []
            for part in parts {
                guard let number = Int(part.filter { $0 != " " }) else {
                    throw .kind("'\(text)'", expected: expectation)
                }
                numbers.append(number)
            }
            return try validated(.integers(numbers))
        }
    }

    private var expectation: String {
        switch self {
        case .integer: "a whole number"
        case .optionalInteger: "a whole number or unset"
        case .number: "a number"
        case .flag: "true or false"
        case .choice: "a word"
        case .bits: "a number of bits"
        case .optionalBits: "a number of bits or unset"
        case .integers: "a list of whole numbers"
        }
    }
}

private func held<Number: Comparable>(
    _ number: Number, _ range: ClosedRange<Number>
) throws(FieldError) -> Number {
    if number < range.lowerBound { throw .below("\(number)", least: "\(range.lowerBound)") }
    if number > range.upperBound { throw .above("\(number)", greatest: "\(range.upperBound)") }
    return number
}

extension FieldValue: CustomStringConvertible {
    /// The value as a command line or an inspector writes it.
    public var description: String {
        switch self {
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .flag(let isOn): isOn ? "true" : "false"
        case .choice(let word): word
        case .integers(let numbers): "[" + numbers.map(String.init).joined(separator: ",") + "]"
        case .unset: "unset"
        }
    }
}

/// A number with its noun, for nouns with a plural of their own.
public func counted(_ count: Int, _ noun: String, plural: String) -> String {
    "\(count) \(count == 1 ? noun : plural)"
}
