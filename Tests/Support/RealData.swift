import Foundation

/// The data sets that developers keep beside the project; tests that need them say so and are skipped without them.
public enum RealData {
    /// The folder that MAGIKBENCH_DATA names, or shared/data beside the project.
    public static let folder: String =
        ProcessInfo.processInfo.environment["MAGIKBENCH_DATA"]
        ?? Fixtures.root.appendingPathComponent("../shared/data").standardizedFileURL.path

    /// Whether a folder of it is there.
    public static func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(name)")
    }
}
