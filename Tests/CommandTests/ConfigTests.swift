import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite("Settings as a command", .limited)
struct ConfigTests {
    private func run(_ arguments: [String], in folder: String) throws -> BuiltProgram.Result {
        try BuiltProgram.besideTests().run(
            arguments, wrapper: ["/usr/bin/env", "-u", "NO_COLOR", "XDG_CONFIG_HOME=\(folder)"])
    }

    @Test("settings are written, shown with their lines, checked, and taken out again")
    func settings() throws {
        try withTemporaryFolder { folder in
            #expect(try run(["config"], in: folder).output.contains("is not there: the standard holds"))
            let set = try run(["config", "set", "theme=dark", "keys.undo=F7 u", "run.epochs=20"], in: folder)
            #expect(set.code == 0 && set.output.contains("config.json"))
            let shown = try run(["config"], in: folder)
            #expect(shown.output.contains("theme") && shown.output.contains("line 2"))
            #expect(shown.output.contains("keys.undo") && shown.output.contains("F7 u"))
            #expect(try run(["config", "--check"], in: folder).code == 0)
            let json = try JSON(text: try run(["config", "--json"], in: folder).output)
            #expect(json["problems"] == .array([]))
            #expect(try run(["config", "set", "theme=", "keys.undo=", "run.epochs="], in: folder).code == 0)
            let file = try String(contentsOfFile: "\(folder)/magikbench/config.json", encoding: .utf8)
            #expect(file == "{}\n")
        }
    }

    @Test("a wrong setting is not written, and one in the file is said with exit code 1")
    func wrong() throws {
        try withTemporaryFolder { folder in
            let refused = try run(["config", "set", "theme=drak"], in: folder)
            #expect(refused.code == 2 && refused.errors.contains("did you mean 'dark'?"))
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/magikbench"))
            _ = try run(["config", "set", "theme=dark"], in: folder)
            let file = "\(folder)/magikbench/config.json"
            try "{\n  \"them\": 1,\n  \"theme\": \"dark\"\n}".write(
                toFile: file, atomically: true, encoding: .utf8)
            let check = try run(["config", "--check"], in: folder)
            #expect(check.code == 1 && check.output.contains("line 2, column 3: them: is no setting"))
            #expect(try run(["config"], in: folder).output.contains("dark"))
            try "{".write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try run(["config", "set", "theme=dark"], in: folder).code == 2)
            #expect(try run(["config", "--check"], in: folder).code == 1)
        }
    }
}
