import Editing
import Interchange
import Platform
import Reporting
import Runs
import Sessions
import Terminal

// The report of the session, measured and written on a thread of its own.
extension ScreenProgram {
    /// Writes the report of the network as it is on the screen.
    func report(to path: String, overwriting: Bool) {
        guard let saved = files.session else {
            return screen.failedImportOrExport(
                "a report is of a session: \(screen.key("w")) saves this network as one")
        }
        do {
            guard try overwriting || Disk.kind(of: path) == nil else {
                return screen.askToReplaceReport(path)
            }
        } catch {
            return screen.failedImportOrExport("\(path.printable): \(error)")
        }
        let document = screen.editor.document
        var session = saved
        session.document = document
        if let weights = weights(of: document) {
            session = Session(saved, document: document, carrying: weights)
        }
        var words = ["magikbench", "report", saved.path, "-o", path]
        // What was trained is measured on what it was trained for.
        let data = screen.training.runs.first { $0.record.state == .finished }?.record.data
        if let data { words += ["--data", data] }
        var request = ReportRequest(
            .init(
                version: ProgramVersion.text, day: SessionReport.Origin.today,
                commands: [words.map(ShellWord.quoted).joined(separator: " ")]))
        request.data = data
        // The screen's own probe has the other cores.
        request.threads = 1
        let inbox = inbox
        let isStarted = Worker.start("report") { [session, request] in
            let written = Result {
                let report = try SessionReport(session, request)
                let bytes = Array(ReportFormat(path: path).text(of: report).utf8)
                let file = try ScreenProgram.write(bytes, to: path)
                return "wrote \(file), \(Figures.grouped(bytes.count)) bytes"
            }.mapError { ImportExportError(text: "\($0)") }
            inbox.send(.exported(written))
        }
        if !isStarted { screen.failedImportOrExport(Worker.refusal) }
    }
}
