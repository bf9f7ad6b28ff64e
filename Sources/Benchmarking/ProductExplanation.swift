import Editing
import QAT

/// How the products of a program are computed, and what other methods take.
struct ProductExplanation {
    private let choices: [ProductChoice]

    init(_ choices: [ProductChoice]) { self.choices = choices }

    /// A line for each product: its multiplications and sums of pixels of the map a second, and their share of what the
    /// machine reaches with such factors.
    func text(rates: MachineRates) -> String {
        choices.map { line($0, rates.operations[$0.factors]) }.joined(separator: "\n")
    }

    private func line(_ choice: ProductChoice, _ peak: Double?) -> String {
        var words = "\(choice.layer): \(choice.product): \(choice.method.rawValue)"
        guard let time = choice.milliseconds[choice.method] else { return words }
        let rate = choice.operations / time * 1000
        words += ", \(Figures.threeDigits(time)) ms, \(Figures.threeDigits(rate / 1e9)) G/s"
        if let peak { words += ", \(Figures.threeDigits(100 * rate / peak)) % of the machine's" }
        let others = ProductMethod.allCases.compactMap { method -> String? in
            guard method != choice.method, let time = choice.milliseconds[method], time.isFinite else {
                return nil
            }
            return "\(method.rawValue) \(Figures.threeDigits(time))"
        }
        return others.isEmpty ? words : words + "; " + others.joined(separator: ", ")
    }
}
