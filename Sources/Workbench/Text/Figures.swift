import Foundation
import Graph

/// Numbers as people read them.
package enum Figures {
    /// What stands where a number does not apply.
    package static let none = "·"

    /// A whole number with a comma after every three digits: "1,853,680".
    package static func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// Three digits where there are as many: "0.05", "1.18", "94.4", "1153".
    package static func threeDigits(_ number: Double) -> String {
        let decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0
        return String(format: "%.\(decimals)f", number)
    }

    /// A count in millions: "25.1", "2.62".
    package static func millions(_ count: Int) -> String {
        let number = Double(count) / 1e6
        return String(format: number < 9.95 ? "%.2f" : "%.1f", number)
    }

    /// Bytes in KiB: "1,812", "0.45".
    package static func kibibytes(_ bytes: Int) -> String {
        let number = Double(bytes) / 1024
        return number < 999.5 ? threeDigits(number) : grouped(Int(number.rounded()))
    }

    /// Bits of a value: "8", or "fp" for float.
    package static func bits(_ bits: Int) -> String { bits == Quantization.float ? "fp" : "\(bits)" }

    /// A clip with at least one decimal: "6.0", "1.25".
    package static func clip(_ clip: Double) -> String {
        let text = String(format: "%.4g", clip)
        return text.contains(".") || text.contains("e") ? text : text + ".0"
    }

    /// Names as a sentence lists them: "T40, T41 and T02".
    package static func listed(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
