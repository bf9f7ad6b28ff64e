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
    /// The bits of quantized layers, of weights and of results: "w8 a8", or "w4-8 a8" where they differ; "float" where none
    /// quantizes, and nothing without layers.
    package var bitsInUse: String {
        var weights = Set<Int>()
        var features = Set<Int>()
        for (node, facts) in zip(network.nodes, facts.nodes) where node.isQuantized {
            if let bits = facts.weightBits { weights.insert(bits) }
            if !facts.output.isFloat, facts.weightBits != nil { features.insert(facts.output.bits) }
        }
        if weights.isSubset(of: [Quantization.float]), features.isEmpty {
            return network.nodes.isEmpty ? "" : "float"
        }
        func words(_ letter: String, _ widths: Set<Int>) -> String? {
            let stored = widths.subtracting([Quantization.float])
            guard let least = stored.min(), let most = stored.max() else {
                return widths.isEmpty ? nil : letter + Figures.bits(Quantization.float)
            }
            return letter + (least == most ? "\(least)" : "\(least)-\(most)")
        }
        return [words("w", weights), words("a", features)].compactMap { $0 }.joined(separator: " ")
    }
}
