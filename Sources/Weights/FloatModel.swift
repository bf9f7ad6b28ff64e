public import Graph

/// The float network that a quantized one was made from, with its own numbers: what `eval --float` answers with, and
/// the teacher of distillation.
///
/// Quantizing folds scales into weights and batch norms, so that the quantized network's numbers are no longer those of
/// a float network; these stay as they were.
public struct FloatModel: Hashable, Sendable {
    /// The network; no quantizer of it acts.
    public let network: Network
    /// Its numbers, under the names of checkpoints.
    public let weights: Safetensors

    /// A network with its numbers.
    public init(network: Network, weights: Safetensors) {
        self.network = network
        self.weights = weights
    }
}
