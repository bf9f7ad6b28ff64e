import ArgumentParser
import Foundation
import Graph
import TUI
import Terminal

/// `magikbench [SESSION]`: what runs where no command is named.
struct OpenCommand: ParsableCommand {
    /// How plots are drawn, as the option names it.
    enum Plots: String, CaseIterable, ExpressibleByArgument {
        case braille, block, ascii
    }

    /// Whether colours are used, as the option names it.
    enum Colour: String, CaseIterable, ExpressibleByArgument {
        case auto, never
    }

    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "open",
            abstract: "Open the workbench on a session; without one, on the first screen.",
            discussion: """
                A run that is started on the screen goes on without it. When a run ends the terminal's bell rings; \
                MAGIKBENCH_NOTIFY=osc9 or osc777 sends a notification in its place, none nothing. Keys: ? on the screen, or docs/keys.md. --plain is the same in lines: type keys by name, commands, numbers, texts.
                """,
            shouldDisplay: CompletionScript.isRequested)
    }

    @Argument(help: "The session to open.", completion: .sessions)
    var session: String?

    @Option(
        help: ArgumentHelp("The colours; config.json keeps a choice.", valueName: "theme"),
        completion: .list(Theme.allCases.map(\.rawValue)), transform: OpenCommand.theme)
    var theme: Theme?

    @Option(help: "How plots are drawn: braille, block or ascii.")
    var plots: Plots?

    @Flag(help: "Draws with ASCII alone.")
    var ascii = false

    @Flag(
        help:
            "Lines that are typed and read, for a screen reader; without a terminal, prints all views as lines."
    )
    var plain = false

    @Option(help: "auto or never.")
    var color = Colour.auto

    @Flag(help: "Leaves the mouse to the terminal.")
    var noMouse = false

    func run() throws {
        if let session, let command = nearest(to: session, among: Magikbench.commandNames),
            !FileManager.default.fileExists(atPath: session)
        {
            throw CommandError.noSuchCommand(session, nearest: command)
        }
        if plain, TerminalOptions.hasLines { return try openInLines() }
        if let problem = TerminalOptions.problem {
            guard plain, let session else { throw CommandError.failure(problem) }
            return try printPlain(session)
        }
        if let status = Guardian.watch(
            notice: "Unsaved changes were kept; start again to get them back.")
        {
            throw ExitCode(status)
        }
        Signals.block()
        // What is typed comes first, then the environment, then the file.
        var file = SettingsFile.ofUser()
        if let theme { file.settings.theme = theme }
        let typed = ascii ? Glyphs.Kind.ascii : plots.flatMap { Glyphs.Kind(rawValue: $0.rawValue) }
        let kind = typed ?? file.settings.plots
        var options = TerminalOptions(glyphs: kind, colour: color == .never ? false : nil)
        options.hasMouse = file.settings.hasMouse && !noMouse
        options.theme = file.settings.theme
        options.notifications = Notifications.ofEnvironment ?? file.settings.notifications
        options.log = ProcessInfo.processInfo.environment["MAGIKBENCH_LOG"]
        let inbox = Inbox<ScreenProgram.Message>()
        let appearance = Appearance(glyphs: options.glyphs, hasMouse: options.hasMouse)
        let status: Int32
        do {
            let program = try ScreenProgram(
                session, appearance: appearance, settings: file, inbox: inbox)
            status = try TerminalLoop(program, inbox: inbox, options: options).run()
            program.waitForWorkers()
            if let words = program.farewell { print(words) }
        } catch {
            throw CommandError.failure("\(error)")
        }
        Guardian.leave(status)
    }

    private static func theme(_ word: String) throws -> Theme {
        guard let theme = Theme(rawValue: word) else {
            let words = Theme.allCases.map(\.rawValue)
            throw ValidationError(
                "no theme is named '\(word.oneLine(upTo: 64))'" + didYouMean(word, among: words)
                    + "; there are \(words.joined(separator: ", "))")
        }
        return theme
    }

    /// The workbench in lines.
    private func openInLines() throws {
        Signals.block()
        let inbox = Inbox<PlainProgram.Message>()
        let status: Int32
        do {
            let program = try PlainProgram(session, settings: SettingsFile.ofUser(), inbox: inbox)
            status = LineLoop(program, inbox: inbox).run()
            program.waitForWorkers()
            if let words = program.farewell { print(words) }
        } catch {
            throw CommandError.failure("\(error)")
        }
        if status != 0 { throw ExitCode(status) }
    }

    private func printPlain(_ session: String) throws {
        do {
            Output.write(try PlainReport.text(of: session), to: STDOUT_FILENO)
        } catch {
            throw CommandError.failure("\(error)")
        }
    }
}
