import Datasets
import Devices
import Editing
import Foundation
import Graph
import QAT
import Runs
import Sessions
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import magikbench

/// Names are data: whatever a session is called, and whatever its files say, no output steers a terminal.
@Suite("Hostile names", .limited(minutes: 30))
struct HostileNameTests {
    private static let evil = HostileText.text
    private static let runName = "2026-11-25-143010-x7"

    /// A trained session whose folder, notes, reasons and store are hostile.
    private func withHostileSession(
        _ body: (_ session: String, _ data: String, _ folder: String) throws -> Void
    ) throws {
        try withTrainedSession { plain, data in
            let folder = URL(filePath: plain).deletingLastPathComponent().path
            let path = "\(folder)/\(Self.evil).magik"
            try FileManager.default.moveItem(atPath: plain, toPath: path)
            var session = try Session.open(path)
            try session.document.apply(.annotate(layer: "conv0", note: Self.evil))
            session.document.waivers = [
                Waiver(rule: "channels-32", layer: "conv1", reason: "because \(Self.evil)")
            ]
            try session.save()
            let store = try RunStore.openForWriting(session: path)
            let plan = TrainingPlan(
                stages: [.init(bits: 8, epochs: 2, optimizer: .adam, learningRate: 0.001)], data: Self.evil)
            var record = RunRecord(
                id: Self.runName, plan: plan.json, seed: 1, data: Self.evil, digest: Self.evil,
                network: session.document.text, device: Self.evil)
            (record.steps, record.stepsPerEpoch, record.note) = (4, 2, Self.evil)
            let writer = try store.begin(record)
            try writer.add(
                .metrics(
                    RunMetrics(
                        step: 1, epoch: 0, loss: 2, accuracy: 0.5, learningRate: 0.001, imagesPerSecond: 10)))
            try writer.add(
                .evaluation(
                    RunEvaluation(
                        step: 2, epoch: 1, split: .test, mode: .quantized, loss: 1.5, accuracy: 0.75)))
            for tensor in TensorObservation.Kind.allCases {
                try writer.add(
                    .range(
                        RunRange(
                            step: 2, layer: Self.evil, tensor: tensor, minimum: -1, maximum: 1, clip: 1,
                            clipRatio: 0, mean: 0, deviation: 1, sqnr: 20, flips: 0.25)))
            }
            try writer.end(.failed, message: Self.evil)
            try body(path, data, folder)
        }
    }

    /// What to call each command with; a command without a line here fails the test.
    private func calls(
        of command: String, _ session: String, _ data: String, _ folder: String
    ) -> [[String]]? {
        let (evil, run) = (Self.evil, Self.runName)
        let fed = ["--data", data]
        switch command {
        case "samples": return [[], ["--json"]]
        case "new":
            return [["\(folder)/new-\(evil)"], [session], ["x", "--from", evil], ["x", "--device", evil]]
        case "show": return [[session], [session, "--json"], [evil]]
        case "chips": return [[session], [session, "--json"], [evil], [session, "--sort", evil]]
        case "check":
            return [
                [session], [session, "--device", "all"], [session, "--device", "Txx", "--format", "json"],
                [session, "--device", "T40", "--format", "sarif"], [evil], [session, "--device", evil],
            ]
        case "set":
            return [
                [session, "conv0.clip=5"], [session, "\(evil).clip=5"], [session, "conv0.\(evil)=1"],
                [session, "conv0.clip=\(evil)"], [session, evil],
            ]
        case "train":
            return [
                [session] + fed + ["--steps", "1", "--batch", "8"],
                [session] + fed + ["--steps", "1", "--batch", "8", "--json"],
                [session, "--data", "idx:\(evil)"], [session, "--resume", evil], [session, "--resume", run],
            ]
        case "quantize":
            return [
                [session] + fed + ["--dry-run"], [session] + fed + ["--dry-run", "--json"],
                [session, "--data", evil],
            ]
        case "eval":
            return [
                [session] + fed, [session, "--json"] + fed, [session, "--integer"] + fed,
                [session, "--run", evil] + fed, [session, "--data", "npz:\(evil)"],
            ]
        case "anchors": return [[session, "--data", "yolo:\(evil)"], [evil, "--data", "scenes"]]
        case "look":
            return [
                [session] + fed, [session, "--json", "--worst"] + fed, [session, "--class", evil] + fed,
                [session, "--png", "\(folder)/\(evil)"] + fed, [session, "--data", "yolo:\(evil)"],
            ]
        case "inspect":
            return [
                [session] + fed, [session, "--json"] + fed, [session, "--csv"] + fed,
                [session, "--layer", "conv0"] + fed, [session, "--layer", evil] + fed,
            ]
        case "sweep":
            return [[session, "--over", "clip"] + fed, [session, "--over", "factor", "--csv"] + fed]
        case "runs":
            return [
                [session], [session, "--json"], [session, "--csv"], [session, "--filter", evil],
                [session, "show", run], [session, "show", run, "--json"], [session, "show", evil],
                [session, "compare", run, "last"], [session, "compare", run, "last", "--json"],
                [session, "compare", run, "last", "--csv"], [session, "note", run, evil],
                [session, "export", run, "--csv", "-o", "\(folder)/csv-\(evil)"],
                [session, "export", run, "--json", "-o", "\(folder)/json-\(evil)"],
                [session, "export", run, "--tensorboard", "-o", "\(folder)/board-\(evil)"],
                [session, "delete", run],
            ]
        case "import":
            return [
                ["\(folder)/\(evil).onnx", "-o", "x"],
                ["\(folder)/out-\(evil).onnx", "-o", "\(folder)/in-\(evil)"],
                ["\(folder)/out-\(evil).onnx", "--report", "--json"],
                ["\(folder)/out-\(evil).safetensors", "-o", session],
                ["\(folder)/out-\(evil).py", "-o", "x"],
            ]
        case "export":
            return [
                [session, "--to", "onnx", "-o", "\(folder)/out-\(evil).onnx"],
                [session, "--to", "safetensors", "-o", "\(folder)/out-\(evil).safetensors"],
                [session, "--to", "torch", "-o", "\(folder)/out-\(evil).py"],
                [session, "--to", "magik", "-o", "\(folder)/none/\(evil).py"],
                [session, "--to", evil, "-o", "x"],
            ]
        case "report":
            return [
                [session, "-o", "\(folder)/r-\(evil).html"] + fed,
                [session, "-o", "\(folder)/r-\(evil).md"] + fed,
                [session, "-o", "\(folder)/r-\(evil).md"], [evil, "-o", "x"],
            ]
        case "dump":
            return [[session, "-o", "\(folder)/dump-\(evil)"] + fed, [session, "-o", "x", "--index", evil]]
        case "compare-dumps":
            return [["\(folder)/dump-\(evil)", "\(folder)/dump-\(evil)"], [evil, "\(folder)/dump-\(evil)"]]
        case "config":
            return [[], ["--json"], ["set", evil], ["set", "\(evil)=\(evil)"], ["set", "keys.\(evil)=x"]]
        case "bench": return [["quantize", "--thousands", "1", "--rounds", "1"], [evil]]
        default: return nil
        }
    }

    @Test("no output of any command has a control character or a mark of direction in it")
    func commands() throws {
        try withHostileSession { session, data, folder in
            // What others read is written first.
            let names = Magikbench.commandNames.sorted { first, _ in ["export", "dump"].contains(first) }
            for command in names {
                let lines = try #require(calls(of: command, session, data, folder), "\(command)")
                for arguments in lines { try hold([command] + arguments) }
            }
            for arguments in [[session], [session, "--plain"], [Self.evil], ["--\(Self.evil)"]] {
                try hold(arguments)
            }
        }
    }

    @Test("no value of an option crashes a command or steers a terminal", arguments: 0..<4)
    func options(piece: UInt64) throws {
        try withSmallSession { session, data in
            let fuzz = try OptionFuzz(.besideTests(), session: session, data: data)
            #expect(fuzz.count > 50)
            for seed in piece * 10..<(piece + 1) * 10 {
                let fault = try fuzz.fault(seed: seed)
                #expect(fault == nil, "seed \(seed), \(fuzz.arguments(seed: seed)): \(fault ?? "")")
            }
        }
    }

    @Test(
        "a number out of a store that is no count or time is damage, not a crash",
        arguments: [
            "UPDATE metrics SET step = 9223372036854775807", "UPDATE runs SET started = 9e999",
            "UPDATE evaluations SET epoch = -1", "UPDATE runs SET steps = 9223372036854775807",
        ])
    func storeNumbers(statement: String) throws {
        try withHostileSession { session, _, folder in
            try StoreDamage.apply(statement, to: session)
            for arguments in [
                [session], ["show", "last", "--json"],
                ["export", "last", "--tensorboard", "-o", folder + "/board"],
            ] {
                let words = arguments.count == 1 ? arguments : [session] + arguments
                let run = try runProgram(["runs"] + words)
                #expect([0, 2].contains(run.code), "\(words): \(run.code) \(run.errors)")
            }
        }
    }

    private func hold(_ arguments: [String]) throws {
        let run = try runProgram(arguments)
        let shown = arguments.prefix(3).joined(separator: " ").printable
        #expect([0, 1, 2].contains(run.code), "\(shown): ended with \(run.code): \(run.errors.prefix(300))")
        #expect(!(run.output + run.errors).isEmpty || run.code == 0, "\(shown)")
        for text in [run.output, run.errors] {
            #expect(HostileText.fault(in: text) == nil, "\(shown): \(text.prefix(600).debugDescription)")
        }
        if arguments.contains("--json"), !arguments.contains("export"), run.code != 2 {
            for line in arguments.first == "train"
                ? run.output.split(separator: "\n").map(String.init) : [run.output]
            {
                _ = try JSON(text: line)
            }
        }
    }
}
