import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

/// The built program, run as a script runs it.
@Suite("The program", .limited)
struct ProgramTests {
    @Test(
        "exit codes say how it went",
        arguments: [
            (["samples"], 0), (["show", "samples/network-t40.magik"], 0),
            (["check", "samples/network-t40.magik"], 0), (["check", "samples/network-t40-literal.magik"], 0),
            (["check", "samples/network-t40-literal.magik", "--strict"], 1),
            (["check", "samples/network-t40.magik", "--device", "T02"], 1),
            (["check", "samples/network-t40.magik/network.json", "--device", "all"], 1),
            (["show", "no-such"], 2), (["check", "samples/network-t40.magik", "--device", "T99"], 2),
            (["show"], 2), (["--nonsense"], 2), ([], 2), (["--help"], 0), (["--version"], 0),
            (["set", "--help"], 0),
        ] as [([String], Int32)])
    func exitCodes(arguments: [String], code: Int32) throws {
        let run = try runProgram(arguments)
        #expect(run.code == code, "\(arguments): \(run.output)\(run.errors)")
        #expect(code != 2 || run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        #expect(code != 2 || run.output.isEmpty)
    }

    @Test("a new session is set, shown and checked; a refused edit leaves the file as it was")
    func session() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/mine.magik"
            #expect(try runProgram(["new", path, "--from", "network-t40"]).code == 0)
            let set = try runProgram(["set", path, "conv*.weightBits=4", "conv0.clip=4"])
            #expect(set.code == 0)
            #expect(set.output.contains("conv10 weightBits 8 to 4\n"))
            #expect(set.output.contains("conv0 clip 6.0 to 4.0\n"))
            let file = path + "/network.json"
            let before = try String(contentsOfFile: file, encoding: .utf8)
            for wrong in ["conv0.stride=0", "conv0.strid=2", "nothing*.clip=1", "conv0.clip", "device=T4O"] {
                let run = try runProgram(["set", path, "conv1.weightBits=2", wrong])
                #expect(run.code == 2, "\(wrong)")
                #expect(run.errors.contains(wrong.split(separator: "=")[0]) || wrong.hasPrefix("device"))
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == before)
            #expect(try runProgram(["new", path]).code == 2)
        }
    }

    @Test("a broken file is named with its place, and left untouched")
    func broken() throws {
        try withTemporaryFolder { folder in
            let file = folder + "/network.json"
            let text = try Fixtures.sampleText("mnist-cnn").replacing("\"stride\":2", with: "\"stride\":0")
                .replacing("\"weightBits\":8", with: "\"weightBits\":9")
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let run = try runProgram(["check", file])
            #expect(run.code == 2)
            #expect(run.errors.contains("layers["))
            #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
        }
    }

    @Test("bench check prints the form of the contract")
    func editor() throws {
        let run = try runProgram(["bench", "check", "--json"])
        #expect(run.code == 0)
        for key in ["layers", "devices", "checkMilliseconds", "editLayers", "editMilliseconds"] {
            #expect(run.output.contains("\"\(key)\""))
        }
    }

    @Test("bench frame prints the form of the contract, whatever its own terminal is")
    func benchFrame() throws {
        let run = try runProgram(["bench", "frame", "--runs", "2", "--json"])
        #expect(run.code == 0, "\(run.errors)")
        let json = try JSON(text: run.output)
        let promised = [
            "columns", "rows", "firstFrameMilliseconds", "unchangedMilliseconds", "unchangedBytes",
            "plotBytes",
            "residentBytes",
        ]
        #expect(json.keys.starts(with: promised))
        #expect(json["columns"] == 120 && json["rows"] == 36 && json["unchangedBytes"] == 0)
    }
}

/// One run of the program in the package's folder.
func runProgram(_ arguments: [String]) throws -> BuiltProgram.Result {
    try BuiltProgram.besideTests().run(arguments)
}
