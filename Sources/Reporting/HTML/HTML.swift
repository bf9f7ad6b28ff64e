import Graph

/// Text in HTML. A literal is markup; whatever stands in it as a value is text and cannot become markup:
/// `"<td>\(name)</td>"`.
package struct HTML: ExpressibleByStringInterpolation, Hashable, Sendable {
    /// The markup.
    package let text: String

    package init(stringLiteral value: String) { text = value }

    package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    /// Pieces one behind the other.
    package init(_ pieces: [HTML]) { text = pieces.map(\.text).joined() }

    /// The parts of a literal.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }

        /// A text, on one line and without markup.
        package mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }

        /// A whole number.
        package mutating func appendInterpolation(_ value: Int) { text += "\(value)" }

        /// A coordinate, in tenths.
        package mutating func appendInterpolation(_ value: Double) { text += HTML.coordinate(value) }

        /// Markup.
        package mutating func appendInterpolation(_ value: HTML) { text += value.text }

        /// Markup, piece by piece.
        package mutating func appendInterpolation(_ values: [HTML]) {
            for value in values { text += value.text }
        }
    }

    /// The most characters of one text.
    private static let limit = 10_000

    /// A text as it stands between tags and in quotes: what a browser or an editor would obey is written out.
    package static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.oneLine(upTo: limit).unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// A number with at most one decimal, as pictures have them: "12.5", "3", "-0.4".
    package static func coordinate(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let size = abs(tenths)
        return size % 10 == 0 ? "\(sign)\(size / 10)" : "\(sign)\(size / 10).\(size % 10)"
    }
}
