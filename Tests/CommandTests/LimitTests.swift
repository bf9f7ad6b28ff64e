import ArgumentParser
import Foundation
import TestSupport
import Testing
import Workbench

@testable import magikbench

/// The program where the system gives less than usual: room on the disk, threads, somebody who reads.
@Suite("Limits of the system")
struct LimitTests {
    @Test("what cannot be printed is said, with exit code 1")
    func fullOutput() throws {
        try withSmallSession { session, data in
            let program = try BuiltProgram.besideTests()
            let full = ["/bin/sh", "-c", #"exec "$0" "$@" > /dev/full"#]
            for arguments in [
                ["samples"], ["show", session], ["check", session], ["check", session, "--format", "json"],
                ["set", session, "conv0.weightBits=4"], ["inspect", session, "--data", data],
                ["runs", session],
                ["sweep", session, "--data", data, "--bits", "4,8"], ["new", session + "-new"],
                ["train", session, "--data", data, "--steps", "1", "--batch", "8", "--json"],
                ["eval", session, "--data", data], ["quantize", session, "--data", data, "--samples", "8"],
                ["dump", session, "--data", data, "-o", session + "-dump"], ["bench", "check"],
                ["export", session, "--to", "safetensors", "-o", session + ".safetensors"],
                ["--plain", session], ["--help"], ["train", "--help"], ["--version"],
            ] {
                let run = try program.run(arguments, wrapper: full)
                // A session that has no weights yet is another reason to end, and comes first.
                guard run.code != 2 else {
                    #expect(run.errors.contains("has no weights"), "\(arguments): \(run.errors)")
                    continue
                }
                #expect(run.code == 1 || run.code == 130, "\(arguments) ends with \(run.code)")
                let said = run.errors.contains("standard output cannot be written: No space left on device")
                #expect(said, "\(arguments): \(run.errors)")
            }
        }
    }

    @Test("an import that finds no room leaves no session behind", arguments: [400, 1500])
    func fullImport(bytes: Int) throws {
        try withSmallSession { session, data in
            let program = try BuiltProgram.besideTests()
            let model = session + ".onnx"
            #expect(
                try program.run(["train", session, "--data", data, "--steps", "1", "--batch", "8"]).code == 0)
            #expect(try program.run(["export", session, "--to", "onnx", "-o", model]).code == 0)
            let made = session + "-made.magik"
            // No file grows beyond a size: what a write meets on a full disk, without anybody's rights.
            let run = try program.run(
                ["import", model, "-o", made],
                wrapper: [
                    "/bin/sh", "-c", #"trap '' XFSZ; size=$0; exec prlimit --fsize=$size "$@""#, "\(bytes)",
                ])
            #expect(run.code == 2 && run.errors.contains(made), "\(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: made))
        }
    }

    @Test("without a thread to have, training goes on with the one that there is")
    func fewThreads() throws {
        // Root has as many processes as it likes, so that the limit is tried as somebody else.
        guard getuid() == 0 else { return }
        try withSmallSession { session, data in
            for path in [session, (session as NSString).deletingLastPathComponent] {
                try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
            }
            let run = try BuiltProgram.besideTests().run(
                ["train", session, "--data", data, "--steps", "2", "--batch", "8"],
                wrapper: [
                    "/usr/bin/timeout", "-s", "KILL", "60", "/usr/bin/setpriv", "--reuid", "54321", "--regid",
                    "54321", "--clear-groups", "/usr/bin/prlimit", "--nproc=1",
                ])
            #expect(run.code == 0, "\(run.errors)")
        }
    }
}
