/// Where a session keeps its runs, from its folder on.
public enum RunFiles {
    /// The run store.
    public static let store = "runs.sqlite"
    /// The folder of the runs' folders.
    public static let folder = "runs"

    /// The folder of a run.
    public static func folder(of run: String) -> String { "\(folder)/\(run)" }

    /// The file of the weights that a run learns from.
    static func teacher(of run: String) -> String { folder(of: run) + "/teacher.safetensors" }

    /// The file of the network that these weights are of.
    static func teacherNetwork(of run: String) -> String { folder(of: run) + "/teacher.json" }

    /// The file of a run's checkpoint.
    public static func checkpoint(_ kind: RunCheckpoint.Kind, of run: String) -> String {
        switch kind {
        case .last: folder(of: run) + "/checkpoint.safetensors"
        case .best: folder(of: run) + "/best.safetensors"
        }
    }
}
