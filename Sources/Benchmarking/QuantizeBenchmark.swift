import Editing
package import Graph
import QAT

/// Measures the quantizers alone, beside a plain copy.
package struct QuantizeBenchmark {
    private let bits: Int
    private let count: Int
    private let found: [QuantizerBench.Measurement]

    /// Rounds of so many thousand values, of which the best counts; whole rows of 64 channels.
    package init(bits: Int, thousands: Int, rounds: Int) {
        self.bits = bits
        count = (thousands * 1000 + 63) / 64 * 64
        found = QuantizerBench.measure(bits: bits, count: count, rounds: rounds)
    }

    package var json: JSON {
        .object([
            .init("bits", .integer(bits)), .init("values", .integer(count)),
            .init("threads", .integer(Engine.threads)),
            .init(
                "valuesPerSecond",
                .object(found.map { JSON.Member($0.name, .number($0.valuesPerSecond)) })),
        ])
    }

    package var text: String {
        let copy = found.first?.valuesPerSecond ?? 1
        return found.map { measurement in
            let name = measurement.name + String(repeating: " ", count: max(1, 14 - measurement.name.count))
            let rate = Figures.threeDigits(measurement.valuesPerSecond / 1e9)
            let ratio = Figures.threeDigits(copy / measurement.valuesPerSecond)
            return "\(name)\(rate) billion values/s, \(ratio) x a copy"
        }.joined(separator: "\n")
    }
}
