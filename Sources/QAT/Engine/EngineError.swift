/// Why a network cannot be made to run, or a run cannot go on.
public enum EngineError: Error, Hashable, Sendable {
    /// A layer lies on a cycle or has no shape.
    case unfinished(layer: String, reason: String)
    /// The network has no layers whose result nothing reads.
    case noOutput
    /// An image is smaller than the crop that negative padding asks for, or a layer is past the engine's limits.
    case unsupported(layer: String, reason: String)
    /// A call of oneDNN failed.
    case library(call: String, layer: String, status: UInt32)
    /// There is not so much memory.
    case memory(bytes: Int)
    /// A value that is no number appeared.
    case notFinite(layer: String, what: String)
    /// A sample has an index that is no whole number, or outside the vocabulary of an Embedding.
    case index(layer: String, sample: SamplePlace, value: Float, vocabulary: Int)
    /// Weights do not fit the network.
    case parameters(String)
}

extension EngineError: CustomStringConvertible {
    /// What is wrong, and where.
    public var description: String {
        switch self {
        case .unfinished(let layer, let reason): "layer '\(layer)' cannot run: \(reason)"
        case .noOutput: "the network has no output: every layer is read by another, or there is none"
        case .unsupported(let layer, let reason): "layer '\(layer)' cannot be trained here: \(reason)"
        case .library(let call, let layer, let status):
            "layer '\(layer)': oneDNN's \(call) failed with status \(status)"
        case .memory(let bytes):
            "the step needs \(bytes >> 20) MiB, which the system does not give; make the batch smaller"
        case .notFinite(let layer, let what): "layer '\(layer)': \(what) is not a finite number"
        case .index(let layer, let sample, let value, let vocabulary):
            if value.rounded() == value {
                "layer '\(layer)': \(sample) has the index \(value), and the vocabulary is 0 to \(vocabulary - 1)"
            } else {
                "layer '\(layer)': \(sample) has the index \(value), which is not a whole number; where a Preprocess scales the indices, set its mean to 0 and its variance to 1"
            }
        case .parameters(let reason): reason
        }
    }
}
