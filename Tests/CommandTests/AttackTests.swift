import ArgumentParser
import Foundation
import Probing
import QAT
import Runs
import Sessions
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import magikbench

/// A session with all that can be in one, and what others have beside it.
private struct Prey {
    let folder: String
    let data: String
    let dump: String
    let run: String
    /// A run that can be gone on with.
    let interrupted: String
    private let template: String

    var session: String { folder + "/prey.magik" }
    var outside: String { folder + "/outside" }

    /// The names that a session can have, beside those of the template.
    private static let others: [String] = [
        "lock", "recovery.json", "weights.next.safetensors", SweepCache.fileName, Session.hostFileName,
        Session.floatNetworkFileName, Session.floatWeightsFileName, "runs.sqlite-wal", "runs.sqlite-shm",
        "runs.sqlite-journal", "runs/" + RunLauncher.logName,
    ]
    /// All names below the session's folder, folders before what is in them.
    let names: [String]
    private let folders: Set<String>

    init(_ folder: String, template: String, data: String) throws {
        self.folder = folder
        self.template = template
        self.data = data
        dump = folder + "/dump"
        let store = try #require(try RunStore.openForReading(session: template))
        let trained = try #require(try store.runs().first).id
        let stopped = try Prey.interrupt(trained, in: store, of: template)
        run = trained
        interrupted = stopped
        let there = try FileManager.default.subpathsOfDirectory(atPath: template)
        let files = ["teacher.safetensors", "teacher.json", "best.safetensors", "checkpoint.safetensors"]
        let all = Set(
            there + Prey.others + [trained, stopped].flatMap { run in files.map { "runs/\(run)/" + $0 } })
        names = all.subtracting([Session.fileName]).sorted()
        folders = ["runs", "runs/\(trained)", "runs/\(stopped)"]
    }

    /// Records a run that stands where another one does, and was stopped there.
    private static func interrupt(_ run: String, in store: RunStore, of session: String) throws -> String {
        let before = try #require(try store.run(run))
        let record = RunRecord(
            plan: before.plan, seed: before.seed, data: before.data, digest: before.digest,
            network: before.network, device: before.device)
        let writer = try RunStore.openForWriting(session: session).begin(
            record, checkpoint: try store.checkpoint(of: run))
        try writer.end(.interrupted)
        return record.id
    }

    /// Makes the session anew, with every name attacked but some, and those behind an attacked folder.
    func set(_ attack: FileAttack, sparing spared: Set<String>, network: Bool = false) throws -> [String] {
        for path in [session, outside] where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: template, toPath: session)
        var struck: [String] = []
        for name in names + (network ? [Session.fileName] : []) where !spared.contains(name) {
            guard !struck.contains(where: { name.hasPrefix($0 + "/") }) else { continue }
            try attack.strike("\(session)/\(name)", isFolder: folders.contains(name), outside: outside)
            struck.append(name)
        }
        return struck
    }

    /// What is typed for a command, in every form that touches a session; nil for a command that is missing here.
    func arguments(of command: String) -> [[String]]? {
        let quick = ["--data", data, "--threads", "1"]
        switch command {
        case "samples", "bench", "compare-dumps", "config", "man": return []
        case "new": return [["new", session]]
        case "show": return [["show", session]]
        case "check": return [["check", session, "--fix"]]
        case "chips": return [["chips", session]]
        case "set": return [["set", session, "conv0.weightBits=4"]]
        case "train":
            let short = ["train", session] + quick + ["--batch", "8"]
            return [
                short + ["--steps", "1", "--loss", "distillation"],
                ["train", session, "--resume", interrupted, "--threads", "1"],
            ]
        case "quantize": return [["quantize", session, "--samples", "8"] + quick]
        case "eval": return [["eval", session, "--run", run] + quick]
        case "anchors": return [["anchors", session, "--data", "scenes"]]
        case "look": return [["look", session, "--run", run, "--png", folder + "/pictures"] + quick]
        case "inspect": return [["inspect", session] + quick]
        case "sweep":
            return [
                ["sweep", session, "--over", "bits", "--bits", "4,8", "--budget", "90%", "--apply"] + quick
            ]
        case "runs":
            return [
                ["runs", session], ["runs", session, "note", run, "a word"],
                ["runs", session, "delete", run, "--yes"],
                ["runs", session, "export", run, "-o", folder + "/tables"],
            ]
        case "import": return [["import", template + "/weights.safetensors", "-o", session]]
        case "export": return [["export", session, "--to", "onnx", "-o", folder + "/net.onnx"]]
        case "report": return [["report", session, "-o", folder + "/r.html", "--overwrite"] + quick]
        case "dump": return [["dump", session, "-o", dump, "--data", data]]
        case "open": return [["--plain", session]]
        default: return nil
        }
    }
}

/// Every command on sessions with links, pipes, folders and devices in the place of files.
@Suite("Attacks on a session", .limited(minutes: 30))
struct AttackTests {
    /// A program that waits for a pipe or a device is killed, which its exit code shows.
    private static var wrapper: [String] { ["/usr/bin/timeout", "-s", "KILL", "20"] }

    /// The commands that the program has, in the order of its help.
    private static var commands: [String] {
        Magikbench.configuration.subcommands.compactMap { $0.configuration.commandName }
    }

    private func withPrey(_ body: (Prey) throws -> Void) throws {
        try withSmallSession { session, data in
            let run = try runProgram([
                "train", session, "--data", data, "--batch", "8", "--steps", "1", "--threads", "1", "--json",
            ])
            #expect(run.code == 0, "\(run.errors)")
            try withTemporaryFolder { try body(try Prey($0, template: session, data: data)) }
        }
    }

    @Test("every command of the program is attacked")
    func complete() throws {
        try withPrey { prey in
            for command in AttackTests.commands {
                #expect(prey.arguments(of: command) != nil, "no attack on '\(command)'")
            }
        }
    }

    @Test(
        "a command follows no link, waits for no pipe, and names what is in a file's place",
        arguments: FileAttack.allCases)
    func commands(attack: FileAttack) throws {
        try withPrey { prey in
            for command in AttackTests.commands {
                for arguments in prey.arguments(of: command) ?? [] { try hunt(prey, attack, arguments) }
            }
        }
    }

    /// Runs a command with everything attacked, and again without what it has named, until it has nothing left to refuse: that
    /// is every file that it opens.
    private func hunt(_ prey: Prey, _ attack: FileAttack, _ arguments: [String]) throws {
        var spared: Set<String> = []
        while true {
            let struck = try prey.set(attack, sparing: spared)
            let run = try attacked(prey, attack, arguments)
            guard run.code == 2 else { break }
            // A session that is there is no place for a new one, whatever it is.
            if arguments[0] == "new", run.errors.contains("exists already") { break }
            // The network is read, and is no detector.
            if arguments[0] == "anchors", run.errors.contains("only a detector has anchors") { break }
            // The reason is the last line; progress may stand above it.
            let reason = run.errors.split(separator: "\n").last ?? ""
            let named = struck.filter { reason.contains($0) }.max { $0.count < $1.count }
            guard let named else {
                Issue.record("\(attack) \(arguments): names none of what was attacked: \(run.errors)")
                break
            }
            spared.insert(named)
        }
        guard arguments[0] != "new" else { return }
        _ = try prey.set(attack, sparing: Set(prey.names), network: true)
        let run = try attacked(prey, attack, arguments)
        #expect(
            run.code == 2 && run.errors.contains(Session.fileName), "\(attack) \(arguments): \(run.errors)")
    }

    /// A run of the program, which changes nothing outside and comes to an end.
    private func attacked(
        _ prey: Prey, _ attack: FileAttack, _ arguments: [String]
    ) throws -> BuiltProgram.Result {
        let before = try FileAttack.contents(of: prey.outside)
        let run = try BuiltProgram.besideTests().run(arguments, wrapper: AttackTests.wrapper)
        #expect(run.code <= 2, "\(attack) \(arguments) ends with \(run.code): \(run.errors)")
        #expect(
            try FileAttack.contents(of: prey.outside) == before,
            "\(attack) \(arguments) changed what is outside: \(run.errors)")
        return run
    }

    @Test("the screen opens, saves, and ends", arguments: FileAttack.allCases)
    func screen(attack: FileAttack) throws {
        try withPrey { prey in
            // With the lock in our hands all else is written to.
            for spared in [[], ["lock"]] as [Set<String>] {
                _ = try prey.set(attack, sparing: spared)
                let before = try FileAttack.contents(of: prey.outside)
                let terminal = try start(prey)
                try terminal.wait(for: "conv0")
                for keys in ["jjj[", "\u{13}", "2", "3", "4", "5", "1"] {
                    terminal.type(keys)
                    terminal.settle(milliseconds: 60)
                }
                terminal.type("q")
                terminal.settle(milliseconds: 60)
                terminal.type("d")
                #expect(try terminal.end() == 0)
                #expect(try FileAttack.contents(of: prey.outside) == before)
            }
            _ = try prey.set(attack, sparing: Set(prey.names), network: true)
            #expect(try start(prey).end() == 2)
            for name in ["runs", "runs/launch.log"] {
                _ = try prey.set(attack, sparing: Set(prey.names).subtracting([name]))
                let before = try FileAttack.contents(of: prey.outside)
                let error = #expect(throws: SessionError.self) {
                    try RunLauncher.launch(session: prey.session, arguments: [], program: "/bin/true") { _ in
                    }
                }
                #expect(error.map { "\($0)".contains(name) } == true)
                #expect(try FileAttack.contents(of: prey.outside) == before)
            }
        }
    }

    private func start(_ prey: Prey) throws -> PseudoTerminal {
        try PseudoTerminal(
            try BuiltProgram.besideTests().file.path, [prey.session], size: .init(rows: 36, columns: 120),
            environment: [
                "XDG_STATE_HOME": prey.folder + "/state", "XDG_CONFIG_HOME": prey.folder + "/config",
                "SWIFT_BACKTRACE": "enable=no",
            ])
    }

    @Test(
        "a file that a command is given is a plain one, or named and refused", arguments: FileAttack.allCases)
    func inputs(attack: FileAttack) throws {
        try withPrey { prey in
            _ = try prey.set(attack, sparing: Set(prey.names))
            // A link that was typed is followed; what it leads to here is no model.
            let names = ["net.onnx", "net.py", "w.safetensors", "w.npz", "net.json", "in.safetensors"]
            for name in names {
                try attack.strike("\(prey.folder)/\(name)", isFolder: false, outside: prey.outside)
            }
            for (folder, name) in [
                ("idx", "train-images-idx3-ubyte"), ("cifar", "data_batch_1.bin"), ("dumped", "index.json"),
            ] {
                try FileManager.default.createDirectory(
                    atPath: "\(prey.folder)/\(folder)", withIntermediateDirectories: true)
                try attack.strike("\(prey.folder)/\(folder)/\(name)", isFolder: false, outside: prey.outside)
            }
            func path(_ name: String) -> String { "\(prey.folder)/\(name)" }
            for arguments in [
                ["check", path("net.onnx")], ["show", path("net.json")],
                ["import", path("net.onnx"), "-o", path("new")],
                ["import", path("net.py"), "--run-python", "-o", path("new")],
                ["import", path("w.safetensors"), "-o", prey.session],
                ["import", path("w.npz"), "-o", prey.session],
                ["inspect", prey.session, "--data", prey.data, "--before", path("in.safetensors")],
                ["eval", prey.session, "--data", "npz:" + path("w.npz")],
                ["eval", prey.session, "--data", "mnist:" + path("idx")],
                ["eval", prey.session, "--data", "cifar10:" + path("cifar")],
                ["compare-dumps", path("dumped"), path("dumped")],
            ] {
                let run = try attacked(prey, attack, arguments)
                #expect(run.code == 2, "\(attack) \(arguments): \(run.output)")
                #expect(run.errors.split(separator: "\n").count == 1, "\(arguments): \(run.errors)")
            }
        }
    }
}
