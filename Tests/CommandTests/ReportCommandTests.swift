import Foundation
import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite("magikbench report", .limited)
struct ReportCommandTests {
    @Test(
        "a trained session becomes a page with its measures, worst pictures and runs, which is not replaced unasked"
    )
    func page() throws {
        try withTrainedSession { session, data in
            let path = session + "-report.html"
            let call = ["report", session, "-o", path, "--data", data, "--threads", "1"]
            let run = try runProgram(call)
            #expect(run.code == 0 && run.output.hasPrefix("wrote "), "\(run.errors)")
            let page = try String(contentsOfFile: path, encoding: .utf8)
            for part in [
                "<!DOCTYPE html>", "Signal to quantization noise", "class=\"histogram\"",
                "class=\"confusion\"",
                "data:image/png;base64,iVBOR", "class=\"curve c0 trained\"", "magikbench report ",
            ] {
                #expect(page.contains(part), "\(part)")
            }
            let again = try runProgram(call)
            #expect(again.code == 2 && again.errors.contains("--overwrite replaces it"))
            #expect(try runProgram(call + ["--overwrite"]).code == 0)
        }
    }

    @Test("a session without weights and runs becomes Markdown that says so")
    func untrained() throws {
        try withSmallSession { session, _ in
            let path = session + "-report.md"
            let run = try runProgram(["report", session, "-o", path])
            #expect(run.code == 0, "\(run.errors)")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("no weights yet") && text.contains("The session has no runs."))
            #expect(!text.contains("<!DOCTYPE"))
            let html = try runProgram(["report", session, "-o", path, "--format", "html", "--overwrite"])
            #expect(html.code == 0)
            #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
        }
    }

    @Test("data that was named and cannot be read is refused, and nothing is written")
    func unreadable() throws {
        try withTrainedSession { session, _ in
            let path = session + "-report.html"
            let run = try runProgram(["report", session, "-o", path, "--data", "idx:/nowhere"])
            #expect(run.code == 2 && run.errors.contains("nowhere"), "\(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }
}
