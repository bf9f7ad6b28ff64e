import ArgumentParser
import Graph

/// `magikbench [SESSION]`: what runs where no command is named.
struct OpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Open a session on the screen.", shouldDisplay: false)

    @Argument(help: "The session to open.")
    var session: String?

    func run() throws {
        if let session, let command = nearest(to: session, among: Magikbench.commandNames) {
            throw CommandError.noSuchCommand(session, nearest: command)
        }
        throw CommandError.noScreen(commands: Magikbench.commandNames)
    }
}
