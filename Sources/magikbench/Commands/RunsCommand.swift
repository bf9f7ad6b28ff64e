import ArgumentParser
import Foundation
import Graph
import Runs
import Sessions
import Terminal

/// `magikbench runs`.
struct RunsCommand: ParsableCommand {
    /// What is done with runs.
    enum Action: String, CaseIterable {
        case show, compare, note, delete, export
    }

    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List, compare and export what was trained.",
        usage: """
            magikbench runs <session> [--filter <text>] [--json|--csv]
            magikbench runs <session> show <run> [--json]
            magikbench runs <session> compare <run> <run> ... [--all] [--json|--csv]
            magikbench runs <session> note <run> <text>
            magikbench runs <session> delete <run> [--yes]
            magikbench runs <session> export <run> -o <path> [--json|--tensorboard]
            """,
        discussion: """
            A run is named by as much of the begin or end of its name as no other run has, or by 'last'. Up to four \
            are compared, as A, B, C and D: only the settings that differ, --all shows the others too.

              magikbench runs digits
              magikbench runs digits compare last x7
              magikbench runs digits note x7 'clip too wide'
              magikbench runs digits export x7 -o x7-tables
              magikbench runs digits export x7 -o logs --tensorboard

            export writes a folder with metrics.csv, evaluations.csv and ranges.csv; with --json one file; with \
            --tensorboard a folder for the run below the path, with scalars and histograms. compare --csv prints \
            everything that is drawn as one long table: run, kind, name, step, epoch, value. A note without text is \
            taken away.
            """)

    @Argument(help: "The session.", completion: .sessions)
    var session: String

    @Argument(
        help: "What to do: show, compare, note, delete or export; and the runs.", completion: .runActions)
    var words: [String] = []

    @Option(help: ArgumentHelp("List only runs with these words in their row.", valueName: "text"))
    var filter: String?

    @Option(
        name: [.short, .long], help: ArgumentHelp("Where to export to.", valueName: "path"),
        completion: .file())
    var output: String?

    @Flag(help: "Compare equal settings as well.")
    var all = false

    @Flag(help: "Delete without asking.")
    var yes = false

    @Flag(help: "Print or export one JSON document.")
    var json = false

    @Flag(help: "Print or export comma-separated values.")
    var csv = false

    @Flag(help: "Export event files of TensorBoard.")
    var tensorboard = false

    /// What is done; nil lists.
    private var action: Action? { words.first.flatMap(Action.init) }
    private var names: [String] { Array(words.dropFirst()) }

    func validate() throws {
        if let word = words.first, action == nil {
            let actions = Action.allCases.map(\.rawValue)
            throw ValidationError(
                "'\(word)' is nothing that is done with runs" + didYouMean(word, among: actions)
                    + "; it is \(actions.dropLast().joined(separator: ", ")) or \(actions[actions.count - 1])"
            )
        }
        guard [json, csv, tensorboard].count(where: { $0 }) < 2 else {
            throw ValidationError("--json, --csv and --tensorboard exclude each other")
        }
        let wrong = [
            (filter != nil && action != nil, "--filter is for the list"),
            (all && action != .compare, "--all is for compare"),
            (yes && action != .delete, "--yes is for delete"),
            ((output != nil) != (action == .export), "export takes -o, and nothing else does"),
            (tensorboard && action != .export, "--tensorboard is for export"),
            (csv && action == .show, "a run has several tables: export writes them"),
            (
                (json || csv) && (action == .note || action == .delete),
                "there is nothing to print in another form"
            ),
            (
                action == .compare && !(2...RunComparison.limit).contains(names.count),
                "compare takes 2 to 4 runs"
            ),
            (action == .note && names.isEmpty, "note takes a run and a text"),
            (
                [.show, .delete, .export].contains(action) && names.count != 1,
                "\(action?.rawValue ?? "") takes one run"
            ),
        ]
        if let (_, reason) = wrong.first(where: \.0) { throw ValidationError(reason) }
    }

    func run() throws {
        let opened = try Session.opened(session)
        do {
            try run(in: try opened.folder(), named: opened.name)
        } catch let error as RunStoreError {
            throw CommandError.failure("\(error)")
        } catch let error as SessionError {
            throw CommandError.session(error)
        }
    }

    private func run(in folder: String, named name: String) throws {
        guard let store = try RunStore.openForReading(session: folder) else {
            if action != nil { throw RunStoreError.noRun(names.first ?? "", store: folder) }
            return RunsCommand.show(RunListText([], session: name, path: session), json: json, csv: csv)
        }
        var comparer = RunComparer()
        try comparer.update(from: store)
        func record(_ text: String) throws -> RunRecord {
            try RunName.resolved(text, among: comparer.runs.map(\.summary.record), in: store.path)
        }
        switch action {
        case nil:
            let runs = comparer.runs.filter { $0.matches(filter ?? "") }
            let page = RunListText(runs, of: comparer.runs.count, session: name, path: session)
            RunsCommand.show(page, json: json, csv: csv)
        case .show, .compare:
            let ids = try names.map { try record($0).id }
            guard Set(ids).count == ids.count else {
                throw CommandError.failure(
                    "a run is compared with others, and '\(names[0])' stands there twice")
            }
            let comparison = try comparer.compare(ids, from: store)
            if action == .show {
                let page = RunText(comparison, findings: try store.findings(of: try record(names[0])))
                print(json ? page.json.pretty : page.text(style: .standardOutput))
            } else {
                let page = ComparisonText(comparison, showsAll: all)
                if csv { return Output.print(page.csv) }
                print(json ? page.json.pretty : page.text(style: .standardOutput))
            }
        case .note:
            try RunStore.openForWriting(session: folder).setNote(
                names.dropFirst().joined(separator: " "), of: try record(names[0]).id)
        case .delete: try delete(try record(names[0]), in: folder)
        case .export:
            let form: RunExport.Form = json ? .json : tensorboard ? .tensorboard : .csv
            for file in try RunExport.write(try record(names[0]), of: store, to: output ?? "", as: form) {
                print(file.printable)
            }
        }
    }

    private func delete(_ record: RunRecord, in folder: String) throws {
        if !yes {
            guard isatty(STDIN_FILENO) == 1 else {
                throw CommandError.failure("not a terminal, cannot ask; add --yes to delete \(record.id)")
            }
            Output.write(
                "delete \(record.id) with its checkpoints for good? [y/N] ", to: STDERR_FILENO
            )
            guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else { throw Exit.no }
        }
        try RunStore.openForWriting(session: folder).forget(record.id)
        print("deleted \(record.id)")
    }

    private static func show(_ page: RunListText, json: Bool, csv: Bool) {
        if csv { return Output.print(page.csv) }
        print(json ? page.json.pretty : page.text(style: .standardOutput))
    }
}

extension Output {
    /// Prints a text that has its line ends.
    fileprivate static func print(_ text: String) { write(text, to: STDOUT_FILENO) }
}
