/// What a person begins with.
public enum StartChoice: Hashable, Sendable {
    /// A network without layers.
    case empty
    /// The sample of that name.
    case sample(String)
    /// The session at that path.
    case session(String)
}
