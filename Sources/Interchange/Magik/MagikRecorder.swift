import Foundation
import Graph
import Platform

/// Runs a module of the vendor's kit under Python with the stub of `ops`, and reads what it wrote down.
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
        do {
            // Python would wait for the other end of a pipe.
            _ = try PlainFile(path)
        } catch {
            throw .refused("\(path): cannot be read: \(error)")
        }
        let (folder, files): (TemporaryFolder, Folder)
        do {
            folder = try TemporaryFolder()
            files = try Folder(folder.path)
            try files.replace("record.py", with: Array(KitStub.program.utf8))
        } catch {
            throw .refused("no folder for the time of reading can be made: \(error)")
        }
        defer { folder.remove() }
        let out = "out.json"
        try run([files.path(of: "record.py"), path, files.path(of: out), wanted, arguments])
        let data: [UInt8]
        do {
            data = try files.read(out, limit: MagikRecorder.sizeLimit)
        } catch .system(ENOENT) {
            throw .refused("'\(python)' ended without an answer; it must be Python 3.7 or newer")
        } catch {
            throw .refused("what the file builds cannot be read: \(error)")
        }
        guard let json = try? JSON(bytes: data) else {
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
