import Devices
import Editing
import Graph
import Sessions
import Terminal

/// All fixes of a session that keep the float results, made and saved: what `check --fix` does, and F on the screen.
struct FixRun {
    /// What each fix did, in words.
    let titles: [String]
    /// What became of the weights.
    let weights: [String]

    /// Makes the fixes, carries the weights along and saves both.
    init(_ session: inout Session) throws(CommandError) {
        var document = session.document
        let analysis = Analysis(document.network, on: document.device.family)
        let report = Checker.report(on: analysis, for: document.device, waivers: document.waivers)
        guard let fixes = SafeFixes(report, of: document.network) else {
            titles = []
            weights = []
            return
        }
        do {
            try document.apply(fixes.edit)
            let change = try CarriedChange(of: session, to: document, formerNames: [:])
            try session.save(document, change)
            titles = fixes.titles
            weights = change.words
        } catch let error as SessionError {
            throw .session(error)
        } catch {
            throw .failure("\(error)")
        }
    }

    /// A line for each fix, then the weights.
    var text: String {
        guard !titles.isEmpty else { return "nothing to fix without changing the results" }
        return (titles.map { "fixed: \($0.printable)" } + weights.map(\.printable)).joined(separator: "\n")
    }

    /// The same for scripts.
    var json: JSON {
        .object([
            .init("fixes", .array(titles.map(JSON.string))),
            .init("weights", .array(weights.map(JSON.string))),
        ])
    }
}
