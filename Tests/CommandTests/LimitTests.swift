import ArgumentParser
import Foundation
import TestSupport
import TestTraits
import Testing

@testable import magikbench

/// The program on a full disk, with few threads allowed, and where its output cannot be written.
@Suite("Limits of the system", .limited)
struct LimitTests {
    /// A trained session, and what commands are given and make beside it.
    private struct Files {
        let folder: String
        let data: String

        var session: String { folder + "/mine.magik" }

        /// Below the folder, what commands have made.
        func made() throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
                !["data", "mine.magik", "mine.magik/network.json"].contains($0) && !$0.hasPrefix("data/")
            }
        }

        /// Arguments with which a command prints something; nil for a command that is missing in this list.
        func call(of command: String) -> [String]? {
            let quick = ["--data", data, "--threads", "1"]
            switch command {
            case "samples": return ["samples"]
            case "new": return ["new", folder + "/new-\(UUID().uuidString)"]
            case "show": return ["show", session]
            case "check": return ["check", session]
            case "chips": return ["chips", session]
            case "set": return ["set", session, "conv0.weightBits=8"]
            case "train": return ["train", session, "--steps", "1", "--batch", "8", "--json"] + quick
            case "quantize": return ["quantize", session, "--samples", "8"] + quick
            case "eval": return ["eval", session] + quick
            case "anchors": return ["anchors", folder + "/finder", "--data", "scenes,limit=8", "--dry-run"]
            case "look": return ["look", session, "--count", "3"] + quick
            case "inspect": return ["inspect", session] + quick
            case "sweep": return ["sweep", session, "--over", "bits", "--bits", "4,8"] + quick
            case "runs": return ["runs", session]
            case "import":
                return ["import", folder + "/net.onnx", "-o", folder + "/made-\(UUID().uuidString)"]
            case "export": return ["export", session, "--to", "onnx", "-o", folder + "/net.onnx"]
            case "report":
                return ["report", session, "-o", folder + "/r.html", "--overwrite"] + quick
            case "dump": return ["dump", session, "-o", folder + "/dump", "--data", data]
            case "compare-dumps": return ["compare-dumps", folder + "/dump", folder + "/dump"]
            case "bench": return ["bench", "check"]
            case "config": return ["config"]
            case "man": return ["man"]
            case "open": return ["--plain", session]
            default: return nil
            }
        }

        /// What runs a command under a umask.
        static func under(_ umask: String) -> [String] {
            ["/bin/sh", "-c", #"umask \#(umask); exec "$0" "$@""#]
        }
    }

    /// Runs a test with a session that was trained, exported and dumped under a umask.
    private func withTrained(umask: String = "022", _ body: (Files) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let data = folder + "/data"
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            try SmallImages.write(to: data)
            _ = try SmallNetwork.session(in: folder, named: "mine")
            let files = Files(folder: folder, data: "idx:" + data)
            let program = try BuiltProgram.besideTests()
            let finder = folder + "/finder"
            let task = """
                task={"kind": "detection", "classes": ["disc"], \
                "heads": [{"kind": "yolov5", "layer": "head8", "anchors": [[9, 9]]}]}
                """
            let calls = try ["train", "export", "dump"].map { try #require(files.call(of: $0)) }
            for call in calls + [["new", finder, "--from", "celldet"], ["set", finder, task]] {
                let run = try program.run(call, wrapper: Files.under(umask))
                #expect(run.code == 0, "\(call): \(run.errors)")
            }
            try body(files)
        }
    }

    @Test("what cannot be printed is said, with exit code 1, by every command")
    func fullOutput() throws {
        try withTrained { files in
            let program = try BuiltProgram.besideTests()
            let full = ["/bin/sh", "-c", #"exec "$0" "$@" > /dev/full"#]
            var calls = [
                ["--help"], ["train", "--help"], ["--version"],
                ["check", files.session, "--format", "json"],
            ]
            for command in Magikbench.configuration.subcommands.compactMap({ $0.configuration.commandName }) {
                calls.append(try #require(files.call(of: command), "no call of '\(command)'"))
            }
            for arguments in calls {
                let run = try program.run(arguments, wrapper: full)
                // Training stops as for an interrupt, and saves.
                let code = arguments == files.call(of: "train") ? 130 : 1
                #expect(run.code == code, "\(arguments) ends with \(run.code)")
                let said = run.errors.contains("standard output cannot be written: No space left on device")
                #expect(said, "\(arguments): \(run.errors)")
            }
        }
    }

    @Test(
        "new files have the permissions that the umask leaves", arguments: ["077", "022"])
    func permissions(umask: String) throws {
        try withTrained(umask: umask) { files in
            let program = try BuiltProgram.besideTests()
            let commands = Magikbench.configuration.subcommands.compactMap { $0.configuration.commandName }
            for call in try commands.map({ try #require(files.call(of: $0), "no call of '\($0)'") }) + [
                ["runs", files.session, "export", "last", "-o", files.folder + "/tables"]
            ] {
                let run = try program.run(call, wrapper: Files.under(umask))
                #expect(run.code == 0 || run.code == 1, "\(call): \(run.errors)")
            }
            let mask = try #require(Int(umask, radix: 8))
            var seen: Set<String> = []
            for name in try files.made() {
                let found = try FileManager.default.attributesOfItem(atPath: files.folder + "/" + name)
                let isFolder = found[.type] as? FileAttributeType == .typeDirectory
                let mode = try #require(found[.posixPermissions] as? Int)
                #expect(mode == (isFolder ? 0o777 : 0o666) & ~mask, "\(name): \(String(mode, radix: 8))")
                seen.insert((name as NSString).lastPathComponent)
            }
            for name in [
                "network.json", "weights.safetensors", "runs.sqlite", "checkpoint.safetensors", "net.onnx",
                "index.json", "metrics.csv", "float.safetensors",
            ] {
                #expect(seen.contains(name), "no command made a \(name)")
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

    @Test(
        "without a thread to have, training goes on with the one that there is",
        .enabled(
            if: getuid() == 0, "only root can start a program as another user, whose threads are limited"))
    func fewThreads() throws {
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
