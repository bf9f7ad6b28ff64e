import Graph

/// Text in GitHub's Markdown. A literal is markup; whatever stands in it as a value is text and cannot become markup.
package struct Markdown: ExpressibleByStringInterpolation, Hashable, Sendable {
    /// The markup.
    package let text: String

    package init(stringLiteral value: String) { text = value }

    package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    /// Pieces with a separator between them.
    package init(_ pieces: [Markdown], separator: String = "") {
        text = pieces.map(\.text).joined(separator: separator)
    }

    /// The parts of a literal.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }

        /// A text, on one line and without markup.
        package mutating func appendInterpolation(_ value: String) { text += Markdown.escaped(value) }

        /// A whole number.
        package mutating func appendInterpolation(_ value: Int) { text += "\(value)" }

        /// Markup.
        package mutating func appendInterpolation(_ value: Markdown) { text += value.text }
    }

    /// The most characters of one text.
    private static let limit = 10_000

    /// A text as it stands in a line or a cell: marks, links, mentions and tags are none.
    package static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.oneLine(upTo: limit).unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "|", "~", "#", "!", "$": text += "\\\(scalar)"
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "@": text += "&#64;"
            default: text.unicodeScalars.append(scalar)
            }
        }
        // Addresses become links by themselves.
        return text.replacing("://", with: ":\\//").replacing("www.", with: "www\\.")
    }

    /// A text between backquotes: as many of them as it does not have itself.
    package static func code(_ value: String) -> Markdown {
        let line = value.oneLine(upTo: limit).replacing("|", with: "\\|")
        var longest = 0
        var run = 0
        for character in line {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let quotes = String(repeating: "`", count: longest + 1)
        let gap = line.hasPrefix("`") || line.hasSuffix("`") ? " " : ""
        return Markdown(stringLiteral: quotes + gap + line + gap + quotes)
    }
}
