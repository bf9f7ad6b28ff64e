import ArgumentParser
import Foundation
import Graph
import Platform
import TUI
import Terminal

/// `magikbench config`.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the settings of the screen, and where each comes from.",
        usage: """
            magikbench config [--check] [--json]
            magikbench config set NAME=VALUE ...
            """,
        discussion: """
            They are kept in config.json, in $XDG_CONFIG_HOME/magikbench or ~/.config/magikbench. What is wrong in it \
            is said, and the rest holds. docs/configuration.md lists all settings.

              magikbench config
              magikbench config --check
              magikbench config set theme=dark keys.fix=X

            Exit code 1 of --check where something is wrong.
            """,
        subcommands: [ConfigSetCommand.self])

    @Flag(help: "Only say what is wrong in the file.")
    var check = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let file = SettingsFile.ofUser()
        let options = TerminalOptions(glyphs: file.settings.plots)
        let table = SettingsTable(file, hasColour: options.hasColour, plots: options.glyphs.kind)
        let problems = file.problems.map { "\($0)" }
        if json {
            print(table.json.pretty)
        } else if check {
            print(
                problems.isEmpty
                    ? "\(ConfigCommand.place(of: file)): nothing is wrong" : problems.joined(separator: "\n"))
        } else {
            let style = TextStyle.standardOutput
            var lines = table.lines
            lines[0] = style.dim(lines[0])
            print(
                ([ConfigCommand.place(of: file), ""] + lines + (problems.isEmpty ? [] : [""] + problems))
                    .joined(separator: "\n"))
        }
        if check, !problems.isEmpty { throw Exit.no }
    }

    private static func place(of file: SettingsFile) -> String {
        guard let path = file.path else { return "no configuration folder: HOME is not set" }
        return FileManager.default.fileExists(atPath: path)
            ? path.printable : "\(path.printable) is not there: the standard holds"
    }
}

/// `magikbench config set`.
struct ConfigSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Write settings into config.json.",
        discussion: """
            NAME is a setting of docs/configuration.md; keys.COMMAND holds the keys of a command, with blanks between \
            them, run.OPTION an option that new runs begin with. Nothing behind '=' takes a setting out of the file.

              magikbench config set theme=light
              magikbench config set 'keys.undo=Ctrl-G u' run.epochs=20
              magikbench config set theme=
            """)

    @Argument(help: ArgumentHelp("What to set, as NAME=VALUE.", valueName: "setting"))
    var settings: [String]

    func run() throws {
        guard let path = SettingsFile.pathOfUser else {
            throw CommandError.failure("there is no configuration folder: HOME is not set")
        }
        do {
            let folder = Disk.split(path).folder
            let isThere = try Disk.kind(of: path) != nil
            var bytes = isThere ? try Disk.read(path, limit: SettingsFile.sizeLimit) : Array("{}".utf8)
            for setting in settings { bytes = try SettingsEdit(setting).applied(to: bytes) }
            try Disk.makePrivateFolders(folder)
            print("wrote \(try CommandFile.write(bytes, to: path))")
        } catch let error as DiskError {
            throw CommandError.failure("\(path.printable): \(error)")
        } catch {
            throw CommandError.failure("\(error)")
        }
    }
}
