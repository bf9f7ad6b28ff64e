/// The version of the program, which files that it writes name.
public enum ProgramVersion {
    /// The version.
    public static let text = "0.1.0"
}
