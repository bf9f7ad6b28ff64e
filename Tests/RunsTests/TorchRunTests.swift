import Foundation
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import Runs

/// What a run by PyTorch says, and how its processes end. A shell script stands in for Python here.
@Suite("A run by PyTorch", .limited)
struct TorchRunTests {
    private static let step = """
        {"event":"step","step":1,"epoch":0,"stage":0,"loss":2.5,"accuracy":0.5,"learningRate":0.1,"imagesPerSecond":9,"gradientNorm":1}
        """

    @Test("lines are understood, and what is none of ours is left alone")
    func lines() throws {
        #expect(
            TorchMessage("{\"event\":\"worker\",\"rank\":1,\"process\":7}", steps: 4)
                == .worker(rank: 1, process: 7))
        guard case .step(let step, let speed)? = TorchMessage(TorchRunTests.step, steps: 4) else {
            throw FixtureError("a step is a step")
        }
        #expect(step.step == 1 && step.steps == 4 && step.loss == 2.5 && step.accuracy == 0.5 && speed == 9)
        #expect(
            TorchMessage(
                "{\"event\":\"checkpoint\",\"path\":\"x\",\"step\":3,\"epoch\":1,\"best\":true}", steps: 4)
                == .checkpoint(step: 3, epoch: 1, isBest: true))
        for line in [
            "", "Downloading", "{}", "{\"event\":\"step\"}", "{\"event\":\"start\",\"steps\":1}", "[1]",
        ] {
            #expect(TorchMessage(line, steps: 4) == nil, "\(line)")
        }
    }

    @Test("a launcher's log names the process that a signal ended, not those that it ended itself")
    func casualty() {
        let log = """
            Failures:
            [1]:
              rank      : 0 (local_rank: 0)
              exitcode  : -15 (pid: 632)
            Root Cause (first observed failure):
            [0]:
              rank      : 1 (local_rank: 1)
              exitcode  : -9 (pid: 633)  (SIGKILL)
              traceback : Signal 9 (SIGKILL) received by PID 633
            """
        #expect(TorchCasualty.first(in: log) == TorchCasualty(rank: 1, process: 633, signal: 9))
        #expect(TorchCasualty.first(in: "rank : 0 (local_rank: 0)\n exitcode : 1 (pid: 5)") == nil)
    }

    /// Trains a small session with a script in place of Python, which ends as it likes.
    private func outcome(
        _ script: String, processes: Int = 2, data: String? = nil, body: (String, RunRecord?) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            try SmallImages.write(to: folder)
            let session = try SmallNetwork.session(in: folder)
            let python = folder + "/python"
            let text = "#!/bin/sh\n[ \"$1\" = -c ] && exit 0\n" + script + "\n"
            try Data(text.utf8).write(to: URL(filePath: python))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
            var plan = TrainingPlan(
                stages: [.init(epochs: 1, optimizer: .sgd, learningRate: 0.1)], data: data ?? "idx:" + folder)
            plan.batch = 8
            let engine = TorchEngine(processes: processes, python: python, threads: 1) { _ in "# network" }
            var run = TrainingRun(
                session, with: engine, isStopped: { false }, isCheckpointDue: { false }, tell: { _ in })
            var words = ""
            do {
                _ = try run.run(.begin(plan, fromWeights: false))
            } catch {
                words = "\(error)"
            }
            let store = try RunStore.openForWriting(session: session.path)
            try body(words, try store.runs().first)
        }
    }

    @Test("a worker that a signal ends is named, and the last checkpoint stays")
    func killed() throws {
        let script = """
            echo '\(TorchRunTests.step)'
            echo '{"event":"checkpoint","path":"x","step":1,"epoch":0,"best":false}'
            echo '{"event":"error","rank":0,"own":false,"message":"RuntimeError: gloo"}'
            echo '  rank      : 1 (local_rank: 1)' >&2
            echo '  exitcode  : -9 (pid: 633)' >&2
            exit 1
            """
        try outcome(script) { words, record in
            let expected =
                "worker 1 (process 633) was ended by signal 9; the last checkpoint is that of step 1"
            #expect(words == expected)
            #expect(record?.state == .failed && record?.message == expected)
        }
    }

    @Test("what a process says is wrong is told, its own word before what others say of it")
    func told() throws {
        let script = """
            echo '{"event":"error","rank":1,"own":false,"message":"RuntimeError: gloo"}'
            echo '{"event":"error","rank":0,"own":true,"message":"step 3: the loss is not finite"}'
            exit 2
            """
        try outcome(script) { words, record in
            #expect(
                words == "step 3: the loss is not finite; the last checkpoint is that of step 0"
                    && record?.state == .failed)
        }
    }

    @Test("an end without a word says where the messages are")
    func silent() throws {
        try outcome("echo beginning >&2; echo 'no such module' >&2; exit 3") { words, _ in
            #expect(
                words.hasPrefix("PyTorch failed with code 3 (no such module); ")
                    && words.contains("torch.log"))
        }
        try outcome("kill -9 $$", processes: 2) { words, _ in
            #expect(words.hasPrefix("PyTorch was ended by signal 9; "))
        }
    }

    @Test("what is done is taken over from the checkpoint")
    func finished() throws {
        try outcome("echo '{\"event\":\"end\",\"reason\":\"finished\"}'", processes: 1) { words, record in
            #expect(words.isEmpty && record?.state == .finished)
        }
    }

    @Test("what cannot be trained so is refused before a run begins")
    func refused() throws {
        try outcome("exit 0", processes: 3) { words, record in
            #expect(words.contains("a batch of 8 cannot be shared by 3 processes") && record == nil)
        }
        try outcome("exit 0", data: "glyphs") { words, record in
            #expect(words.contains("leave it out for 'glyphs'") && record == nil)
        }
        var engine = TorchEngine(processes: 1, python: "/nowhere/python", threads: 1) { _ in "" }
        let plan = TrainingPlan(stages: [], data: "mnist:here")
        #expect {
            try engine.check(plan)
        } throws: {
            "\($0)".hasPrefix("'/nowhere/python' cannot be started: No such file")
        }
        engine.python = "false"
        #expect {
            try engine.check(plan)
        } throws: {
            "\($0)".hasPrefix("'false' has no PyTorch; install it with 'false -m pip install torch'")
        }
    }
}
