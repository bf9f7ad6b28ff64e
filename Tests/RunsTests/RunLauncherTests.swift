import Foundation
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import Runs

/// Starting runs and telling them something.
@Suite(.limited)
struct RunLauncherTests {
    @Test("a start that fails is told in the last line that it said, and not in those of others before")
    func failing() throws {
        try withSession { session in
            for (number, words) in ["the data is not there", ""].enumerated() {
                let script = try script(
                    "echo beginning >&2; echo '\(words)' >&2; exit \(number + 1)", in: session)
                let ended = Ended()
                try RunLauncher.launch(
                    session: session, arguments: [], program: script, ended: ended.take)
                #expect(try ended.wait() == (number == 0 ? words : "beginning"))
            }
            for code in [0, 130] {
                let script = try script("exit \(code)", in: session)
                let ended = Ended()
                try RunLauncher.launch(session: session, arguments: [], program: script, ended: ended.take)
                #expect(try ended.wait() == nil)
            }
            let silent = Ended()
            try RunLauncher.launch(
                session: session, arguments: [], program: try script("exit 3", in: session),
                ended: silent.take)
            #expect(try silent.wait() == "the run failed with code 3")
            let killed = Ended()
            try RunLauncher.launch(
                session: session, arguments: [], program: try script("kill -9 $$", in: session),
                ended: killed.take)
            #expect(try killed.wait() == "the run was ended by signal 9; it goes on from its last checkpoint")
        }
    }

    @Test(
        "a run is a session of its own, without the terminal, files or blocked signals of the process that starts it"
    )
    func apart() throws {
        try withSession { session in
            let script = try script(
                """
                read -r line && echo "there is input: $line"
                [ "$(cut -d ' ' -f 6 /proc/$$/stat)" = $$ ] && echo "own session"
                grep -E 'SigBlk|SigIgn' /proc/self/status
                for file in /proc/$$/fd/*; do echo "$(readlink $file)"; done
                echo "$@"
                exit 7
                """, in: session)
            // A file that the child must not get.
            let leak = open(session, O_RDONLY)
            defer { close(leak) }
            let ended = Ended()
            let process = try RunLauncher.launch(
                session: session, arguments: ["--epochs", "2 3"], program: script, ended: ended.take)
            #expect(process > 1)
            #expect(try ended.wait() == "train \(session) --epochs 2 3")
            let log = try String(contentsOfFile: session + "/runs/launch.log", encoding: .utf8)
            #expect(log.contains("own session") && !log.contains("there is input"))
            let masks = log.matches(of: /Sig...:\t([0-9a-f]{16})/).compactMap { UInt64($0.1, radix: 16) }
            // 32 and 33 are the C library's own.
            #expect(masks.count == 2 && masks.allSatisfy { $0 & 0x7FFF_FFFF == 0 })
            #expect(log.contains("/dev/null") && !log.split(separator: "\n").contains(Substring(session)))
        }
    }

    @Test("a program that is not there, and a folder that is none, are refused")
    func refused() throws {
        try withSession { session in
            #expect(throws: SessionError.self) {
                try RunLauncher.launch(session: session, arguments: [], program: "/nowhere/at/all") { _ in }
            }
            #expect(throws: SessionError.self) {
                try RunLauncher.launch(session: session + "/none", arguments: []) { _ in }
            }
        }
    }

    @Test("only the process that writes a run is told anything")
    func strangers() {
        var record = RunSamples.record("r1")
        record.process.host = "elsewhere"
        #expect(
            RunLauncher.tell(record, .stop) == "run r1 is on elsewhere; only there it can be told anything")
        // This process, but begun at another time, or at an unknown time.
        for time in [1, nil] {
            record.process = .current
            record.process.startTime = time
            #expect(RunLauncher.tell(record, .stop) == "run r1 has no process any more")
        }
    }

    @Test("a run of the real program pauses, goes on, and saves a checkpoint when it is stopped while paused")
    func real() throws {
        let program = try BuiltProgram.besideTests()
        try withTemporaryFolder { folder in
            let session = try SmallNetwork.session(in: folder).path
            let (told, ended) = (Told(), Ended())
            let watch = RunWatch(session: session) { told.take($0) }
            defer { watch.stop() }
            let process = try RunLauncher.launch(
                session: session,
                arguments: [
                    "--data", "glyphs,limit=96", "--batch", "8", "--epochs", "100000", "--threads", "1",
                ], program: program.file.path, ended: ended.take)
            // A test that fails leaves no run behind.
            defer { if !ended.isThere { kill(pid_t(process), SIGKILL) } }
            let running = try told.next { $0.shown?.evaluation != nil && $0.shown?.activity == .running }
            let record = try #require(running.shown?.record)
            #expect(record.steps == 1_200_000 && running.shown?.leftWords.hasSuffix("left") == true)
            #expect(RunLauncher.tell(record, .pause) == nil)
            let paused = try told.next { $0.shown?.activity == .paused }
            #expect(RunLauncher.tell(record, .goOn) == nil)
            let step = paused.detail?.lastStep ?? 0
            _ = try told.next { $0.shown?.activity == .running && $0.detail?.lastStep ?? 0 > step }
            #expect(RunLauncher.tell(record, .pause) == nil)
            _ = try told.next { $0.shown?.activity == .paused }
            #expect(RunLauncher.tell(record, .stop) == nil)
            let stopped = try told.next { $0.shown?.activity == .interrupted }
            #expect(try ended.wait() == nil)
            let store = try #require(try RunStore.openForReading(session: session))
            let checkpoint = try store.checkpoints(of: record.id).first { $0.kind == .last }
            #expect(checkpoint?.step == stopped.detail?.lastStep)
        }
    }

    @Test("data that cannot be read is one sentence of the real program")
    func unreadable() throws {
        let program = try BuiltProgram.besideTests()
        try withTemporaryFolder { folder in
            let session = try SmallNetwork.session(in: folder).path
            let ended = Ended()
            try RunLauncher.launch(
                session: session, arguments: ["--data", "mnist:\(folder)/nowhere"],
                program: program.file.path, ended: ended.take)
            let words = try #require(try ended.wait())
            #expect(words.contains("nowhere") && !words.contains("\n"))
        }
    }

    private func script(_ text: String, in folder: String) throws -> String {
        let path = folder + "/script-\(UUID().uuidString).sh"
        try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }
}

/// How a run ended, with a wait for its end.
private final class Ended: @unchecked Sendable {
    private let condition = NSCondition()
    private var words: String??

    func take(_ words: String?) {
        condition.withLock {
            self.words = .some(words)
            condition.broadcast()
        }
    }

    var isThere: Bool { condition.withLock { words != nil } }

    func wait() throws -> String? {
        let deadline = Date.now + 60
        condition.lock()
        defer { condition.unlock() }
        while words == nil {
            guard condition.wait(until: deadline) else { throw FixtureError("the run does not end") }
        }
        return words ?? nil
    }
}
