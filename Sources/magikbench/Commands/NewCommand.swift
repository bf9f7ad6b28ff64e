import ArgumentParser
import Devices
import Editing
import Graph
import Sessions
import Terminal

/// `magikbench new`.
struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a session, from a sample or empty.",
        discussion: """
            A session is a folder NAME.magik with the network in network.json; the ending is added where it is \
            missing.

              magikbench new digits --from network-t40-mnist
              magikbench new faces --from facedet --device T40
            """)

    @Argument(help: "The session to make.", completion: .directory)
    var session: String

    @Option(
        help: ArgumentHelp("Start with this sample; 'magikbench samples' lists them.", valueName: "sample"),
        completion: .list(Samples.names))
    var from: String?

    @Option(help: ArgumentHelp("The chip that the network is for.", valueName: "chip"), completion: .chips)
    var device: String?

    func run() throws {
        var document = Document(network: Network(), device: .t40)
        if let from {
            do {
                document = try Samples.document(named: from)
            } catch {
                throw CommandError.sample(error)
            }
        }
        if let device { document.device = try Device.named(device) }
        do {
            print(NewCommand.text(for: try Session.create(session, document), from: from))
        } catch {
            throw CommandError.session(error)
        }
    }

    /// What was made, and what to try next.
    static func text(for session: Session, from sample: String?) -> String {
        let path = ShellWord.quoted(session.path)
        let network = session.document.network
        let device = session.document.device
        let made = sample.map { "from \($0): \(counted(network.nodes.count, "layer")) for \(device)" }
        return """
            made \(path) \(made ?? "for \(device), empty")
            next: magikbench show \(path)
            """
    }
}
