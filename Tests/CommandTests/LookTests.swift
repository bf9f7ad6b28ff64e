import ArgumentParser
import Datasets
import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite("magikbench look", .limited)
struct LookTests {
    private func samples(_ output: String) throws -> [JSON] {
        guard case .object(let members) = try JSON(text: output),
            case .array(let samples)? = members.first(where: { $0.key == "samples" })?.value
        else { throw FixtureError("no samples: \(output)") }
        return samples
    }

    private func value(_ key: String, of sample: JSON) -> JSON? {
        guard case .object(let members) = sample else { return nil }
        return members.first { $0.key == key }?.value
    }

    @Test(
        "samples are listed with what is right and what the network says, worst first where that is asked for"
    )
    func lists() throws {
        try withTrainedSession { session, data in
            let plain = try runProgram(["look", session, "--data", data, "--count", "5"])
            #expect(plain.code == 0, "\(plain.errors)")
            #expect(plain.output.contains("quantized") && plain.output.contains("float"))
            let run = try runProgram(["look", session, "--data", data, "--worst", "--json"])
            #expect(run.code == 0, "\(run.errors)")
            let losses = try samples(run.output).map { sample -> Double in
                guard let answer = value("quantized", of: sample),
                    case .number(let loss)? = value("loss", of: answer)
                else { return .nan }
                return loss
            }
            #expect(losses.count == 20 && losses == losses.sorted(by: >))
        }
    }

    @Test("without weights labels alone are listed, and an order by loss is refused")
    func untrained() throws {
        try withSmallSession { session, data in
            let run = try runProgram(["look", session, "--data", data, "--class", "3", "--json"])
            #expect(run.code == 0, "\(run.errors)")
            let found = try samples(run.output)
            #expect(!found.isEmpty && found.allSatisfy { value("right", of: $0) == .string("3") })
            #expect(found.allSatisfy { value("quantized", of: $0) == nil })
            #expect(try runProgram(["look", session, "--data", data, "--worst"]).code == 2)
            #expect(try runProgram(["look", session, "--data", data, "--class", "cat"]).code == 2)
        }
    }

    @Test("pictures are written as PNG files that read back, and a sheet of all of them")
    func pictures() throws {
        try withTrainedSession { session, data in
            let folder = session + "-pictures"
            let run = try runProgram(["look", session, "--data", data, "--count", "3", "--png", folder])
            #expect(run.code == 0, "\(run.errors)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(names == ["0001-test-0.png", "0002-test-1.png", "0003-test-2.png", "sheet.png"])
            let read = try Dataset.open(
                try DataSpec("images:\(folder)"), shape: .map(channels: 3, height: 256, width: 256))
            #expect(read.count(.train) == 4)
            let original = try Dataset.open(
                try DataSpec(data), shape: .map(channels: 1, height: 8, width: 8)
            ).picture(0, of: .test)
            let back = try read.picture(0, of: .train).image
            #expect(back == original.image.enlarged(32))
        }
    }

    @Test("what makes no sense together is refused")
    func refuses() throws {
        for options in [
            ["--labels", "x", "--worst"], ["--score", "2"], ["--count", "0"], ["--augmented", "0"],
        ] {
            #expect(throws: (any Error).self) { _ = try LookCommand.parse(["s"] + options) }
        }
    }
}
