public import Foundation
public import Graph

/// The program `magikbench` as it was built, run as a script runs it.
public struct BuiltProgram: Sendable {
    /// The file to run.
    public let file: URL

    /// A program by its file.
    public init(file: URL) { self.file = file }

    /// The program beside the test bundle.
    public static func besideTests(_ name: String = "magikbench") throws -> BuiltProgram {
        var folders = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        folders.append(URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent())
        let files = folders.map { $0.appending(path: name) }
        guard let found = files.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw FixtureError("no \(name) beside the tests: \(folders.map(\.path))")
        }
        return BuiltProgram(file: found)
    }

    /// What a run that is over left behind.
    public struct Result: Sendable {
        /// The exit code.
        public let code: Int32
        /// Standard output.
        public let output: String
        /// Standard error.
        public let errors: String

        /// The lines of standard output, as JSON.
        public var objects: [JSON] {
            get throws { try output.split(separator: "\n").map { try JSON(text: String($0)) } }
        }
    }

    /// Runs to the end, in the package's folder; `wrapper` is a command that runs the program.
    public func run(_ arguments: [String], wrapper: [String] = []) throws -> Result {
        let child = try ProgramChild(self, arguments, wrapper: wrapper)
        var lines: [String] = []
        while let line = child.line() { lines.append(line) }
        let code = child.wait()
        return Result(code: code, output: lines.map { $0 + "\n" }.joined(), errors: child.errors)
    }
}

/// A program that runs, and whose lines are read as they come.
public final class ProgramChild {
    private let process = Process()
    private let output = Pipe()
    private let errorFile: URL
    private var pending: [UInt8] = []

    /// Starts the program in the package's folder.
    public init(_ program: BuiltProgram, _ arguments: [String], wrapper: [String] = []) throws {
        let words = wrapper + [program.file.path] + arguments
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.currentDirectoryURL = Fixtures.root
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        // A file takes any number of lines while there is no reader.
        errorFile = FileManager.default.temporaryDirectory.appending(
            path: "magikbench-\(UUID().uuidString).txt")
        try Data().write(to: errorFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        try process.run()
    }

    deinit {
        if process.isRunning { end(with: SIGKILL) }
        do {
            try FileManager.default.removeItem(at: errorFile)
        } catch {
            print("a file of a test stays behind: \(error)")
        }
    }

    /// The number of the process.
    public var number: Int32 { process.processIdentifier }

    /// What it said on standard error so far.
    public var errors: String {
        do {
            return try String(contentsOf: errorFile, encoding: .utf8)
        } catch {
            return "\(error)"
        }
    }

    /// The next line of standard output, or nil where there are no more.
    public func line() -> String? {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                defer { pending.removeFirst(end + 1) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else {
                defer { pending = [] }
                return pending.isEmpty ? nil : String(decoding: pending, as: UTF8.self)
            }
            pending += data
        }
    }

    /// Sends a signal.
    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Sends a signal, and waits until it is gone.
    @discardableResult
    public func end(with number: Int32) -> Int32 {
        signal(number)
        return wait()
    }

    /// Waits until it is gone, and gives its exit code.
    public func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}
