import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

/// Reading and writing other programs' formats, as a script does it.
@Suite("Import and export", .limited)
struct InterchangeCommandTests {
    private let models = "Tests/Fixtures/ONNX"

    @Test("check of a model reads like a report", arguments: ["mapped", "refused"])
    func report(_ name: String) throws {
        let run = try runProgram(["check", "\(models)/\(name).onnx", "--device", "T40"])
        try expectGolden(run.output, "check-\(name)-onnx.txt")
        #expect(run.code == (name == "mapped" ? 0 : 1), "\(run.errors)")
    }

    @Test("the report as JSON names every operator that no chip has")
    func json() throws {
        let run = try runProgram(["check", "\(models)/refused.onnx", "--format", "json"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        let model = try #require(object["model"] as? [String: Any])
        let refused = try #require(model["refused"] as? [[String: String]])
        #expect(refused.map { $0["operator"] } == ["LRN", "Tanh", "Sigmoid"])
        #expect(refused.map { $0["node"] } == ["/lrn/LRN", "/tanh/Tanh", "/sigmoid/Sigmoid"])
        #expect(run.code == 1)
    }

    @Test("a model becomes a session, which is exported, read again and gets weights from a file")
    func roundTrip() throws {
        try withTemporaryFolder { folder in
            let session = folder + "/mine.magik"
            #expect(try runProgram(["import", "\(models)/mapped.onnx", "-o", session]).code == 0)
            #expect(try runProgram(["import", "\(models)/mapped.onnx", "-o", session]).code == 2)
            #expect(try runProgram(["show", session]).code == 0)
            for arguments in [["--float"], ["--opset", "21"], []] {
                let file = folder + "/out.onnx"
                let export = try runProgram(["export", session, "--to", "onnx", "-o", file] + arguments)
                #expect(export.code == 0, "\(export.errors)")
                let again = folder + "/again\(arguments.count).magik"
                #expect(try runProgram(["import", file, "-o", again]).code == 0)
                let text = { (path: String) in
                    try String(contentsOfFile: path + "/network.json", encoding: .utf8)
                }
                #expect(try text(again) == text(session))
            }
            let weights = folder + "/weights.safetensors"
            #expect(
                try runProgram(["export", session, "--to", "safetensors", "-o", weights]).code == 0)
            let taken = try runProgram(["import", weights, "-o", session])
            #expect(taken.code == 0 && taken.output.contains("7 tensors taken over"), "\(taken.output)")
        }
    }

    @Test("the head is kept in the session, and joined again by an export")
    func head() throws {
        try withTemporaryFolder { folder in
            let session = folder + "/mine.magik"
            let run = try runProgram(["import", "\(models)/mapped.onnx", "-o", session])
            #expect(run.output.contains("1 operator of the head stays on the host: Softmax"), "\(run.output)")
            #expect(FileManager.default.fileExists(atPath: session + "/host.onnx"))
            let file = folder + "/out.onnx"
            #expect(
                try runProgram(["export", session, "--to", "onnx", "--float", "--with-host", "-o", file]).code
                    == 0)
            let again = try runProgram(["import", file, "-o", folder + "/again.magik"])
            #expect(again.code == 0 && again.output.contains("Softmax"), "\(again.output)")
            let bare = folder + "/bare.magik"
            #expect(try runProgram(["new", bare]).code == 0)
            try FileManager.default.copyItem(
                atPath: session + "/weights.safetensors", toPath: bare + "/weights.safetensors")
            let refused = try runProgram(["export", bare, "--to", "onnx", "--with-host", "-o", file])
            #expect(refused.code == 2 && refused.errors.contains("has no host.onnx"))
        }
    }

    @Test("weights of another shape are named, and nothing is taken over")
    func misfits() throws {
        try withTemporaryFolder { folder in
            let session = folder + "/mine.magik"
            #expect(try runProgram(["import", "\(models)/mapped.onnx", "-o", session]).code == 0)
            let before = try Data(contentsOf: URL(filePath: session + "/weights.safetensors"))
            let file = Safetensors([
                .init("head/Gemm.weight", [Float](repeating: 1, count: 320), shape: [32, 10]),
                .init("head/Gemm.bias", [Float](repeating: 1, count: 10)), .init("else", [Float(1)]),
            ])
            let path = folder + "/weights.safetensors"
            try Data(file.encoded()).write(to: URL(filePath: path))
            let run = try runProgram(["import", path, "-o", session])
            #expect(run.code == 1)
            #expect(try Data(contentsOf: URL(filePath: session + "/weights.safetensors")) == before)
        }
    }

    @Test(
        "weights of an npz are taken over by name, stored or deflated; a damaged one changes nothing",
        arguments: [false, true])
    func archive(deflates: Bool) throws {
        try withTemporaryFolder { folder in
            let session = folder + "/mine.magik"
            #expect(try runProgram(["import", "\(models)/mapped.onnx", "-o", session]).code == 0)
            let file = URL(filePath: session + "/weights.safetensors")
            let numbers = (0..<10).map { Float($0) / 4 }
            let array = npyFile("<f4", [10], littleEndian(numbers.map(\.bitPattern)))
            var archive = zipFile([("head/Gemm.bias.npy", array)], deflates: deflates)
            let path = folder + "/weights.npz"
            try Data(archive).write(to: URL(filePath: path))
            let taken = try runProgram(["import", path, "-o", session])
            #expect(
                taken.code == 0 && taken.output.contains("1 tensor taken over"),
                "\(taken.output)\(taken.errors)")
            let after = try Data(contentsOf: file)
            #expect(try Safetensors(bytes: Array(after)).values("head/Gemm.bias", shape: [10]) == numbers)
            // A bit of the array itself: its sum is another one.
            archive[80] ^= 1
            try Data(archive).write(to: URL(filePath: path))
            let refused = try runProgram(["import", path, "-o", session])
            #expect(
                refused.code == 2 && refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
            #expect(try Data(contentsOf: file) == after)
        }
    }

    @Test(
        "what cannot be done is said in one line",
        arguments: [
            ["import", "samples/network-t40.magik/network.json", "-o", "x"],
            ["import", "no-such.onnx", "-o", "x"], ["import", "README.md", "-o", "x"],
            ["import", "Tests/Fixtures/ONNX/mapped.onnx"],
            ["export", "samples/network-t40.magik", "--to", "onnx", "-o", "x"],
            ["export", "samples/network-t40.magik", "--to", "safetensors", "--float", "-o", "x"],
            ["check", "Tests/Fixtures/ONNX/mapped.onnx", "--format", "sarif"],
            ["show", "Tests/Fixtures/ONNX/refused.onnx"],
        ])
    func refused(_ arguments: [String]) throws {
        let run = try runProgram(arguments)
        #expect(run.code == 2)
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
}
