import ArgumentParser
import Devices
import Editing
import Graph
import Sessions
import Terminal

/// `magikbench show`.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the layers of a network, and what it costs.",
        discussion: """
            One row a layer: the rows that it reads where that is not simply the one above, the shape of its \
            result, the bits of its weights (w) and of its result (a; u for unsigned, s for signed, fp for float), \
            the clip, and the cost for one sample: parameters, millions of multiplications with accumulation, KiB \
            of weights.

              magikbench show digits
              magikbench show digits --wide
              magikbench show digits --json | jq '.layers[] | [.name, .weightBytes]'

            Bits and bytes can depend on the chip; --device shows the network as another chip sees it.
            """)

    @Argument(help: "A session, a network file by itself, or an ONNX model.", completion: .sessions)
    var session: String

    @Option(
        help: ArgumentHelp(
            "Show the network as this chip sees it, not the session's own.", valueName: "chip"),
        completion: .chips)
    var device: String?

    @Flag(help: "Show more columns than 80 cells have room for.")
    var wide = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let session = try Session.viewed(session)
        let layers = LayerTable(
            session.document.network, on: try device.map(Device.named) ?? session.document.device)
        print(
            json
                ? layers.json.pretty
                : ShowText(layers, name: session.name, isWide: wide, style: .standardOutput).text)
    }
}
