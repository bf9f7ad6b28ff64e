import Editing
import Foundation
import Graph
import QAT
import Runs
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

@testable import magikbench

/// `train` and `eval` through the built program.
@Suite("Training by command", .limited(minutes: 30))
struct TrainingTests {
    @Test("train and eval print the JSON of the contract, and the session holds what they say")
    func contract() throws {
        try withSmallSession { session, data in
            let options = [
                "--data", data, "--batch", "8", "--recipe", "32,4", "--epochs", "1,1", "--threads", "1",
            ]
            let run = try runProgram(["train", session, "--json"] + options)
            #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
            let events = try run.objects
            let names = events.compactMap { $0["event"]?.text }
            #expect(names.first == "start" && names.last == "end" && names.count == events.count)
            #expect(names.filter { $0 == "step" }.count == 16)
            #expect(names.filter { $0 == "evaluation" }.count == 2)
            #expect(names.filter { $0 == "checkpoint" }.count == 2)
            let keys: [String: Set<String>] = [
                "start": ["event", "run", "parameters", "threads"],
                "step": [
                    "event", "step", "epoch", "loss", "accuracy", "learningRate", "imagesPerSecond",
                    "gradientNorm", "loadingShare",
                ],
                "evaluation": ["event", "epoch", "loss", "accuracy"], "checkpoint": ["event", "path"],
                "ranges": ["event", "step", "ranges"],
                "end": ["event", "reason", "run", "steps", "seconds", "accuracy"],
            ]
            for event in events {
                let expected = keys[event["event"]?.text ?? ""] ?? ["event of a name in the contract"]
                #expect(expected.isSubset(of: event.keys), "\(event.compact)")
                if event["event"] == "checkpoint" {
                    #expect(
                        FileManager.default.fileExists(atPath: session + "/" + (event["path"]?.text ?? "")))
                }
            }
            #expect(events.first?["threads"] == 1 && events.last?["steps"] == 16)
            #expect(events.last?["reason"] == "finished" && events.last?["run"] == events.first?["run"])

            for step in events.filter({ $0["event"] == "step" }) {
                guard case .number(let norm)? = step["gradientNorm"],
                    case .number(let share)? = step["loadingShare"]
                else { throw FixtureError("a step has both numbers: \(step.compact)") }
                #expect(norm > 0 && (0...1).contains(share), "\(step.compact)")
            }
            let evaluations = events.filter { $0["event"] == "evaluation" }
            #expect(evaluations.map { $0["integerAccuracy"] == .null } == [true, false])
            #expect(evaluations.last?["integerSamples"] == 24)
            let store = try #require(try RunStore.openForReading(session: session))
            let rows = try store.evaluations(of: try #require(events.first?["run"]?.text))
            #expect(Set(rows.map(\.mode)) == [.float, .quantized, .integer])
            #expect(rows.allSatisfy { $0.samples == 24 })
            let measured = rows.first { $0.mode == .integer }?.accuracy
            let network = try Session.open(session).document.network
            let narrow = try SmallNetwork.images(bits: 4)
            #expect(network == narrow)
            var documents: [String: JSON] = [:]
            for mode in ["quantized", "float", "integer"] {
                let eval = try runProgram(
                    ["eval", session, "--data", data, "--json", "--threads", "1"]
                        + (mode == "quantized" ? [] : ["--\(mode)"]))
                let json = try JSON(text: eval.output)
                let more = mode == "integer" ? ["movedInputs"] : []
                let task = ["top5", "f1", "classes", "confusion"]
                #expect(json.keys == ["mode", "count", "loss", "accuracy", "split"] + more + task)
                documents[mode] = json
                #expect(json["mode"] == .string(mode) && json["count"] == 24)
                if mode == "integer" { #expect(json["accuracy"] == measured.map(JSON.number)) }
                if mode == "quantized" {
                    #expect(json["accuracy"] == events.last?["accuracy"])
                    // Other batches add the losses up in another order.
                    let evaluation = events.last { $0["event"] == "evaluation" }
                    guard case .number(let loss)? = json["loss"],
                        case .number(let expected)? = evaluation?["loss"]
                    else { throw FixtureError("a loss is a number") }
                    #expect(abs(loss - expected) < 1e-12 * expected)
                }
            }
            let all = try runProgram(
                ["eval", session, "--data", data, "--all", "--json", "--threads", "1"])
            let modes = ["float", "quantized", "integer"].compactMap { documents[$0] }
            #expect(try JSON(text: all.output) == ["results": .array(modes)])
            guard case .array(let classes)? = modes[0]["classes"],
                case .array(let rows)? = modes[0]["confusion"]
            else { throw FixtureError("an evaluation of classes has some") }
            #expect(classes.count == 10 && rows.count == 10)
            #expect(classes.first?.keys == ["name", "recall", "precision", "f1", "count"])
            let counts = classes.reduce(0) { $0 + ($1["count"]?.count ?? 0) }
            #expect(counts == 24)
            let table = try runProgram(["eval", session, "--data", data, "--all", "--threads", "1"])
            let lines = table.output.split(separator: "\n")
            #expect(lines[0] == "24 samples; points are what a mode loses against float")
            #expect(lines[1].hasPrefix("class (recall)") && lines[1].hasSuffix("count"))
            #expect(lines[2].hasPrefix("accuracy ") && lines.contains { $0.hasPrefix("F1 ") })
            #expect(lines.allSatisfy { $0.count <= 80 })
        }
    }

    @Test("text fits 80 columns: what happens on standard error, the result on standard output")
    func text() throws {
        try withSmallSession { session, data in
            let run = try runProgram(
                [
                    "train", session, "--data", "glyphs,limit=64,validation=0.25", "--epochs", "1", "--batch",
                    "8", "--threads", "1",
                ])
            #expect(run.code == 0)
            #expect(run.errors.hasPrefix("run 20") && run.errors.contains("epoch 1: validation accuracy "))
            #expect(run.output.hasPrefix("run 20") && run.output.contains("\nweights: "))
            for line in (run.errors + run.output).split(separator: "\n") where !line.hasPrefix("weights: ") {
                #expect(line.count <= 80, "\(line)")
            }
            let eval = try runProgram(["eval", session, "--data", data])
            #expect(eval.code == 0 && eval.output.hasPrefix("quantized, 24 samples\naccuracy  "))
        }
    }

    @Test(
        "a signal ends a run with 130 after a checkpoint, from which it goes on",
        arguments: [SIGINT, SIGTERM])
    func signals(signal: Int32) throws {
        try withSmallSession { session, data in
            var arguments = ["train", session, "--data", data, "--batch", "8", "--epochs", "100000"]
            var done = 0
            for _ in 0..<2 {
                let child = try ProgramChild(
                    try .besideTests(), arguments + ["--threads", "1", "--json"])
                let start = try JSON(text: try #require(child.line()))
                #expect(start["event"] == "start" && start["doneSteps"] == .integer(done))
                #expect(try JSON(text: try #require(child.line()))["step"] == .integer(done + 1))
                child.signal(signal)
                var lines: [String] = []
                while let line = child.line() { lines.append(line) }
                #expect(child.wait() == 130, "\(child.errors)")
                let end = try JSON(text: try #require(lines.last))
                #expect(end["reason"] == "interrupted")
                #expect(lines.suffix(2).first?.contains("\"checkpoint\"") == true)
                done = try #require(end["steps"]?.count)
                arguments = ["train", session, "--resume", try #require(end["run"]?.text)]
            }
            #expect(try RunStore.openForReading(session: session)?.runs().map(\.state) == [.interrupted])
        }
    }

    @Test("a run that was stopped is evaluated, inspected and exported from its checkpoint")
    func stopped() throws {
        try withSmallSession { session, data in
            let child = try ProgramChild(
                try .besideTests(),
                [
                    "train", session, "--data", data, "--batch", "8", "--recipe", "4", "--epochs", "100000",
                    "--threads", "1", "--json",
                ])
            while let line = child.line(), try JSON(text: line)["event"] != "evaluation" {}
            child.signal(SIGINT)
            while child.line() != nil {}
            #expect(child.wait() == 130, "\(child.errors)")
            // The session itself has no weights, and its network is that of 8 bits.
            #expect(try runProgram(["eval", session, "--data", data]).code == 2)
            for choice in [["--run", "last"], ["--run", "last", "--best"]] {
                let eval = try runProgram(["eval", session, "--data", data, "--json"] + choice)
                #expect(eval.code == 0, "\(eval.errors)")
                guard case .number(let accuracy)? = try JSON(text: eval.output)["accuracy"] else {
                    throw FixtureError("an accuracy is a number")
                }
                #expect((0...1).contains(accuracy))
            }
            let look = try runProgram(["inspect", session, "--run", "last", "--data", data, "--json"])
            #expect(
                look.code == 0 && look.output.replacing(" ", with: "").contains("\"outputBits\":4"),
                "\(look.errors)")
            let model = session + ".onnx"
            let export = try runProgram(["export", session, "--run", "last", "--to", "onnx", "-o", model])
            #expect(export.code == 0 && FileManager.default.fileExists(atPath: model), "\(export.errors)")
            let page = try runProgram(["runs", session, "show", "last"])
            #expect(page.output.contains("--run"), "\(page.output)")
        }
    }

    @Test("a session with a float model recovers by distillation on pictures without labels")
    func recovering() throws {
        try withTrainedSession { path, data in
            let session = try Session.open(path)
            let weights = try #require(try session.weights(isRequired: true))
            try session.save(
                floatModel: FloatModel(network: session.document.network, weights: weights))
            try SmallPictures.withFolder(count: 24) { folder in
                let spec = "images:\(folder),validation=0.25"
                let run = try runProgram([
                    "train", path, "--data", spec, "--batch", "6", "--loss", "distillation", "--epochs", "2",
                    "--threads", "1", "--json",
                ])
                #expect(run.code == 0, "\(run.errors)")
                let events = try run.objects.filter { $0["event"] == "evaluation" }
                #expect(events.map { $0["epoch"] } == [0, 1, 2])
                #expect(events.allSatisfy { $0["split"] == "validation" && $0["accuracy"] == .null })
                let eval = try JSON(
                    text: try runProgram([
                        "eval", path, "--data", spec, "--loss", "distillation", "--batch", "6", "--json",
                    ]).output)
                func sqnr(_ json: JSON?) throws -> Double {
                    guard case .number(let value)? = json?["sqnr"] else { throw FixtureError("no SQNR") }
                    return value
                }
                // The best evaluation's weights are kept, and they are no worse than the start.
                let best = try #require(try events.map { try sqnr($0) }.max())
                #expect(abs(try sqnr(eval) - best) < 1e-3)
                #expect(eval["split"] == "validation" && eval["accuracy"] == .null)
                let float = try runProgram(["eval", path, "--data", data, "--float", "--json"])
                try session.save(weights: weights)
                try FileManager.default.removeItem(atPath: path + "/float.json")
                let before = try runProgram(["eval", path, "--data", data, "--float", "--json"])
                #expect(try JSON(text: float.output)["loss"] == JSON(text: before.output)["loss"])
                let text = try runProgram(["eval", path, "--data", spec, "--loss", "distillation"])
                #expect(text.output.contains("SQNR") && text.output.contains("validation samples"))
            }
        }
    }

    @Test("a pipe that is closed stops a run at a checkpoint")
    func closedPipe() throws {
        try withSmallSession { session, data in
            let run = try BuiltProgram.besideTests().run(
                [
                    "train", session, "--data", data, "--batch", "8", "--epochs", "100000", "--threads", "1",
                    "--json",
                ], wrapper: ["/bin/sh", "-c", #""$0" "$@" | head -n 1"#])
            #expect(run.output.hasPrefix(#"{"event":"start""#))
            let store = try #require(try RunStore.openForReading(session: session))
            let record = try #require(try store.runs().first)
            #expect(record.state == .interrupted)
            #expect(try store.checkpoints(of: record.id).contains { $0.step > 0 })
        }
    }

    @Test(
        "a disk that fills up ends a run in a line; store and session are whole, and train again"
    )
    func fullDisk() throws {
        try withSmallSession { session, data in
            // Files of at most 100 blocks: the store reaches that while the run trains.
            let run = try BuiltProgram.besideTests().run(
                [
                    "train", session, "--data", data, "--batch", "8", "--epochs", "100000", "--threads", "1",
                    "--json",
                ], wrapper: ["/bin/sh", "-c", #"ulimit -f 400; trap '' XFSZ; exec "$0" "$@""#])
            #expect(run.code == 2)
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
            let store = try #require(try RunStore.openForReading(session: session))
            let record = try #require(try store.runs().first)
            #expect(try store.metrics(of: record.id).count > 0)
            #expect(try store.checkpoint(.last, of: record.id) != nil)
            #expect(try Session.open(session).document.network.nodes.count > 0)
            let again = try BuiltProgram.besideTests().run([
                "train", session, "--data", data, "--batch", "8", "--steps", "2",
            ])
            #expect(again.code == 0, "\(again.errors)")
        }
    }

    @Test("a run that is killed at random moments ends with the same bits")
    func killed() throws {
        let trial = try KillTrial(try .besideTests())
        var kills = 0
        for seed in UInt64(0)..<2 {
            let outcome = try trial.run(seed: seed, most: 3)
            kills += outcome.kills.count
            #expect(outcome.complaints.isEmpty, "seed \(seed), \(outcome.kills)")
        }
        #expect(kills > 2)
    }
}

/// What `train` and `eval` refuse, each in one line that says what to do.
@Suite("Training that is refused", .limited)
struct TrainingRefusalTests {
    @Test("bad usage and unreadable input end with 2, before anything is recorded")
    func refusals() throws {
        try withSmallSession { session, data in
            let file = session + ".json"
            try FileManager.default.copyItem(atPath: session + "/network.json", toPath: file)
            let cases: [([String], String)] = [
                (["train", session + "x"], "there is no session"),
                (["train", file], "training needs a session"),
                (["train", session, "--data", "glyfs"], "no data set is named 'glyfs'"),
                (["train", session, "--data", "glyphs,limit=x"], "limit"),
                (["train", session, "--data", "mnist:/no/such"], "/no/such"),
                (["train", session, "--data", data, "--batch", "65"], "make --batch smaller"),
                (["train", session, "--data", data, "--batch", "0"], "--batch is at least 1"),
                (["train", session, "--recipe", "32,9"], "2 to 8 bits, not 9"),
                (["train", session, "--recipe", "32,,4"], "32,,4"),
                (["train", session, "--recipe", "8,4", "--epochs", "1,2,3"], "3 values for 2 stages"),
                (["train", session, "--learning-rate=-1"], "above 0"),
                (["train", session, "--optimizer", "sgdd"], "sgdd"),
                (["train", session, "--resume", "last"], "no run to go on with"),
                (["train", session, "--resume", "nosuch"], "has no run 'nosuch'"),
                (["train", session, "--resume", "last", "--epochs", "3"], "leave --epochs out"),
                (["train", session, "--data", data, "--from-weights"], "has no weights yet"),
                (["train", session, "--data", data, "--batch", "8", "--loss", "distillation"], "has none"),
                (["eval", session, "--data", data], "has no weights yet"),
                (["eval", file, "--data", data], "a network file by itself"),
                (["eval", session, "--loss", "distillation"], "has no weights yet"),
                (["eval", session, "--run", "last"], "has no run 'last'"),
                (["eval", session, "--best"], "--best is for --run"),
                (["eval", session + "x"], "there is no session"),
            ]
            for (arguments, part) in cases {
                let run = try runProgram(arguments)
                #expect(run.code == 2 && run.output.isEmpty, "\(arguments): \(run.output)")
                #expect(run.errors.split(separator: "\n").count == 1, "\(arguments): \(run.errors)")
                #expect(run.errors.hasPrefix("magikbench: ") && run.errors.contains(part), "\(run.errors)")
            }
            #expect(try RunStore.openForReading(session: session)?.runs() ?? [] == [])
            #expect(!FileManager.default.fileExists(atPath: session + "/weights.safetensors"))
        }
    }

    @Test("a finished run has nothing to go on with, and weights of another network are refused")
    func finished() throws {
        try withSmallSession { session, data in
            let options = ["--data", data, "--batch", "8", "--epochs", "1", "--threads", "1"]
            #expect(try runProgram(["train", session] + options).code == 0)
            let again = try runProgram(["train", session, "--resume", "last"])
            #expect(again.code == 2 && again.errors.contains("is finished"))
            // Another program writes a network that the weights are not of.
            let file = session + "/network.json"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let wider = text.replacingOccurrences(of: "\"outChannels\":4", with: "\"outChannels\":5")
            #expect(wider != text)
            try wider.write(toFile: file, atomically: true, encoding: .utf8)
            for arguments in [
                ["eval", session, "--data", data], ["train", session, "--from-weights"] + options,
            ] {
                let run = try runProgram(arguments)
                #expect(run.code == 2 && run.errors.contains("the weights do not fit the network: "))
            }
        }
    }

    @Test("weights, checkpoints and run stores that are damaged are named, and left as they are")
    func damaged() throws {
        try withSmallSession { session, data in
            let options = [
                "train", session, "--data", data, "--batch", "8", "--epochs", "1", "--threads", "1",
            ]
            #expect(try runProgram(options + ["--steps", "3"]).code == 0)
            let run = try #require(try RunStore.openForReading(session: session)?.runs().first)
            for (name, arguments) in [
                ("weights.safetensors", ["eval", session, "--data", data]),
                ("weights.safetensors", options + ["--from-weights"]),
                ("runs.sqlite", options),
            ] {
                let path = session + "/" + name
                let whole = try Data(contentsOf: URL(filePath: path))
                let broken = whole.prefix(whole.count / 2).map { $0 ^ 0x55 }
                try Data(broken).write(to: URL(filePath: path))
                let result = try runProgram(arguments)
                #expect(result.code == 2 && result.errors.contains(name), "\(result.errors)")
                #expect(result.errors.split(separator: "\n").count == 1)
                #expect(try Data(contentsOf: URL(filePath: path)) == Data(broken))
                try whole.write(to: URL(filePath: path))
            }
            #expect(run.state == .finished)
        }
    }
}

/// A session of the small network, and what to write for `--data`: 64 training and 24 test images of 8x8.
func withSmallSession(_ body: (String, String) throws -> Void) throws {
    try withTemporaryFolder { folder in
        try SmallImages.write(to: folder)
        try body(try SmallNetwork.session(in: folder).path, "idx:" + folder)
    }
}
