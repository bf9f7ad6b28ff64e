import ArgumentParser
import Foundation
import Graph
import Probing
import QAT
import Sessions
import Terminal

/// `magikbench dump`.
struct DumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Write what every layer gives for one sample, to compare with a board.",
        usage: "magikbench dump <session> --output <folder> [--data <spec>] [--index <n>]",
        discussion: """
            The network in integers, as the chip computes it: a file a layer with its codes, axes height, width, \
            channels, as many bytes a code as it needs, and index.json with each layer's shape, bits, file and md5. \
            Float results are 32 bit floats.

              magikbench dump digits --data mnist:data/mnist --index 7 -o pc
              magikbench compare-dumps pc board
            """)

    @Argument(help: "The session.", completion: .sessions)
    var session: String

    @Option(
        name: [.short, .long], help: ArgumentHelp("The folder to write.", valueName: "folder"),
        completion: .directory)
    var output: String

    @Option(
        help: ArgumentHelp(
            "What to feed; what is generated for the network where it is left out.", valueName: "spec"),
        completion: .data)
    var data: String?

    @Option(help: ArgumentHelp("Which sample, from 0, of those that are not trained on.", valueName: "n"))
    var index = 0

    @Option(help: ArgumentHelp("The seed of generated data.", valueName: "n"))
    var seed: UInt64 = 1

    func validate() throws { try NumberOption.check([("--index", index, NumberOption.count)]) }

    func run() throws {
        let session = try Session.opened(session)
        Engine.useThreads(0)
        do {
            let dump = try session.dump(data: data, index: index, seed: seed)
            for layer in dump.fallbacks {
                Output.write(
                    "layer '\(layer.layer)' has no integer form: \(layer.reason)\n", to: STDERR_FILENO)
            }
            try dump.write(to: output)
            print("wrote \(counted(dump.layers.count, "result")) to \(output.printable)")
        } catch {
            throw CommandError.failure("\(error)")
        }
    }
}
