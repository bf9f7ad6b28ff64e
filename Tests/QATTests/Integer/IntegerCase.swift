import Graph
import TestSupport
import Testing

@testable import QAT

/// A network with drawn weights and the statistics of one batch of bytes, in integers and in the training arithmetic.
struct IntegerCase {
    let analysis: Analysis
    let store: ParameterStore
    let inputs: [[Float]]
    let batch: Int
    var padsBothSides = false

    /// How far what was rounded to a differing code may lie from where rounding changes, in codes: what single precision
    /// loses over sums of a few thousand products and an epilogue, at up to 255 codes (255 x 6e-8 x the root of 2,000),
    /// on processors without exact sums of bytes.
    static let noise = 1e-3

    /// Draws weights, gammas, slopes and bytes, and takes the running statistics from the batch.
    init(
        _ network: Network, on family: ArithmeticFamily, batch: Int = 2, padsBothSides: Bool = false,
        seed: UInt64 = 5
    ) throws {
        self.batch = batch
        self.padsBothSides = padsBothSides
        analysis = Analysis(network, on: family)
        store = ParameterStore(analysis)
        store.initialize(seed: seed)
        var random = SplitMix64(seed: seed &+ 1)
        for entry in store.layout.parameters {
            switch entry.role {
            case .parameter(.scale):
                try store.set(entry.name, to: (0..<entry.count).map { _ in 0.5 + random.nextUniform() })
            case .parameter(.shift):
                try store.set(entry.name, to: (0..<entry.count).map { _ in random.nextUniform() - 0.3 })
            case .parameter(.slope):
                try store.set(entry.name, to: (0..<entry.count).map { _ in 2 * random.nextUniform() - 0.5 })
            default: break
            }
        }
        inputs = IntegerCase.inputs(of: network, batch: batch, &random)
        var options = Program.Options(batch: batch)
        options.padsBothSides = padsBothSides
        let program = try Program(analysis, store: store, options: options)
        for (port, values) in zip(program.inputs, inputs) { _ = port.values.update(fromContentsOf: values) }
        try program.forward(.estimation)
    }

    /// Bytes as a loader gives them, or indices where an Embedding reads them.
    private static func inputs(of network: Network, batch: Int, _ random: inout SplitMix64) -> [[Float]] {
        network.inputs.map { input in
            let normalization = InputNormalization(network, of: input.name)
            let tables = network.nodes.compactMap { node -> Int? in
                guard case .embedding(let settings) = node.layer else { return nil }
                return settings.vocabularySize
            }
            let isTokens =
                !tables.isEmpty
                && network.readers(of: input.name).allSatisfy { [.embedding, .preprocess].contains($0.kind) }
            return (0..<batch * input.shape.elements).map { _ in
                if isTokens { return Float(random.next() % UInt64(tables.min() ?? 1)) }
                return Float(
                    (Double(random.next() >> 56) - normalization.mean) / normalization.variance)
            }
        }
    }

    func report(_ arithmetic: Program.Arithmetic = .best) throws -> IntegerReport {
        try #require(
            try IntegerAgreement.report(
                analysis, store: store, inputs: inputs, batch: batch, padsBothSides: padsBothSides,
                arithmetic: arithmetic))
    }
}

extension IntegerReport {
    /// What a part that has an integer form promises: at most one step, at rounding boundaries only, and sums that fit.
    func expectAgreement(
        exceptFor fallbacks: Set<String> = [], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(!parts.isEmpty, sourceLocation: sourceLocation)
        #expect(inputs.allSatisfy { $0.moved == 0 }, "\(inputs)", sourceLocation: sourceLocation)
        for part in parts where !fallbacks.contains(part.name) {
            #expect(part.reason == nil, "\(part.name)", sourceLocation: sourceLocation)
            #expect(part.local.elements > 0, "\(part.name)", sourceLocation: sourceLocation)
            #expect(part.local.largestStep <= 1, "\(part)", sourceLocation: sourceLocation)
            if part.local.mismatched > 0 && !part.isFloat {
                #expect(
                    part.local.farthestFromBoundary ?? .infinity <= IntegerCase.noise, "\(part)",
                    sourceLocation: sourceLocation)
            }
            guard let accumulator = part.accumulator else { continue }
            #expect(accumulator.peak <= accumulator.bound, "\(part)", sourceLocation: sourceLocation)
            #expect(accumulator.headroomBits >= 0, "\(part)", sourceLocation: sourceLocation)
        }
    }

    /// Codes that differ and codes that were compared, of all parts.
    var counts: (mismatched: Int, elements: Int) {
        parts.reduce((0, 0)) { ($0.0 + $1.local.mismatched, $0.1 + $1.local.elements) }
    }
}
