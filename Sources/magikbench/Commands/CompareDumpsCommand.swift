import ArgumentParser
import Editing
import Foundation
import Graph
import Probing
import Terminal

/// `magikbench compare-dumps`.
struct CompareDumpsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare-dumps",
        abstract: "Find the first layer where two dumps differ, and by how much.",
        discussion: """
            Each folder has index.json and the files that it names, as 'dump' writes them: a board's needs layer, \
            shape, type and file; an md5 that is there must be right. Exit code 1 where the two differ.

              magikbench compare-dumps pc board
            """)

    @Argument(help: "A folder.", completion: .directory)
    var first: String

    @Argument(help: "The folder that is laid beside it.", completion: .directory)
    var second: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let comparison: DumpComparison
        do {
            comparison = try DumpComparison(first, second)
        } catch {
            throw CommandError.failure("\(error)")
        }
        print(json ? document(comparison).pretty : text(comparison))
        if comparison.parting != nil { throw Exit.no }
    }

    private func text(_ comparison: DumpComparison) -> String {
        guard let parting = comparison.parting else {
            return "\(counted(comparison.layers.count, "result")), all equal"
        }
        let others = comparison.layers.filter { $0.outcome != .equal }
        var lines = Paragraph.lines(
            "\(parting.name.printable) is the first to differ: \(words(parting.outcome))", indent: "  ")
        if others.count > 1 {
            lines.append("")
            lines += others.dropFirst().flatMap {
                Paragraph.lines("\($0.name.printable): \(words($0.outcome))", first: "  ", indent: "    ")
            }
            lines.append("")
            lines.append("\(others.count) of \(counted(comparison.layers.count, "result")) differ")
        }
        return lines.joined(separator: "\n")
    }

    private func words(_ outcome: DumpComparison.Outcome) -> String {
        switch outcome {
        case .equal: return "equal"
        case .incomparable(let reason): return reason
        case .missing(let folder): return "is not in \(folder.printable)"
        case .different(let found):
            let far =
                found.isCodes
                ? "by \(counted(Int(held: found.largest), "step")) at most"
                : "by \(Figures.significant(found.largest)) at most"
            func number(_ value: Double) -> String {
                found.isCodes ? "\(Int(held: value))" : Figures.significant(value)
            }
            return
                "\(Figures.grouped(found.count)) of \(Figures.grouped(found.elements)), \(far), first at \(DumpPlace(found.place)): \(number(found.first)) and \(number(found.second))"
        }
    }

    private func document(_ comparison: DumpComparison) -> JSON {
        .object([
            .init("first", comparison.parting.map { .string($0.name) } ?? .null),
            .init(
                "layers",
                .array(
                    comparison.layers.map { layer in
                        .object([.init("layer", .string(layer.name))] + members(layer.outcome))
                    })),
        ])
    }

    private func members(_ outcome: DumpComparison.Outcome) -> [JSON.Member] {
        switch outcome {
        case .equal: [.init("equal", true)]
        case .incomparable(let reason): [.init("equal", false), .init("reason", .string(reason))]
        case .missing(let folder): [.init("equal", false), .init("missingIn", .string(folder))]
        case .different(let found):
            [
                .init("equal", false), .init("different", .integer(found.count)),
                .init("elements", .integer(found.elements)),
                .init("largest", found.largest.isFinite ? .number(found.largest) : .null),
                .init("at", .array(found.place.map { .integer($0) })),
                .init(
                    "values", .array([found.first, found.second].map { $0.isFinite ? .number($0) : .null })),
            ]
        }
    }
}

/// A place in a result, as people say it.
private struct DumpPlace: CustomStringConvertible {
    let axes: [Int]
    init(_ axes: [Int]) { self.axes = axes }

    var description: String {
        switch axes.count {
        case 3: "row \(axes[0]), column \(axes[1]), channel \(axes[2])"
        case 2: "step \(axes[0]), feature \(axes[1])"
        default: "feature " + axes.map(String.init).joined(separator: ", ")
        }
    }
}
