import Editing
import QAT
import Runs
import Sessions
import Terminal

/// A session as sentences, for a pipe or a screen reader: what `magikbench --plain SESSION` prints without a terminal.
public enum PlainReport {
    /// All views of a session, with what the probe sees of its layers. Throws `SessionError`, or why the weights cannot
    /// be read.
    public static func text(of path: String) throws -> String {
        let session = try Session.open(path)
        let editor = EditorState(session.document, name: session.name, path: session.path)
        var screen = ScreenState(editor, size: Size(rows: 36, columns: 120))
        var request = ProbeRequest(editor.document)
        request.weights = try session.weightsIfAny
        if request.weights != nil { request.data = try session.weightsData }
        request.replacesUnreadData = true
        request.floatModel = try session.floatModel()
        if let report = Probe().report(request) { screen.take(report, isNewest: true, at: 0) }
        screen.readData(request.weights, samples: 8)
        // A network file by itself has no runs.
        if session.path != session.file { screen.take(RunWatch.look(session: session.path), at: 0) }
        return screen.plainText
    }
}
