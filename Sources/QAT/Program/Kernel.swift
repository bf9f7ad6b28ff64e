/// One operation of a program. It is prepared once and then only runs: neither pass allocates.
protocol Kernel: AnyObject {
    /// The layer that it belongs to.
    var layer: String { get }
    /// Makes its views of memory; the arena is planned.
    func bind() throws(EngineError)
    /// Reads its inputs, fills its outputs.
    func forward(_ pass: Pass) throws(EngineError)
    /// Hands gradients back to inputs and parameters.
    func backward() throws(EngineError)
}

extension Kernel {
    func bind() throws(EngineError) {}
}

/// What a forward pass is for: it decides which statistics batch norm uses.
public enum Pass: Sendable {
    /// Batch statistics, which also move the running ones.
    case training
    /// Batch statistics; the running ones stay as they are.
    case frozenTraining
    /// Running statistics.
    case evaluation
}
