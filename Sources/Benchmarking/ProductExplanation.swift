import Editing
import QAT

/// How the products of a program are computed, and what other methods take.
struct ProductExplanation {
    private let choices: [ProductChoice]

    init(_ choices: [ProductChoice]) { self.choices = choices }

    /// A line for each product; `peak` is what the machine multiplies and sums in a second.
    func text(peak: Double) -> String {
        let header =
            "single precision reaches \(Figures.threeDigits(peak / 1e9)) GFLOP/s in a matrix product; "
            + "products with what lies outside the map count in full"
        return ([header] + choices.map { line($0, peak) }).joined(separator: "\n")
    }

    private func line(_ choice: ProductChoice, _ peak: Double) -> String {
        var words = "\(choice.layer): \(choice.product): \(choice.method.rawValue)"
        guard let time = choice.milliseconds[choice.method] else { return words }
        let rate = choice.operations / time * 1000
        words +=
            ", \(Figures.threeDigits(time)) ms, \(Figures.threeDigits(rate / 1e9)) GFLOP/s, "
            + "\(Figures.threeDigits(100 * rate / peak)) % of the peak"
        let others = ProductMethod.allCases.compactMap { method -> String? in
            guard method != choice.method, let time = choice.milliseconds[method], time.isFinite else {
                return nil
            }
            return "\(method.rawValue) \(Figures.threeDigits(time))"
        }
        return others.isEmpty ? words : words + "; " + others.joined(separator: ", ")
    }
}
