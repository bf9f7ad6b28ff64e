import Graph
import QAT

/// What a network costs, as far as bits decide it.
public struct SweepCosts: Hashable, Sendable {
    /// Bytes of all weights.
    public var weightBytes: Int
    /// Bytes of all results of a sample.
    public var featureBytes: Int
    /// Multiplications of a sample times the bits of both factors; float counts 32.
    public var operations: Int

    init(_ analysis: Analysis) {
        weightBytes = analysis.cost.total.weightBytes
        featureBytes = analysis.cost.total.featureBytes
        operations = analysis.network.nodes.indices.reduce(0) { sum, index in
            let facts = analysis.facts.nodes[index]
            let bits =
                (facts.weightBits ?? Quantization.float) * (facts.inputs.first?.bits ?? Quantization.float)
            let (product, isOver) = analysis.cost.nodes[index].multiplyAccumulates
                .multipliedReportingOverflow(
                    by: bits)
            return isOver || product > Int.max - sum ? Int.max : sum + product
        }
    }

    /// The number that a sweep counts.
    public func counted(_ request: SweepRequest) -> Int {
        switch request.cost {
        case .bytes: request.tensors.includesResults ? weightBytes + featureBytes : weightBytes
        case .operations: operations
        }
    }
}

extension SweepRequest {
    /// What the network costs as it is, in what the sweep counts.
    public var ownCost: Int { SweepCosts(Analysis(probe.network, on: probe.family)).counted(self) }
}
