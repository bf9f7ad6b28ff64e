import Editing
import Graph
import Terminal

/// The layers of a network as lines of a table.
struct LayerTableText {
    /// The layers.
    let layers: LayerTable
    /// Whether there may be more columns than 80 cells have room for.
    let isWide: Bool

    /// The title and a line for each layer.
    var lines: [String] {
        TextTable(columns: columns, rows: layers.rows.indices.map(cells))
            .lines(fitting: isWide ? nil : Paragraph.width)
    }

    private var columns: [TextTable.Column] {
        let figures =
            ["w", "a", "clip", "params", "MMAC", "w KiB"] + (isWide ? ["a KiB", "padding KiB"] : [])
        return [
            .init(title: "#", isRightAligned: true), .init(title: "layer", least: 8),
            .init(title: .init("operator", tail: isWide ? "" : "from"), least: 14),
            .init(title: "out", least: 8),
        ] + figures.map { .init(title: .init($0), isRightAligned: true) }
            + (isWide ? [.init(title: "reads")] : [])
    }

    private func cells(_ index: Int) -> [TextTable.Cell] {
        let row = layers.rows[index]
        let cost = row.cost
        let isKnown = !row.shapes.isEmpty
        let sign = row.facts.output.isFloat ? "" : row.facts.output.isSigned ? "s" : "u"
        let figures = [
            row.facts.weightBits.map(Figures.bits) ?? Figures.none,
            Figures.bits(row.facts.output.bits) + sign,
            row.clip.map(Figures.clip) ?? Figures.none,
            figure(isKnown, cost.parameters) { "\(cost.parameters)" },
            figure(isKnown, cost.multiplyAccumulates) {
                Figures.threeDigits(Double(cost.multiplyAccumulates) / 1e6)
            },
            figure(isKnown, cost.weightBytes) { Figures.threeDigits(Double(cost.weightBytes) / 1024) },
        ]
        let more = [
            figure(isKnown, cost.featureBytes) { Figures.threeDigits(Double(cost.featureBytes) / 1024) },
            figure(isKnown, cost.paddingBytes) { Figures.threeDigits(Double(cost.paddingBytes) / 1024) },
            row.node.inputs.map(\.description).joined(separator: ", "),
        ]
        let texts = [layers.analysis.shapes.label(index) ?? "?"] + figures + (isWide ? more : [])
        return [
            "\(index + 1)", .init(row.node.name),
            .init(row.node.layer.label, tail: isWide ? "" : sources(of: index)),
        ] + texts.map { .init($0) }
    }

    private func figure(_ isKnown: Bool, _ count: Int, _ text: () -> String) -> String {
        isKnown ? count == 0 ? Figures.none : text() : "?"
    }
}

// The rows that a layer reads, where that is not simply the one above.
extension LayerTableText {
    /// The widest that they may become.
    private static let widestSource = 14

    private func sources(of index: Int) -> String {
        let network = layers.analysis.network
        let inputs = layers.rows[index].node.inputs
        if inputs.count == 1, inputs[0].output == 0 {
            if index > 0, inputs[0].name == layers.rows[index - 1].node.name { return "" }
            if index == 0, network.inputs.count == 1, inputs[0].name == network.inputs[0].name { return "" }
        }
        let words = inputs.map { source -> SourceWord in
            guard let producer = network.index(of: source.name) else {
                return .text(source.description.shortened(to: 8))
            }
            return source.output == 0 ? .row(producer + 1) : .text("\(producer + 1)[\(source.output)]")
        }
        return LayerTableText.joined(words).shortened(to: LayerTableText.widestSource)
    }

    private enum SourceWord {
        case row(Int)
        case text(String)
    }

    /// "4,5", and "40-43" for three and more rows that follow each other.
    private static func joined(_ words: [SourceWord]) -> String {
        var parts: [String] = []
        var run: [Int] = []
        func close() {
            parts += run.count > 2 ? ["\(run[0])-\(run[run.count - 1])"] : run.map(String.init)
            run = []
        }
        for word in words {
            switch word {
            case .row(let row):
                if let last = run.last, row != last + 1 { close() }
                run.append(row)
            case .text(let text):
                close()
                parts.append(text)
            }
        }
        close()
        return parts.joined(separator: ",")
    }
}
