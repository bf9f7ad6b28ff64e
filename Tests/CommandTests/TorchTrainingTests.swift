import Devices
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
                        "--freeze", "conv0", "--rate", "scores=0.5", "--label-smoothing", "0.1",
                    ]
                }
                let own = try runProgram(options + rest + ["--threads", "1", "--json"])
                let theirs = try runProgram(options + rest + TorchTrainingTests.torch)
                #expect(own.code == 0 && theirs.code == 0, "\(own.errors) \(theirs.errors)")
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

    @Test(
        "one process makes the steps of a detector that our own engine makes, on the same changed pictures",
        .enabled(if: Python.has("PIL"), Comment(rawValue: Python.absence(of: "PIL"))))
    func sameDetectorSteps() throws {
        try withTemporaryFolder { folder in
            let session = try detector(in: folder)
            try boxes(in: folder)
            let options = [
                "train", session, "--data", "yolo:\(folder),augment=detection,validation=0.25", "--batch",
                "8",
                "--epochs", "2", "--recipe", "32",
            ]
            let own = try runProgram(options + ["--threads", "1", "--json"])
            let theirs = try runProgram(options + TorchTrainingTests.torch)
            #expect(own.code == 0 && theirs.code == 0, "\(own.errors) \(theirs.errors)")
            let mine = numbers("loss", try own.objects)
            let others = numbers("loss", try theirs.objects)
            #expect(mine.count == 6 && others.count == 6)
            for (mine, other) in zip(mine, others) { #expect(abs(mine - other) < 2e-3 * mine) }
            let last = try own.objects.last { $0["event"] == "evaluation" }
            let other = try theirs.objects.last { $0["event"] == "evaluation" }
            #expect(last?["accuracy"] != nil && other?["accuracy"] != nil)
        }
    }

    /// A session of a detector of two classes on grey pictures of 32x32.
    private func detector(in folder: String) throws -> String {
        var nodes = [Node("preprocess", Preprocess().layer, inputs: ["image"])]
        for (index, channels) in [8, 8, 8].enumerated() {
            var product = Conv2D()
            product.outChannels = channels
            product.stride = 2
            product.padding = 1
            nodes.append(Node("conv\(index)", product.layer, inputs: [Source(nodes[index].name)]))
        }
        var head = Conv2D()
        head.outChannels = 14
        head.activationFunction = .none
        head.padding = 1
        nodes.append(Node("head", head.layer, inputs: ["conv2"]))
        var network = try Network(
            inputs: [Input("image", .map(channels: 1, height: 32, width: 32))], nodes: nodes)
        let anchors = [BoxSize(width: 8, height: 8), BoxSize(width: 14, height: 10)]
        network = try network.applying(
            .setTask(
                .detection(
                    DetectionTask(
                        classes: ["0", "1"],
                        heads: [.yolov5(AnchorHead(layer: HeadPart("head"), anchors: anchors))]))))
        return try Session.create(folder + "/detector", Document(network: network, device: .t40)).path
    }

    /// Pictures of 8x8 in a form that `yolo` reads, each with a box of every class.
    private func boxes(in folder: String) throws {
        for kind in ["images", "labels"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(kind)/train", withIntermediateDirectories: true)
        }
        try SmallPictures.write(count: 32, to: "\(folder)/images/train")
        for index in 0..<32 {
            let share = Double(index) / 80
            let lines = "0 \(0.3 + share) 0.4 0.3 0.25\n1 0.6 \(0.7 - share) 0.4 0.35\n"
            try Data(lines.utf8).write(to: URL(filePath: "\(folder)/labels/train/\(index + 100).txt"))
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
