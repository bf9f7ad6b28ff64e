import Foundation
import Graph

/// Runs a module of the vendor's kit under Python with the stand-in `ops`, and reads what it wrote down.
struct MagikRecorder {
    /// The interpreter: a name on the path, or a path.
    var python = "python3"
    /// The class; empty for the file's own or its last one.
    var wanted = ""
    /// Its arguments: "is_quantize=True, BITA=8".
    var arguments = ""

    /// How long a file may run.
    static let seconds = 60
    private static let sizeLimit = 64 << 20

    /// What the module at a path consists of. This runs the file.
    func record(_ path: String) throws(MagikError) -> JSON {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "magikbench-\(ProcessInfo.processInfo.processIdentifier)-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let (program, out) = (folder.appending(path: "record.py"), folder.appending(path: "out.json"))
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(MagikStandIn.program.utf8).write(to: program)
        } catch {
            throw .refused("\(folder.path): cannot be written: \(error.localizedDescription)")
        }
        try run([program.path, path, out.path, wanted, arguments])
        let data: Data
        do {
            data = try Data(contentsOf: out)
        } catch {
            throw .refused("'\(python)' ended without an answer; it must be Python 3.7 or newer")
        }
        guard data.count <= MagikRecorder.sizeLimit, let json = try? JSON(bytes: data) else {
            throw .refused(
                "what the file builds is larger than \(MagikRecorder.sizeLimit >> 20) MiB, or no document")
        }
        if case .string(let reason)? = json["error"] { throw .refused("\(path): \(reason)") }
        return json
    }

    private func run(_ arguments: [String]) throws(MagikError) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // -B: no cache files beside the user's.
        process.arguments = [python, "-B"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do {
            try process.run()
        } catch {
            throw .noPython(python)
        }
        guard ended.wait(timeout: .now() + .seconds(MagikRecorder.seconds)) == .success else {
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
            throw .slow(seconds: MagikRecorder.seconds)
        }
        // 126 and 127 are env's: there is no such program.
        if process.terminationReason == .exit, [126, 127].contains(process.terminationStatus) {
            throw .noPython(python)
        }
    }
}
