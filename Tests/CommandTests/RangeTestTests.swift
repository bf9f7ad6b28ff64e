import ArgumentParser
import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

@testable import magikbench

/// `train --range-test` through the built program.
@Suite("Range test by command", .limited)
struct RangeTestTests {
    @Test("a range test prints its rates and a proposal, and leaves the session as it was")
    func untouched() throws {
        try withTrainedSession { session, data in
            func files() throws -> [String: Data] {
                var found: [String: Data] = [:]
                for name in ["network.json", "weights.safetensors"] {
                    found[name] = try Data(contentsOf: URL(filePath: session + "/" + name))
                }
                return found
            }
            let before = try files()
            let runs = try FileManager.default.contentsOfDirectory(atPath: session + "/runs").sorted()
            let test = try runProgram([
                "train", session, "--data", data, "--batch", "8", "--threads", "1", "--range-test", "--rates",
                "1e-5,0.5", "--steps", "40", "--json",
            ])
            #expect(test.code == 0 && test.errors.isEmpty, "\(test.errors)")
            let events = try test.objects
            #expect(events.first?["event"] == "start" && events.last?["event"] == "end")
            let rates = events.compactMap { event -> Double? in
                event["event"] == "rate" ? event.real(of: "rate") : nil
            }
            #expect(rates.first == 1e-5 && zip(rates, rates.dropFirst()).allSatisfy { $0 < $1 })
            #expect(events.last?.keys.contains("proposal") == true)
            #expect(try files() == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: session + "/runs").sorted() == runs)
            let text = try runProgram([
                "train", session, "--data", data, "--batch", "8", "--threads", "1", "--range-test",
            ])
            #expect(text.code == 0 && text.output.contains("    rate    loss\n"))
        }
    }

    @Test(
        "what does not go with a range test is refused in a sentence",
        arguments: [
            (["--rates", "1,2"], "--rates are for --range-test"),
            (["--range-test", "--rates", "1"], "--rates are two numbers above 0"),
            (["--range-test", "--rates", "1,0.1"], "--rates are two numbers above 0"),
            (["--range-test", "--resume", "last"], "--range-test goes with neither --resume"),
            (["--range-test", "--engine", "torch"], "--range-test goes with neither --resume"),
            (["--range-test", "--steps", "3"], "--steps of --range-test are 12 to 10000, not 3"),
        ])
    func refused(options: [String], sentence: String) {
        #expect {
            _ = try TrainCommand.parse(["session"] + options)
        } throws: { error in
            TrainCommand.message(for: error).contains(sentence)
        }
    }

    @Test("runs that name optimizer or rate begin with drawn weights, others with fitted ones")
    func initialWeights() throws {
        func weights(_ options: String...) throws -> InitialWeights? {
            try TrainCommand.parse(["session"] + options).beginsWith
        }
        #expect(try weights() == .fitted && weights("--epochs", "2") == .fitted)
        #expect(try weights("--optimizer", "adam") == .drawn && weights("--learning-rate", "0.1") == .drawn)
        #expect(try weights("--optimizer", "adam", "--initial-weights", "fitted") == .fitted)
        #expect(try weights("--initial-weights", "drawn") == .drawn)
    }
}
