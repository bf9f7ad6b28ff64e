public import Graph

/// A layer that was not computed.
public struct ProbeGap: Hashable, Sendable {
    /// The layer.
    public var layer: String
    /// Why.
    public var reason: ProbeReason
}

extension ProbeGap: CustomStringConvertible {
    /// The layer and why, as a sentence without its end.
    public var description: String { "layer '\(layer)' \(reason)" }
}

/// Why a layer was not computed.
public enum ProbeReason: Hashable, Sendable {
    /// It lies on a cycle.
    case cycle
    /// A layer that it reads was not computed.
    case waits(on: String)
    /// It does not take the shapes that reach it.
    case shape(ShapeError)
    /// The loader would divide by nothing.
    case variance(Double)
    /// Another layer has a tensor of the same name.
    case nameTaken(tensor: String)
    /// With it, one sample takes more memory than the probe may use.
    case memory(bytes: Int, limit: Int)
    /// With it, one sample takes more multiplications than are worth waiting for.
    case work(operations: Int, limit: Int)
    /// Behind so many layers the probe stops.
    case tooManyLayers(limit: Int)
    /// The engine refuses it.
    case engine(EngineError)

    /// Whether the fault lies in another layer.
    public var isConsequence: Bool {
        if case .waits = self { return true }
        return false
    }
}

extension ProbeReason: CustomStringConvertible {
    /// The reason, as a sentence whose subject is the layer.
    public var description: String {
        switch self {
        case .cycle: "lies on a cycle"
        case .waits(let layer): "waits for '\(layer)', which is not computed"
        case .shape(let error): "\(error)"
        case .variance(let variance): "divides its input by \(variance)"
        case .nameTaken(let tensor): "has a tensor '\(tensor)', and so has another layer; rename one of them"
        case .memory(let bytes, let limit):
            "would bring one sample to \(bytes >> 20) MiB, more than the \(limit >> 20) MiB of the probe"
        case .work(let operations, let limit):
            "would bring one sample to \(operations / 1_000_000) million operations, more than the \(limit / 1_000_000) million of the probe"
        case .tooManyLayers(let limit): "comes behind \(counted(limit, "layer")), where the probe stops"
        case .engine(.unsupported(_, let reason)), .engine(.unfinished(_, let reason)):
            "cannot be computed: \(reason)"
        case .engine(.notFinite(_, let what)): "cannot be computed: \(what) is not a finite number"
        case .engine(let error): "cannot be computed: \(error)"
        }
    }
}

/// Why nothing could be computed.
public enum ProbeFailure: Error, Hashable, Sendable {
    /// The network has no layers.
    case empty
    /// The network has no inputs.
    case noInputs
    /// An input alone takes more memory than the probe may use.
    case input(String, bytes: Int, limit: Int)
    /// The data set that was asked for cannot be described, opened, read or fitted to an input.
    case data(String)
    /// The engine refuses the network as a whole.
    case engine(EngineError)
    /// The system does not give what the probe needs.
    case system(String)
}

extension ProbeFailure: CustomStringConvertible {
    /// What is wrong.
    public var description: String {
        switch self {
        case .empty: "the network has no layers"
        case .noInputs: "the network has no input to feed data into"
        case .input(let name, let bytes, let limit):
            "a sample of input '\(name)' takes \(bytes >> 20) MiB, more than the \(limit >> 20) MiB of the probe"
        case .data(let reason): reason
        case .engine(let error): "\(error)"
        case .system(let reason): reason
        }
    }
}
