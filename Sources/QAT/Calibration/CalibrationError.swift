/// Why a trained network cannot be quantized from data.
public enum CalibrationError: Error, Sendable {
    /// The network cannot run.
    case engine(EngineError)
    /// The samples cannot be read, or do not fit.
    case data(String)
    /// The numbers do not fit the network.
    case weights(String)
    /// What the network would have to become is none.
    case network(String)
}

extension CalibrationError: CustomStringConvertible {
    /// What is wrong, and where.
    public var description: String {
        switch self {
        case .engine(let error): "\(error)"
        case .data(let reason), .weights(let reason), .network(let reason): reason
        }
    }
}
