import Editing
import Foundation
import Graph
import Runs
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import magikbench

/// `train --engine torch` and `export --to torch` with a real PyTorch.
@Suite(
    "Training by PyTorch", .limited(minutes: 30),
    .enabled(if: Python.has("torch"), Comment(rawValue: Python.absence(of: "torch"))))
struct TorchTrainingTests {
    private static let torch = ["--engine", "torch", "--python", Python.name, "--threads", "1", "--json"]

    private func numbers(_ key: String, _ events: [JSON]) -> [Double] {
        events.compactMap { event in
            guard event["event"] == "step", case .number(let value)? = event[key] else { return nil }
            return value
        }
    }

    @Test("two processes train a recipe; its weights are the session's and evaluate as they did there")
    func twoProcesses() throws {
        try withSmallSession { session, data in
            let run = try runProgram(
                ["train", session, "--data", data, "--batch", "8", "--recipe", "32,4", "--epochs", "1,1"]
                    + ["--processes", "2", "--average", "0.9"] + TorchTrainingTests.torch)
            #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
            let events = try run.objects
            let names = events.compactMap { $0["event"]?.text }
            #expect(names.first == "start" && names.last == "end" && names.count == events.count)
            #expect(names.filter { $0 == "step" }.count == 16)
            #expect(names.filter { $0 == "evaluation" }.count == 2)
            #expect(events.last?["accuracy"] == events.last?["torchAccuracy"])
            #expect(try Session.open(session).document.network == SmallNetwork.images(bits: 4))
            let eval = try runProgram(["eval", session, "--data", data, "--json", "--threads", "1"])
            #expect(try JSON(text: eval.output)["accuracy"] == events.last?["accuracy"])
            let store = try #require(try RunStore.openForReading(session: session))
            let record = try #require(try store.runs().first)
            #expect(record.state == .finished && record.plan["engine"] == "torch")
            #expect(try !store.histogramSteps(of: record.id).isEmpty)
        }
    }

    @Test("one process makes the steps that our own engine makes, on the same samples")
    func sameSteps() throws {
        try withSmallSession { session, data in
            let options = [
                "train", session, "--data", data + ",augment=flip+crop,validation=0.25", "--batch", "8",
                "--epochs", "2", "--recipe", "32",
            ]
            for rule in ["sgd", "nesterov", "adam", "adamw"] {
                var rest = ["--optimizer", rule, "--gradient-norm", "1", "--warmup", "3"]
                if rule == "sgd" || rule == "adam" {
                    rest += [
                        "--freeze", "conv0.bias", "--rate", "scores=0.5", "--label-smoothing", "0.1",
                    ]
                }
                let own = try runProgram(options + rest + ["--threads", "1", "--json"])
                let theirs = try runProgram(options + rest + TorchTrainingTests.torch)
                #expect(own.code == 0 && theirs.code == 0, "\(theirs.errors)")
                let (ours, others) = (numbers("loss", try own.objects), numbers("loss", try theirs.objects))
                #expect(ours.count == 12 && others.count == 12)
                for (mine, other) in zip(ours, others) { #expect(abs(mine - other) < 1e-3 * mine, "\(rule)") }
                #expect(
                    numbers("learningRate", try own.objects) == numbers("learningRate", try theirs.objects))
            }
        }
    }

    @Test("a step of several batches, and the average of its weights, are those of our own engine")
    func averaged() throws {
        try withSmallSession { session, data in
            let options = [
                "train", session, "--data", data + ",validation=0.25", "--batch", "4", "--accumulate", "2",
                "--epochs", "2", "--recipe", "32", "--average", "0.99",
            ]
            let own = try runProgram(options + ["--threads", "1", "--json"])
            let theirs = try runProgram(options + TorchTrainingTests.torch)
            #expect(own.code == 0 && theirs.code == 0, "\(own.errors) \(theirs.errors)")
            let (ours, others) = (numbers("loss", try own.objects), numbers("loss", try theirs.objects))
            #expect(ours.count == 12 && others.count == 12)
            for (mine, other) in zip(ours, others) { #expect(abs(mine - other) < 1e-3 * mine) }
            let end = try #require(try theirs.objects.last)
            #expect(end["accuracy"] == end["torchAccuracy"])
        }
    }

    @Test("a worker that is killed ends the run with its name, and the run goes on from its checkpoint")
    func killed() throws {
        try withSmallSession { session, data in
            let child = try ProgramChild(
                try .besideTests(),
                ["train", session, "--data", data, "--batch", "8", "--epochs", "100000", "--processes", "2"]
                    + TorchTrainingTests.torch)
            while let line = child.line() { if line.contains("\"checkpoint\"") { break } }
            let worker = try #require(try process(ofRank: 1, of: session))
            kill(worker, SIGKILL)
            while child.line() != nil {}
            #expect(child.wait() == 2)
            #expect(child.errors.contains("worker 1 (process \(worker)) was ended by signal 9"))
            let store = try #require(try RunStore.openForReading(session: session))
            let record = try #require(try store.runs().first)
            #expect(record.state == .failed && record.message?.contains("signal 9") == true)
            let again = try begin(
                ["train", session, "--resume", "last", "--threads", "1", "--json"], stopAfter: 3)
            #expect(again.contains("\"doneSteps\":") && !again.contains("\"doneSteps\":0"))
        }
    }

    @Test("a signal ends it with 130 after a checkpoint, from which PyTorch goes on")
    func stopped() throws {
        try withSmallSession { session, data in
            let child = try ProgramChild(
                try .besideTests(),
                ["train", session, "--data", data, "--batch", "8", "--epochs", "100000", "--processes", "2"]
                    + TorchTrainingTests.torch)
            while let line = child.line() { if line.contains("\"step\",") { break } }
            child.signal(SIGTERM)
            var last = ""
            while let line = child.line() { last = line }
            #expect(child.wait() == 130, "\(child.errors)")
            #expect(try JSON(text: last)["reason"] == "interrupted")
            let done = try #require(try JSON(text: last)["steps"]?.count)
            let lines = try begin(
                ["train", session, "--resume", "last"] + TorchTrainingTests.torch, stopAfter: 2)
            #expect(lines.contains("\"step\":\(done + 1),"), "\(lines)")
        }
    }

    /// The first lines of a run, which is then stopped.
    private func begin(_ arguments: [String], stopAfter count: Int) throws -> String {
        let child = try ProgramChild(try .besideTests(), arguments)
        let lines = (0..<count).compactMap { _ in child.line() }
        child.signal(SIGTERM)
        while child.line() != nil {}
        #expect(child.wait() == 130, "\(child.errors)")
        return lines.joined(separator: "\n")
    }

    /// The process of a rank that trains a session.
    private func process(ofRank rank: Int, of session: String) throws -> pid_t? {
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let process = pid_t(name) else { continue }
            // Processes come and go while the folder is read.
            let files = ["cmdline", "environ"].map {
                FileManager.default.contents(atPath: "/proc/\(name)/\($0)")
            }
            guard let command = files[0], let settings = files[1] else { continue }
            let variables = String(decoding: settings, as: UTF8.self).split(separator: "\0")
            let line = String(decoding: command, as: UTF8.self)
            if line.contains(session), line.contains("network.py"), variables.contains("RANK=\(rank)") {
                return process
            }
        }
        return nil
    }
}
