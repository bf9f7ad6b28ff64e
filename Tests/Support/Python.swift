import Foundation

/// The Python beside the project, where there is one: the outside witness of other people's formats.
public enum Python {
    /// The interpreter: `MAGIKBENCH_PYTHON`, or python3.
    public static let name = ProcessInfo.processInfo.environment["MAGIKBENCH_PYTHON"] ?? "python3"

    /// What a test says that is skipped for want of modules.
    public static func absence(of modules: String...) -> String {
        "'\(name)' has no \(modules.joined(separator: " or no ")); MAGIKBENCH_PYTHON names another interpreter"
    }

    /// Whether the interpreter is there and imports the modules.
    public static func has(_ modules: String...) -> Bool {
        do {
            _ = try run(["-c", "import " + modules.joined(separator: ", ")])
            return true
        } catch {
            return false
        }
    }

    /// Runs the interpreter to its end and gives what it printed; throws with its messages where it fails.
    public static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw FixtureError("\(name) failed: \(text)") }
        return text
    }
}
