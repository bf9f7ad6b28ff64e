import ArgumentParser
import Devices
import Editing
import Graph
import Sessions
import TUI
import Terminal

/// `magikbench chips`.
struct ChipsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chips",
        abstract: "Show what a network is on every chip, side by side.",
        discussion: """
            Errors and advice of each chip, bytes of weights, the most features at once beside the chip's memory where \
            that is known, the share of products that only fill up blocks of channels, and cycles as if each product of \
            two blocks took one. The assumptions are printed below the table.

              magikbench chips digits
              magikbench chips digits --sort cycles

            't' on the screen shows the same table; check --device all says what is wrong.
            """)

    @Argument(help: "A session, or a network file by itself.", completion: .sessions)
    var session: String

    @Option(
        help: ArgumentHelp(
            "What the chips are ordered by: \(ChipTable.SortOrder.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "column"))
    var sort = ChipOrder.chip

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let session = try Session.opened(session)
        let document = session.document
        let analysis = Analysis(document.network, on: document.device.family)
        let reports = Checker.reports(on: document.network, for: Device.allCases, waivers: document.waivers)
        let table = ChipTable(ChipSummary.all(reports, of: analysis), by: sort.order)
        print(
            json
                ? ChipsCommand.json(table.rows, name: session.name).pretty
                : ChipsCommand.text(table, session, style: .standardOutput))
    }

    private static func text(_ table: ChipTable, _ session: Session, style: TextStyle) -> String {
        var lines = table.lines(fitting: Paragraph.width, names: false).lines
        lines[0] = style.dim(lines[0])
        let missing = table.rows.filter { !$0.missing.isEmpty }.flatMap {
            Paragraph.lines("\($0.device) has no \(Figures.listed($0.missing))", indent: "  ")
        }
        let unknown = "Memory is for features, in KiB; ? is not published."
        let answer = Paragraph.lines(ChipTable.answer(table.rows) + ".", indent: "  ")
        let notes = ([unknown] + ChipSummary.assumptions).flatMap { Paragraph.lines($0, indent: "  ") }
        return [
            ["\(session.name.printable) is for \(session.document.device)"], lines, answer,
            missing, notes.map { style.dim($0) },
        ].filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private static func json(_ rows: [ChipSummary], name: String) -> JSON {
        [
            "network": .string(name),
            "chips": .array(
                rows.map { row in
                    [
                        "device": .string(row.device.rawValue), "family": .string(row.device.family.rawValue),
                        "errors": .integer(row.errors), "advice": .integer(row.advice),
                        "weightBytes": .integer(row.weightBytes),
                        "peakFeatureBytes": .integer(row.peakFeatureBytes),
                        "featureMemory": row.featureMemory.map(JSON.integer) ?? .null,
                        "paddingShare": .number(row.paddingShare),
                        "multiplyAccumulates": .integer(row.multiplyAccumulates),
                        "blockProducts": .integer(row.blockProducts),
                        "missing": .array(row.missing.map(JSON.string)),
                    ]
                }),
            "assumptions": .array(ChipSummary.assumptions.map(JSON.string)),
        ]
    }
}

/// The orders of the table, as the option names them.
enum ChipOrder: String, CaseIterable, ExpressibleByArgument {
    case chip, errors, weights, peak, padding, cycles

    var order: ChipTable.SortOrder {
        switch self {
        case .chip: .chip
        case .errors: .errors
        case .weights: .weights
        case .peak: .peak
        case .padding: .padding
        case .cycles: .cycles
        }
    }
}
