import ArgumentParser
import Devices
import Editing
import Graph
import Sessions
import Terminal

/// `magikbench samples`.
struct SamplesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "samples",
        abstract: "List the networks that come with the program.",
        discussion: """
            Each is a start for a session of your own:

              magikbench new digits --from network-t40-mnist

            The ones whose names begin with 'broken' break every rule of their chip, one after the other.
            """)

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        var rows: [SampleRow] = []
        for name in Samples.names {
            do {
                rows.append(SampleRow(name: name, document: try Samples.document(named: name)))
            } catch {
                throw CommandError.sample(error)
            }
        }
        print(json ? SampleRow.json(rows).pretty : SampleRow.table(rows, style: .standardOutput))
    }
}

/// What the list says about one sample.
struct SampleRow {
    /// Its name.
    let name: String
    /// The sample itself.
    let document: Document

    /// All samples as lines of a table.
    static func table(_ rows: [SampleRow], style: TextStyle) -> String {
        let columns: [TextTable.Column] = [
            .init(title: "sample", least: 12), .init(title: "chip"),
            .init(title: "layers", isRightAligned: true),
            .init(title: "parameters", isRightAligned: true), .init(title: "input", least: 12),
        ]
        let cells = rows.map { row -> [TextTable.Cell] in
            [
                .init(row.name), "\(row.document.device)", "\(row.document.network.nodes.count)",
                .init(Figures.grouped(row.parameters)), .init(row.inputs.joined(separator: ", ")),
            ]
        }
        var lines = TextTable(columns: columns, rows: cells).lines(fitting: Paragraph.width)
        lines[0] = style.dim(lines[0])
        return lines.joined(separator: "\n")
    }

    /// All samples as a JSON document.
    static func json(_ rows: [SampleRow]) -> JSON {
        [
            "samples": .array(
                rows.map { row in
                    [
                        "name": .string(row.name), "device": .string(row.document.device.rawValue),
                        "layers": .integer(row.document.network.nodes.count),
                        "parameters": .integer(row.parameters),
                        "inputs": .array(
                            row.document.network.inputs.map {
                                [
                                    "name": .string($0.name),
                                    "shape": .array($0.shape.dimensions.map(JSON.integer)),
                                ]
                            }),
                    ]
                })
        ]
    }

    private var parameters: Int {
        Analysis(document.network, on: document.device.family).cost.total.parameters
    }

    private var inputs: [String] { document.network.inputs.map(\.shape.description) }
}
