import Foundation
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

/// Our files through the public Python library.
@Suite(
    .limited,
    .enabled(
        if: Python.has("safetensors", "numpy"),
        Comment(rawValue: Python.absence(of: "safetensors", "numpy"))))
struct SafetensorsPythonTests {
    private func check(_ files: [String: [UInt8]], _ body: (String, [Substring]) throws -> Void) throws {
        try withTemporaryFolder { folder in
            for (name, file) in files {
                try Data(file).write(to: URL(filePath: "\(folder)/\(name).safetensors"))
            }
            let script = Fixtures.root.appending(path: "Tests/Fixtures/safetensors_check.py")
            let lines = try Python.run([script.path(percentEncoded: false), folder]).split(separator: "\n")
            try body(folder, lines)
        }
    }

    @Test("the library reads our files, and what it writes is ours byte for byte")
    func rewritten() throws {
        let files = [
            "weights": Safetensors(
                [
                    .init("conv0.weight", (0..<54).map { Float($0) - 20 }, shape: [2, 3, 3, 3]),
                    .init("conv0.codes", [Int8](-5...5)), .init("state", [UInt8](0..<13)),
                    .init("step", [Int64(100)], shape: []), .init("random", [UInt64(1) << 40]),
                    .init("double", [0.5]), .init("labels", [Int32(-7)]), .init("short", [Int16(9)]),
                    .init("empty", [Float](), shape: [3, 0]),
                ], metadata: ["digest": "\u{E9}\u{1F600}\"\\"]),
            "plain": Safetensors([.init("a", [Float(0.25)])]),
            "none": Safetensors(),
        ]
        try check(files.mapValues { $0.encoded() }) { folder, lines in
            #expect(
                lines == [
                    "none ok 0", "plain ok 0.25",
                    "weights ok 1099511628307.5",
                ])
            for (name, file) in files {
                let bytes = Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name).rewritten")))
                #expect(bytes == file.encoded(), "\(name)")
            }
        }
    }
    @Test("the library reads every damaged file that we read")
    func damage() throws {
        var files: [String: [UInt8]] = [:]
        for seed in UInt64(0)..<3000 {
            let bytes = damagedFile(seed: seed)
            do throws(SafetensorsError) {
                _ = try Safetensors(bytes: bytes)
                files["\(seed)"] = bytes
            } catch {
                continue
            }
        }
        #expect(files.count > 50)
        try check(files) { _, lines in
            #expect(lines.filter { !$0.contains(" ok ") } == [])
            #expect(lines.count == files.count)
        }
    }
}
