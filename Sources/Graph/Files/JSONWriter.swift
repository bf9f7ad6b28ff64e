extension JSON {
    /// The document on one line, without spaces.
    public var compact: String {
        var text = ""
        write(to: &text)
        return text
    }

    /// The document with two spaces a level; lists of plain values stay on one line.
    public var pretty: String {
        var text = ""
        writePretty(to: &text, indent: "")
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let number): text += "\(number)"
        case .number(let number): text += "\(number)"
        case .string(let string): JSON.quote(string, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                JSON.quote(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private func writePretty(to text: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .array(let values) where values.contains(where: \.isContainer):
            text += "[\n"
            for (index, value) in values.enumerated() {
                text += inner
                value.writePretty(to: &text, indent: inner)
                text += index + 1 < values.count ? ",\n" : "\n"
            }
            text += indent + "]"
        case .object(let members) where !members.isEmpty:
            text += "{\n"
            for (index, member) in members.enumerated() {
                text += inner
                JSON.quote(member.key, to: &text)
                text += ": "
                member.value.writePretty(to: &text, indent: inner)
                text += index + 1 < members.count ? ",\n" : "\n"
            }
            text += indent + "}"
        case .null, .boolean, .integer, .number, .string, .array, .object: write(to: &text)
        }
    }

    private var isContainer: Bool {
        switch self {
        case .array, .object: true
        case .null, .boolean, .integer, .number, .string: false
        }
    }

    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        // Most texts are names and words, which stand for themselves.
        if string.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) {
            text += string
            text += "\""
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if scalar.isHidden {
                    for unit in String(scalar).utf16 {
                        let digits = String(unit, radix: 16)
                        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                    }
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}
