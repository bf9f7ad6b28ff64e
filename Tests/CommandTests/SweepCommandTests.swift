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

/// `sweep` through the built program.
@Suite("Sweeping by command", .limited)
struct SweepCommandTests {
    @Test("the JSON has each trial and mix; text fits 80 columns; CSV has a line for each")
    func forms() throws {
        try withTrainedSession { session, data in
            let run = try runProgram(["sweep", session, "--data", data, "--json", "--accuracy", "20"])
            #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
            let json = try JSON(text: run.output)
            #expect(json["over"] == "bits" && json["complete"] == true && json["chosen"] == .null)
            let trials = json["trials"]?.values ?? []
            #expect(Set(trials.compactMap { $0["layer"]?.text }) == ["conv0", "conv1", "scores"])
            let tried = trials.filter { $0["allowed"] == true }
            #expect(tried.allSatisfy { $0["accuracy"] != .null && $0["sqnr"] != nil } && tried.count > 6)
            let mixes = json["mixes"]?.values ?? []
            let bytes = mixes.compactMap { $0["weightBytes"]?.count }
            #expect(bytes == bytes.sorted() && bytes.count == mixes.count && bytes.count > 1)
            let text = try runProgram(["sweep", session, "--data", data])
            #expect(text.code == 0 && text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
            #expect(text.output.contains("conv1") && text.output.contains("Mixes"))
            let table = try runProgram(["sweep", session, "--data", data, "--csv"])
            let lines = table.output.split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
            #expect(lines.allSatisfy { $0.count == 7 } && lines.first?.first == "kind")
            #expect(lines.count { $0[0] == "mix" } > 1 && lines.count { $0[0] == "baseline" } == 1)
        }
    }

    @Test("--apply saves the best mix within the budget, and all gains of clips")
    func apply() throws {
        try withTrainedSession { session, data in
            let own = try Session.open(session)
            let run = try runProgram(
                ["sweep", session, "--data", data, "--bits", "4,8", "--budget", "80%", "--apply", "--json"])
            #expect(run.code == 0 && run.errors.contains("saved"), "\(run.errors)")
            let chosen = try JSON(text: run.output)["chosen"]
            let after = try Session.open(session)
            let (before, then) = (bytes(own), bytes(after))
            #expect(then <= before * 8 / 10 && then == chosen?["weightBytes"]?.count)
            let none = try runProgram(["sweep", session, "--data", data, "--budget", "1%", "--apply"])
            #expect(none.code == 2 && none.errors.contains("no mix stays within 1%; nothing was saved"))
            _ = try runProgram(["set", session, "conv1.clip=300"])
            let clips = try runProgram(["sweep", session, "--data", data, "--over", "clip", "--apply"])
            #expect(clips.code == 0 && clips.errors.contains("conv1.clip="), "\(clips.errors)")
            let clip = try Session.open(session).document.network["conv1"]?.layer.settings.quantization?.clip
            #expect(clip ?? 300 < 300)
        }
    }

    private func bytes(_ session: Session) -> Int {
        Analysis(session.document.network, on: session.document.device.family).cost.total.weightBytes
    }

    @Test("what is missing or does not go together is one line")
    func refusals() throws {
        try withTrainedSession { session, _ in
            for (arguments, words) in [
                (["--apply"], "--budget"), (["--over", "clip", "--bits", "4"], "belong to --over bits"),
                (["--bits", "1"], "from 2 to 12"), (["--budget", "much"], "--budget"),
                (["--json", "--csv"], "do not go together"), (["--data", "mnist:/nowhere"], "/nowhere"),
            ] {
                let run = try runProgram(["sweep", session] + arguments)
                #expect(run.code == 2 && run.output.isEmpty && run.errors.contains(words), "\(run.errors)")
                #expect(run.errors.split(separator: "\n").count == 1)
            }
        }
    }
}
