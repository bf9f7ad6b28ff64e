/// Why a session can be looked at and not be written.
public enum ReadOnlyReason: Hashable, Sendable, CustomStringConvertible {
    /// Another program has it open to write: "process 4411 on this machine".
    case open(in: String)
    /// The system does not let us write its folder: "No space left on device".
    case unwritable(String)

    /// What follows "read-only: " in a line.
    public var description: String {
        switch self {
        case .open(let holder): "open in \(holder)"
        case .unwritable(let reason): "its folder cannot be written: \(reason)"
        }
    }
}
