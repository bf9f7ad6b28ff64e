import Foundation
import Graph

extension ReferenceNetwork {
    /// Gives every parameter a random value of a size that keeps a network alive; the same for the same seed.
    ///
    /// Every value is one that single precision holds, so that an engine can start from exactly the same.
    public mutating func randomizeParameters(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for node in analysis.network.nodes {
            guard let index = analysis.network.index(of: node.name), let inputs = analysis.shapes.known(index)
            else { continue }
            for parameter in node.layer.settings.parameters(for: inputs, on: analysis.facts.family) {
                var values = (0..<parameter.count).map { _ in
                    generator.value(of: parameter, in: node.layer).singlePrecision
                }
                if case .embedding(let settings) = node.layer, let row = settings.paddingIndex {
                    let size = settings.embeddingSize
                    for place in row * size..<(row + 1) * size where values.indices.contains(place) {
                        values[place] = 0
                    }
                }
                parameters["\(node.name).\(parameter.name)"] = values
            }
        }
    }

    /// Values for every network input that single precision holds: indices where an Embedding reads them, else
    /// -1 ... 1.
    public func randomInputs(batch: Int, seed: UInt64) -> [[Double]] {
        var generator = SeededGenerator(seed: seed)
        return analysis.network.inputs.map { input in
            let count = batch * input.shape.elements
            for reader in analysis.network.readers(of: input.name) {
                if case .embedding(let settings) = reader.layer {
                    return (0..<count).map { _ in Double(generator.below(settings.vocabularySize)) }
                }
            }
            return (0..<count).map { _ in Double.random(in: -1...1, using: &generator).singlePrecision }
        }
    }
}

extension SeededGenerator {
    fileprivate mutating func value(of parameter: Parameter, in layer: Layer) -> Double {
        switch parameter.role {
        case .weight:
            if case .embedding = layer { return Double.random(in: -1...7, using: &self) }
            let fanIn = parameter.shape.dropFirst().reduce(1, *)
            return normal() * (2 / Double(fanIn)).squareRoot()
        case .bias, .shift: return Double.random(in: -0.2...0.2, using: &self)
        case .scale: return Double.random(in: 0.7...1.3, using: &self)
        case .slope: return Activation.firstSlope
        }
    }

    /// A number of mean 0 and deviation 1, roughly normal: the sum of three uniform ones.
    private mutating func normal() -> Double {
        (0..<3).reduce(0) { sum, _ in sum + Double.random(in: -1...1, using: &self) }
    }
}

extension Double {
    /// The nearest value that single precision holds.
    fileprivate var singlePrecision: Double { Double(Float(self)) }
}
