import Editing
import Graph
import Reporting

// The report of the session, a page for other people.
extension ScreenState {
    mutating func askForReportPath() {
        popups.append(
            Prompt(
                "report",
                help: "the page to write: .html for browsers and paper, .md for a pull request. "
                    + "It has the network, its findings, histograms and runs.",
                text: editor.name.replacing("/", with: "_") + ReportFormat.html.ending, paths: .written,
                check: Prompt.refusingBlank("a file needs a name")
            ) { screen, path in screen.writeReport(to: path, overwriting: false) })
    }

    mutating func writeReport(to path: String, overwriting: Bool) {
        busyFile = path
        effects.append(.report(path: path, overwriting: overwriting))
        say("measuring for \(path.oneLine(upTo: 60)) ...")
    }

    /// A file of the report's name is there.
    mutating func askToReplaceReport(_ path: String) {
        busyFile = nil
        message = nil
        popups.append(
            Question(
                "report", ["\(path.oneLine(upTo: 200)) is there already."],
                [.init("o", "overwrite it") { $0.writeReport(to: path, overwriting: true) }]))
    }

    var whyNoReport: String? {
        if let busy = busyFile { return "\(busy.oneLine(upTo: 40)) is being read or written" }
        return editor.path == nil ? "a report is of a session: \(key("w")) saves this network as one" : nil
    }
}
