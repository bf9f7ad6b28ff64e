import Editing
import Foundation
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import Terminal

@Suite("The program in lines on a terminal", .limited(minutes: 10), .serialized)
struct PlainProgramTests {
    /// Runs the program in lines, on a terminal that holds all that it says.
    private static func withProgram(
        _ arguments: [String], in folder: String, _ body: (PseudoTerminal) throws -> Void
    ) throws {
        let program = try BuiltProgram.besideTests().file.path
        let terminal = try PseudoTerminal(
            program, ["--plain"] + arguments, size: Size(rows: 900, columns: 240),
            environment: [
                "XDG_STATE_HOME": folder + "/state", "XDG_CONFIG_HOME": folder + "/config", "TERM": "dumb",
            ])
        try body(terminal)
        #expect(terminal.modes.echoes && terminal.modes.editsLines)
        #expect(terminal.screen.unknown == [])
    }

    /// The program ends well; where it does not, what it said last.
    private func expectEnd(_ terminal: PseudoTerminal) throws {
        let status = try terminal.end()
        #expect(status == 0, "it ends with \(status) and says\n\(terminal.screen.text.suffix(2000))")
    }

    @Test("a sample is opened, changed, saved and trained, and the end of the run is said")
    func fiveMinutes() throws {
        try withTemporaryFolder { folder in
            try Self.withProgram([], in: folder) { terminal in
                try terminal.wait(for: "SAMPLES: ")
                terminal.type("network-t40\n")
                try terminal.wait(for: "view 1, Network: layers")
                terminal.type("row 3\n")
                try terminal.wait(for: "selected: 3 conv0")
                terminal.type("[ [\n")
                try terminal.wait(for: "conv0 weightBits 8 to 4")
                try terminal.wait(for: "16 of 16 levels, SQNR")
                terminal.type(":w \(folder)/mine\n")
                try terminal.wait(for: "saved ")
                terminal.type("4\n")
                try terminal.wait(for: "the session has no runs yet")
                terminal.type("n\n")
                try terminal.wait(for: "s starts: trains the session as it is saved")
                terminal.type("batch 4\n")
                try terminal.wait(for: "selected: 4 batch: 4")
                terminal.type("steps 3\n")
                try terminal.wait(for: "at most steps: 3")
                terminal.type("s\n")
                // At most three steps end it before its plan does.
                try terminal.wait("the end of the run") { screen in
                    [" finished", " stopped"].contains { screen.text.contains($0) }
                }
                terminal.type("q\n")
                try expectEnd(terminal)
            }
            #expect(
                try Session.open(folder + "/mine").document.network["conv0"]?.layer.settings.quantization?
                    .weightBits == 4)
        }
    }

    @Test("a model is opened, fixed, quantized from pictures and exported")
    func model() throws {
        try withTemporaryFolder { folder in
            let pictures = folder + "/photos"
            try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
            try SmallPictures.write(count: 12, to: pictures)
            let model = Fixtures.root.path + "/Tests/Fixtures/ONNX/mapped.onnx"
            try Self.withProgram([], in: folder) { terminal in
                try terminal.wait(for: "SAMPLES: ")
                terminal.type("\(model)\n")
                try terminal.wait(for: "view 1, Network: layers")
                terminal.type("F\n")
                try terminal.wait(for: "selected: ")
                terminal.type("C\n")
                try terminal.wait(for: "quantize mapped")
                terminal.type("data images:\(pictures)\n")
                try terminal.wait(for: "selected: 1 data: images:")
                terminal.type("samples 8\n")
                try terminal.wait(for: "samples: 8")
                terminal.type("s\n")
                try terminal.wait(for: "SQNR of the results: ")
                terminal.type("Enter\n")
                try terminal.wait(for: "quantized from 8 samples")
                terminal.type("export onnx\n")
                try terminal.wait(for: "export as onnx")
                terminal.type("\(folder)/out.onnx\n")
                try terminal.wait("the file") { _ in
                    FileManager.default.fileExists(atPath: folder + "/out.onnx")
                }
                terminal.type("q!\n")
                try expectEnd(terminal)
            }
        }
    }

    @Test("the end of input keeps unsaved changes for the next time")
    func endOfInput() throws {
        try withTemporaryFolder { folder in
            let session = folder + "/mine.magik"
            _ = try Session.create(session, try Samples.document(named: "network-t40"))
            try Self.withProgram([session], in: folder) { terminal in
                try terminal.wait(for: "view 1, Network: layers")
                terminal.type("set conv0.clip=5.5\n")
                try terminal.wait(for: "conv0 clip 6.0 to 5.5")
                terminal.type("\u{4}")
                try expectEnd(terminal)
            }
            try Self.withProgram([session], in: folder) { terminal in
                try terminal.wait(for: "mine has unsaved changes of an earlier session.")
                terminal.type("recover them\n")
                try terminal.wait(for: "recovered the changes")
                terminal.type("\u{3}")
                try terminal.wait(for: "has 1 unsaved change.")
                terminal.type("d\n")
                try expectEnd(terminal)
            }
        }
    }
}
