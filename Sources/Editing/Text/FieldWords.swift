package import Graph

/// Names of fields as people read them.
package enum FieldWords {
    /// "weightBits" as words: "weight bits".
    package static func title(_ name: String) -> String {
        if name == "quantizeLastFeature" { return "quantize last" }
        return name.reduce(into: "") { words, letter in
            words += letter.isUppercase ? " " + letter.lowercased() : String(letter)
        }
    }
}

extension FieldValue {
    /// The value as people read it: "on" for true.
    package var shown: String {
        switch self {
        case .flag(let isOn): isOn ? "on" : "off"
        case .unset: "unset"
        case .integer, .number, .choice, .integers: description
        }
    }
}

extension Analysis {
    /// The bits of most quantized layers, of weights and of results: "w8 a8"; "mixed" where no width of weights is that of
    /// more than half of them, "float" where none quantizes, and nothing without layers.
    package var bitsInUse: String {
        var weights: [Int: Int] = [:]
        var features: [Int: Int] = [:]
        for (node, facts) in zip(network.nodes, facts.nodes) where node.isQuantized {
            if let bits = facts.weightBits { weights[bits, default: 0] += 1 }
            if !facts.output.isFloat, facts.weightBits != nil { features[facts.output.bits, default: 0] += 1 }
        }
        if weights.keys.allSatisfy({ $0 == Quantization.float }), features.isEmpty {
            return network.nodes.isEmpty ? "" : "float"
        }
        func most(_ counts: [Int: Int]) -> (key: Int, value: Int)? {
            counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        }
        if let width = most(weights), width.value * 2 <= weights.values.reduce(0, +) { return "mixed" }
        return [most(weights).map { "w" + Figures.bits($0.key) }, most(features).map { "a\($0.key)" }]
            .compactMap { $0 }.joined(separator: " ")
    }
}
