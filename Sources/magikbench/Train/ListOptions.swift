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

/// Whole numbers with commas between them.
struct IntegerList: ExpressibleByArgument {
    let values: [Int]

    init?(argument: String) {
        let values = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard !values.contains(nil), !values.isEmpty else { return nil }
        self.values = values.compactMap { $0 }
    }

    /// The value of a stage; one value is that of all.
    func value(at index: Int) -> Int { values.count == 1 ? values[0] : values[index] }
}

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument {
    let values: [Double]

    init?(argument: String) {
        let values = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        guard !values.contains(nil), !values.isEmpty else { return nil }
        self.values = values.compactMap { $0 }
    }

    /// The value of a stage; one value is that of all.
    func value(at index: Int) -> Double { values.count == 1 ? values[0] : values[index] }
}
