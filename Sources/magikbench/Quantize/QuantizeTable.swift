import Devices
import Editing
import Foundation
import Graph
import QAT
import Terminal

/// What `quantize` says: the results before and after, then every layer.
struct QuantizeTable {
    private let result: CalibrationResult
    private let name: String
    private let device: Device
    private let method: RangeMethod
    private let seconds: Double

    init(
        _ result: CalibrationResult, name: String, device: Device, method: RangeMethod, seconds: Double
    ) {
        self.result = result
        self.name = name
        self.device = device
        self.method = method
        self.seconds = seconds
    }

    /// The page, without a line break at its end.
    func text(_ style: TextStyle) -> String {
        let title =
            "\(name.printable) on \(device): ranges of \(counted(result.samples, "sample")) by \(method.rawValue), \(Figures.fixed(seconds, decimals: 1)) s"
        let blocks =
            [[title], result.notes.flatMap { Paragraph.lines($0.printable, first: "  ", indent: "    ") }]
            + [layers(style), results]
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private func layers(_ style: TextStyle) -> [String] {
        let numbers = ["largest", "range", "clip", "factor", "before", "after"]
        let columns =
            [TextTable.Column(title: "layer", least: 8)]
            + numbers.map { TextTable.Column(title: .init($0), isRightAligned: true) }
        var lines = TextTable(
            columns: columns,
            rows: result.rows.map { row in
                [
                    .init(row.layer.printable), cell(row.largest.map(Figures.clip)),
                    cell(row.range.map(Figures.clip)), cell(row.clip.map(Figures.clip)),
                    cell(row.factor.map(Figures.clip)), cell(row.before.map(Figures.decibels)),
                    cell(row.after.map(Figures.decibels)),
                ]
            }
        ).lines(fitting: Paragraph.width)
        lines[0] = style.dim(lines[0])
        return lines
    }

    private func cell(_ text: String?) -> TextTable.Cell { .init(text ?? Figures.none) }

    private var results: [String] {
        result.after.keys.sorted().map { layer in
            let before = result.before[layer].map { Figures.decibels($0) + " dB" } ?? "nothing"
            return
                "result \(layer.printable): \(before) before, \(Figures.decibels(result.after[layer] ?? 0)) dB after"
        }
    }

    /// One document; numbers that do not apply are null.
    var json: JSON {
        func number(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
        return .object([
            .init("device", .string(device.rawValue)), .init("method", .string(method.rawValue)),
            .init("samples", .integer(result.samples)), .init("seconds", .number(seconds)),
            .init("notes", .array(result.notes.map(JSON.string))),
            .init(
                "results",
                .array(
                    Set(result.after.keys).union(result.before.keys).sorted().map { layer in
                        .object([
                            .init("name", .string(layer)), .init("before", number(result.before[layer])),
                            .init("after", number(result.after[layer])),
                        ])
                    })),
            .init(
                "layers",
                .array(
                    result.rows.map { row in
                        .object([
                            .init("name", .string(row.layer)), .init("largest", number(row.largest)),
                            .init("range", number(row.range)), .init("clip", number(row.clip)),
                            .init("factor", number(row.factor)), .init("before", number(row.before)),
                            .init("after", number(row.after)),
                        ])
                    })),
        ])
    }
}
