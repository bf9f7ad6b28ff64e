public import Datasets

/// Why a run cannot begin or go on.
public enum TrainingError: Error, Sendable {
    /// The network cannot run.
    case engine(EngineError)
    /// The data cannot be read.
    case data(DatasetError)
    /// Network, data and loss do not go together.
    case mismatch(String)
    /// A number that is none appeared; nothing of that step was applied.
    case notFinite(step: Int, layer: String, what: String)
    /// A checkpoint does not fit.
    case checkpoint(String)
}

extension TrainingError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .engine(let error): "\(error)"
        case .data(let error): "\(error)"
        case .mismatch(let reason): reason
        case .notFinite(let step, let layer, let what):
            "step \(step): layer '\(layer)': \(what) is not a finite number; a smaller learning rate, or "
                + "--gradient-norm, may help"
        case .checkpoint(let reason): reason
        }
    }
}
