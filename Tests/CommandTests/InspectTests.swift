import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@testable import magikbench

/// `inspect` through the built program.
@Suite("Inspecting by command", .limited)
struct InspectTests {
    @Test("the JSON has the keys of the contract in every layer, and numbers that belong together")
    func contract() throws {
        try withTrainedSession { session, data in
            let run = try runProgram(["inspect", session, "--data", data, "--json", "--samples", "20"])
            #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
            let json = try JSON(text: run.output)
            #expect(json["weights"] == "trained weights" && json["samples"] == 20)
            let layers = json["layers"]?.values ?? []
            #expect(
                layers.compactMap { $0["name"]?.text } == [
                    "preprocess", "conv0", "conv1", "flatten", "scores",
                ])
            for layer in layers {
                let keys: Set = [
                    "name", "operator", "weightBits", "outputBits", "clip", "weight", "feature", "integer",
                ]
                #expect(keys.isSubset(of: layer.keys))
                let integer = try #require(layer["integer"])
                #expect(integer["local"]?["largestStep"]?.count ?? 2 <= 1)
                #expect(integer["mismatched"]?.count ?? .max <= integer["elements"]?.count ?? 0)
                if ["Conv2D", "FullConnected"].contains(layer["operator"]?.text ?? "") {
                    let peak = try #require(integer["accumulatorPeak"]?.count)
                    #expect(peak > 0 && peak <= integer["accumulatorBound"]?.count ?? 0)
                }
                let common: Set = ["min", "max", "sqnr", "clipRatio", "levelUse", "histogram"]
                if let weight = layer["weight"], weight != .null { #expect(common.isSubset(of: weight.keys)) }
                guard let feature = layer["feature"], feature != .null else { continue }
                #expect(
                    common.union(["accumulatedSqnr", "cosine", "deadChannels"]).isSubset(of: feature.keys))
                let counts = feature["histogram"]?["counts"]?.values ?? []
                #expect(feature["histogram"]?["edges"]?.values.count == counts.count + 1)
            }
            let conv = layers.first { $0["name"] == "conv0" }
            let counts = conv?["feature"]?["histogram"]?["counts"]?.values ?? []
            // 20 samples of 4 channels of 4 x 4.
            let total = counts.compactMap(\.count).reduce(0, +)
            #expect(total == 1280)
            guard case .array(let ends)? = conv?["feature"]?["channels"]?["max"] else {
                throw FixtureError("no list")
            }
            #expect(ends.count == 4)
        }
    }

    @Test("text fits 80 columns, with a row for each layer and a histogram for one")
    func text() throws {
        try withTrainedSession { session, data in
            for arguments in [[], ["--layer", "conv1"], ["--samples", "40"]] {
                let run = try runProgram(["inspect", session, "--data", data] + arguments)
                #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
                for line in run.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
                #expect(run.output.contains("trained weights") && run.output.contains("conv1"))
                #expect(run.output.contains("█") == arguments.contains("--layer"))
            }
            let csv = try runProgram(["inspect", session, "--data", data, "--csv"])
            let lines = csv.output.split(separator: "\n")
            #expect(lines.count == 6 && lines.first?.hasPrefix("layer,operator,weightBits") == true)
        }
    }

    @Test("what cannot be done is one line and exit code 2")
    func refusals() throws {
        try withTrainedSession { session, data in
            for (arguments, words) in [
                (["--layer", "conv9"], "no layer is named 'conv9'"),
                (["--data", "idx:/nowhere"], "/nowhere"),
                (["--samples", "0"], "--samples is at least 1"), (["--json", "--csv"], "do not go together"),
                (["--before", session + "/none"], "none"),
            ] {
                let run = try runProgram(["inspect", session] + arguments)
                #expect(run.code == 2 && run.output.isEmpty && run.errors.contains(words), "\(run.errors)")
                #expect(run.errors.split(separator: "\n").count == 1)
            }
            _ = data
        }
    }

    @Test(
        "an independent program finds the same numbers in the tensors that are written",
        .enabled(if: Python.has("numpy"), Comment(rawValue: Python.absence(of: "numpy"))))
    func numpy() throws {
        try withTrainedSession { session, data in
            let (report, tensors) = (session + "/report.json", session + "/tensors.safetensors")
            let run = try runProgram(["inspect", session, "--data", data, "--json", "--dump", tensors])
            #expect(run.code == 0, "\(run.errors)")
            try Data(run.output.utf8).write(to: URL(filePath: report))
            let script = Fixtures.root.appending(path: "Tests/Fixtures/inspect_check.py").path(
                percentEncoded: false)
            let words = try Python.run([script, report, tensors]).split(separator: " ")
            let difference = try #require(Double(words[0]))
            #expect(difference < 5e-5, "\(words)")
            let count = try #require(Int(words[1].trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(count > 20)
        }
    }
}
