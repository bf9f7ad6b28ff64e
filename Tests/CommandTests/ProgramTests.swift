import Foundation
import TestSupport
import Testing

/// The built program, run as a script runs it.
@Suite("The program")
struct ProgramTests {
    @Test(
        "exit codes say how it went",
        arguments: [
            (["samples"], 0), (["show", "samples/network-t40.magik"], 0),
            (["check", "samples/network-t40.magik"], 0), (["check", "samples/network-t40-literal.magik"], 0),
            (["check", "samples/network-t40-literal.magik", "--strict"], 1),
            (["check", "samples/network-t40.magik", "--device", "T02"], 1),
            (["check", "samples/network-t40.magik/network.json", "--device", "all"], 1),
            (["show", "no-such"], 2), (["check", "samples/network-t40.magik", "--device", "T99"], 2),
            (["show"], 2), (["--nonsense"], 2), ([], 2), (["--help"], 0), (["--version"], 0),
            (["set", "--help"], 0),
        ] as [([String], Int32)])
    func exitCodes(arguments: [String], code: Int32) throws {
        let run = try Run(arguments)
        #expect(run.code == code, "\(arguments): \(run.output)\(run.errors)")
        #expect(code != 2 || run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        #expect(code != 2 || run.output.isEmpty)
    }

    @Test("a new session is set, shown and checked; a refused edit leaves the file as it was")
    func session() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/mine.magik"
            #expect(try Run(["new", path, "--from", "network-t40"]).code == 0)
            let set = try Run(["set", path, "conv*.weightBits=4", "conv0.clip=4"])
            #expect(set.code == 0)
            #expect(set.output.contains("conv10 weightBits 8 to 4\n"))
            #expect(set.output.contains("conv0 clip 6.0 to 4.0\n"))
            let file = path + "/network.json"
            let before = try String(contentsOfFile: file, encoding: .utf8)
            for wrong in ["conv0.stride=0", "conv0.strid=2", "nothing*.clip=1", "conv0.clip", "device=T4O"] {
                let run = try Run(["set", path, "conv1.weightBits=2", wrong])
                #expect(run.code == 2, "\(wrong)")
                #expect(run.errors.contains(wrong.split(separator: "=")[0]) || wrong.hasPrefix("device"))
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == before)
            #expect(try Run(["new", path]).code == 2)
        }
    }

    @Test("a broken file is named with its place, and left untouched")
    func broken() throws {
        try withTemporaryFolder { folder in
            let file = folder + "/network.json"
            let text = try Fixtures.sampleText("mnist-cnn").replacing("\"stride\":2", with: "\"stride\":0")
                .replacing("\"weightBits\":8", with: "\"weightBits\":9")
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let run = try Run(["check", file])
            #expect(run.code == 2)
            #expect(run.errors.contains("layers["))
            #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
        }
    }

    @Test("bench check prints the form of the contract")
    func bench() throws {
        let run = try Run(["bench", "check", "--json"])
        #expect(run.code == 0)
        for key in ["layers", "devices", "checkMilliseconds", "editLayers", "editMilliseconds"] {
            #expect(run.output.contains("\"\(key)\""))
        }
    }
}

/// One run of the program in the package's folder.
private struct Run {
    let code: Int32
    let output: String
    let errors: String

    init(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = try Run.program()
        process.arguments = arguments
        process.currentDirectoryURL = Fixtures.root
        process.standardInput = FileHandle.nullDevice
        let (out, err) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (out, err)
        try process.run()
        // What goes to standard error is a few lines, which a pipe holds while the output is read.
        output = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        errors = String(decoding: err.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        code = process.terminationStatus
    }

    /// The program beside the test bundle.
    private static func program() throws -> URL {
        var folders = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        folders.append(URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent())
        let programs = folders.map { $0.appending(path: "magikbench") }
        guard let found = programs.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) })
        else {
            throw ProgramMissing(description: "no magikbench beside the tests: \(folders.map(\.path))")
        }
        return found
    }
}

private struct ProgramMissing: Error, CustomStringConvertible { let description: String }
