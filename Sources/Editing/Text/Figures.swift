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
        return number < 999.5 ? threeDigits(number) : grouped(Int(held: number.rounded()))
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

    /// A number of about three digits with the letter of its size: "2.94M", "365.9k", "998".
    package static func short(_ number: Int) -> String { short(Double(number)) }

    /// A number of about three digits with the letter of its size: "2.94M", "1.31k", "0.5".
    package static func short(_ number: Double) -> String {
        guard number.isFinite else { return none }
        let sizes: [(Double, String)] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        for (size, letter) in sizes where abs(number) >= size * 0.9995 {
            let scaled = number / size
            return String(format: abs(scaled) < 9.995 ? "%.2f" : "%.1f", scaled) + letter
        }
        return number == number.rounded() ? "\(Int(held: number))" : String(format: "%.3g", number)
    }

    /// A change with its sign: "+38.9k", "-1.62M", "0".
    package static func signed(_ number: Int) -> String {
        number == 0 ? "0" : (number > 0 ? "+" : "-") + short(Int(clamping: number.magnitude))
    }

    /// Seconds in the two largest units: "8m 12s", "2h 5m", "41s".
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return none }
        let whole = Int(held: max(0, seconds).rounded())
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m \(whole % 60)s" }
        return whole < 86_400
            ? "\(whole / 3600)h \(whole / 60 % 60)m" : "\(whole / 86_400)d \(whole / 3600 % 24)h"
    }

    /// Noise in % of the signal, by amplitude, of a ratio in dB: 100 * 10^(-dB / 20).
    package static func noisePercent(ofDecibels decibels: Double) -> Double { 100 * pow(10, -decibels / 20) }

    /// Decibels with one decimal: "20.3".
    package static func decibels(_ number: Double) -> String { String(format: "%.1f", number) }

    /// A fraction of right answers in %, with one decimal: "92.3".
    package static func accuracy(_ fraction: Double) -> String { decibels(fraction * 100) }

    /// The same of a fraction that may not be known.
    package static func accuracy(ifKnown fraction: Double?) -> String {
        fraction.map { accuracy($0) } ?? none
    }

    /// A difference with its sign and one decimal: "-1.3", "+0.0".
    package static func signed(_ number: Double) -> String { (number < 0 ? "" : "+") + decibels(number) }

    /// Three digits that count: "0.0420", "4.00", "-0.33".
    package static func significant(_ number: Double) -> String {
        guard number.isFinite else { return none }
        guard number != 0 else { return "0" }
        let size = abs(number)
        if size >= 1e5 || size < 1e-4 { return scientific(number) }
        let decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4
        return String(format: "%.\(decimals)f", number)
    }

    /// Two digits and a power of ten: "1.2e-4".
    package static func scientific(_ number: Double, decimals: Int = 1) -> String {
        guard number.isFinite else { return none }
        guard number != 0 else { return "0" }
        let parts = String(format: "%.\(decimals)e", number).split(separator: "e")
        return parts.count == 2 ? "\(parts[0])e\(Int(parts[1]) ?? 0)" : "\(number)"
    }

    /// A fraction that may not be known, with the sign: "27%".
    package static func percentage(ifKnown fraction: Double?) -> String {
        fraction.map { percent($0) + "%" } ?? none
    }

    /// A fraction in %: "0.02", "27", "100".
    package static func percent(_ fraction: Double) -> String {
        guard fraction.isFinite else { return none }
        let number = fraction * 100
        if number == 0 { return "0" }
        return number < 0.005
            ? "<0.01"
            : number < 0.995
                ? String(format: "%.2f", number)
                : number < 9.95 ? String(format: "%.1f", number) : String(format: "%.0f", number)
    }

    /// A label of an axis: the number with as many digits as it needs, large ones with a letter.
    package static func tick(_ number: Double) -> String {
        guard number.isFinite else { return none }
        if number == 0 { return "0" }
        if abs(number) >= 1e4 {
            return trimmed(String(format: "%.4g", number / (abs(number) >= 1e6 ? 1e6 : 1e3)), number)
        }
        if abs(number) < 1e-3 { return scientific(number) }
        let text = String(format: "%.4g", number)
        return text
    }

    private static func trimmed(_ text: String, _ number: Double) -> String {
        text + (abs(number) >= 1e6 ? "M" : "k")
    }

    /// A number with so many decimals: "0.40", "-12".
    package static func fixed(_ number: Double, decimals: Int) -> String {
        String(format: "%.\(decimals)f", number)
    }

    /// The number whose logarithm an axis shows, in two digits: "0.01", "2", "0.62", "350", "10^5".
    package static func power(_ exponent: Double) -> String {
        guard exponent.isFinite, abs(exponent) < 300 else { return none }
        let whole = exponent.rounded()
        if abs(exponent - whole) < 1e-6, abs(whole) > 3 { return "10^\(Int(held: whole))" }
        let number = pow(10, exponent)
        if number < 0.000_995 || number >= 9950 { return scientific(number) }
        // %g would turn hundreds into powers of ten.
        let unit = number >= 995 ? 100.0 : 10.0
        return number >= 99.5
            ? String(format: "%.0f", (number / unit).rounded() * unit) : String(format: "%.2g", number)
    }

    /// Powers of ten by their exponents in one form for all: plain numbers, else powers where all exponents are whole, else with
    /// exponents.
    package static func powers(_ exponents: [Double]) -> [String] {
        let plain = exponents.map(power)
        guard plain.contains(where: { $0.contains("^") || $0.contains("e") }) else { return plain }
        let areWhole = exponents.allSatisfy { abs($0 - $0.rounded()) < 1e-6 }
        return zip(exponents, plain).map { exponent, text in
            guard exponent.isFinite, abs(exponent) < 300 else { return text }
            guard areWhole else { return scientific(pow(10, exponent)).replacing(".0e", with: "e") }
            let whole = Int(held: exponent.rounded())
            return whole == 0 ? "1" : whole == 1 ? "10" : "10^\(whole)"
        }
    }
}

/// Logarithms for axes.
package enum Logarithm {
    /// To the base of ten.
    package static func ten(_ number: Double) -> Double { log10(number) }

    /// A power of ten.
    package static func count(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

    /// The largest power of ten that is not above a number.
    package static func power(of number: Double) -> Double { pow(10, floor(log10(number))) }

    /// The logarithm of the next number that two digits can write.
    package static func twoDigits(_ exponent: Double, rounded rule: FloatingPointRoundingRule) -> Double {
        let whole = floor(exponent)
        return whole + log10((pow(10, exponent - whole) * 10).rounded(rule) / 10)
    }
}
