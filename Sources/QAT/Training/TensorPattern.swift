import Graph

/// Names tensors of a network: all of the layers that a pattern stands for ("conv*"), or single ones by the name that files
/// have ("conv*.bias", "*.logClip").
public struct TensorPattern: Hashable, Sendable {
    /// The pattern, as typed.
    public let text: String

    /// The pattern of a text.
    public init(_ text: String) { self.text = text }

    /// Whether each tensor is named, in the order of a layout's parameters.
    func selection(in layout: ParameterLayout) -> [Bool] {
        let glob = Glob(text)
        return layout.parameters.map { glob.matches($0.layer) || glob.matches($0.name) }
    }
}

/// Tensors that are learned at a multiple of the rate.
public struct TensorRate: Hashable, Sendable {
    /// The tensors.
    public var pattern: TensorPattern
    /// What the rate is multiplied with; above 0.
    public var factor: Double

    /// Another rate for some tensors.
    public init(_ pattern: TensorPattern, factor: Double) {
        self.pattern = pattern
        self.factor = factor
    }

    /// A pattern, "=" and a factor; nil where the text is none.
    public init?(_ text: String) {
        guard let sign = text.lastIndex(of: "="), sign > text.startIndex,
            let factor = Double(text[text.index(after: sign)...]), factor > 0, factor.isFinite
        else { return nil }
        self.init(TensorPattern(String(text[..<sign])), factor: factor)
    }
}

extension TrainingPlan {
    /// What the rate is multiplied with, for each tensor in the order of a layout's parameters; 0 where it is frozen.
    func rateFactors(in layout: ParameterLayout) -> [Double] {
        var factors = [Double](repeating: 1, count: layout.parameters.count)
        for rate in rates {
            for (index, isNamed) in rate.pattern.selection(in: layout).enumerated() where isNamed {
                factors[index] = rate.factor
            }
        }
        for pattern in frozen {
            for (index, isNamed) in pattern.selection(in: layout).enumerated() where isNamed {
                factors[index] = 0
            }
        }
        return factors
    }

    /// Throws where a pattern names no tensor, or nothing is left to learn.
    func checkPatterns(in layout: ParameterLayout) throws(TrainingError) {
        let named = frozen.map { ("--freeze", $0) } + rates.map { ("--rate", $0.pattern) }
        for (option, pattern) in named where !pattern.selection(in: layout).contains(true) {
            let layers = Set(layout.parameters.map(\.layer))
            let names = layers.union(layout.parameters.map(\.name))
            throw .mismatch(
                "\(option): no layer that learns, and no tensor, is named '\(pattern.text.oneLine(upTo: 64))'"
                    + didYouMean(pattern.text, among: names.sorted()))
        }
        if !layout.parameters.isEmpty, rateFactors(in: layout).allSatisfy({ $0 == 0 }) {
            throw .mismatch("--freeze leaves nothing to learn")
        }
    }
}
