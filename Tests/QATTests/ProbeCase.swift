import Datasets
import Graph
import Testing

@testable import QAT

/// A network with weights as if they were trained, and the look at both.
struct ProbeCase {
    var request: ProbeRequest
    let store: ParameterStore

    /// Drawn weights, with running statistics and gammas that are not where they start.
    init(_ network: Network, on family: ArithmeticFamily, seed: UInt64 = 7) throws {
        store = ParameterStore(Analysis(network, on: family))
        store.initialize(seed: seed)
        var random = SplitMix64(seed: seed)
        for entry in store.layout.parameters where entry.role == .parameter(.scale) {
            try store.set(entry.name, to: (0..<entry.count).map { _ in 0.5 + random.nextUniform() })
        }
        for entry in store.layout.statistics {
            try store.set(entry.name, to: (0..<entry.count).map { _ in 0.02 + 0.2 * random.nextUniform() })
        }
        request = ProbeRequest(network, on: family)
        request.weights = Checkpoint.weights(store, digest: network.digest)
        request.data = "glyphs"
    }

    var analysis: Analysis { Analysis(request.network, on: request.family) }

    /// The report of a new probe.
    func report() throws -> ProbeReport { try #require(Probe().report(request)) }

    /// The data set that the request names.
    func dataset() throws -> Dataset {
        try Dataset.open(.glyphs, shape: request.network.inputs[0].shape, seed: request.seed)
    }

    /// The quantized network on the batch of the look, run with the running statistics.
    func program() throws -> Program {
        var options = Program.Options(batch: request.batch)
        options.keepsValues = true
        let program = try Program(analysis, store: store, options: options)
        try dataset().fill(
            program.inputs[0].values, samples: request.batch, InputNormalization(request.network))
        try program.forward(.evaluation)
        return program
    }
}

extension ProbeReport {
    /// The tensor of a part.
    func tensor(_ name: String, _ kind: TensorObservation.Kind) -> ProbedTensor? {
        let part = parts.first { $0.name == name }
        return kind == .weight ? part?.weight : part?.feature
    }
}
