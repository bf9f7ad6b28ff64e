import ArgumentParser
import QAT

/// Patterns of tensors with commas between them.
struct TensorNames: ExpressibleByArgument {
    let patterns: [TensorPattern]

    init?(argument: String) {
        let texts = argument.split(separator: ",", omittingEmptySubsequences: false)
        guard !texts.contains("") else { return nil }
        patterns = texts.map { TensorPattern(String($0)) }
    }
}

/// Patterns of tensors, each with "=" and the factor of its rate, and commas between them.
struct TensorRates: ExpressibleByArgument {
    let rates: [TensorRate]

    init?(argument: String) {
        let texts = argument.split(separator: ",", omittingEmptySubsequences: false)
        rates = texts.compactMap { TensorRate(String($0)) }
        guard rates.count == texts.count else { return nil }
    }
}

/// Numbers with commas between them.
struct CommaList<Value: LosslessStringConvertible>: ExpressibleByArgument {
    let values: [Value]

    init?(argument: String) {
        let texts = argument.split(separator: ",", omittingEmptySubsequences: false)
        values = texts.compactMap { Value(String($0)) }
        guard values.count == texts.count else { return nil }
    }

    /// The value of a stage; one value is that of all.
    func value(at index: Int) -> Value { values.count == 1 ? values[0] : values[index] }
}

/// Whole numbers.
typealias IntegerList = CommaList<Int>

/// Numbers with fractions.
typealias NumberList = CommaList<Double>
