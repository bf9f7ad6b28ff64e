import Devices
import Editing
import Graph
import Terminal

/// What `show` prints: the layers as a table, the totals below, and remarks on single layers.
struct ShowText {
    private let layers: LayerTable
    private let name: String
    private let isWide: Bool
    private let style: TextStyle

    /// The page of a network of that name.
    init(_ layers: LayerTable, name: String, isWide: Bool = false, style: TextStyle = .plain) {
        self.layers = layers
        self.name = name
        self.isWide = isWide
        self.style = style
    }

    /// The whole page, without a line break at its end.
    var text: String {
        var blocks = [title]
        if layers.rows.isEmpty {
            blocks.append(["no layers yet: write them into network.json, or make a session from a sample"])
        } else {
            var table = LayerTableText(layers: layers, isWide: isWide).lines
            table[0] = style.dim(table[0])
            blocks += [table, totals, lowerings, unshaped]
        }
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var title: [String] {
        let inputs = layers.analysis.network.inputs
        let shapes =
            inputs.count == 1
            ? ["input \(inputs[0].shape)"] : inputs.map { "\($0.name.shortened(to: 24)) \($0.shape)" }
        let parts = ["\(name.printable) on \(layers.device)"] + shapes
        return Paragraph.lines(
            words: parts.enumerated().map { $0 < parts.count - 1 ? $1 + "," : $1 }, indent: "  ")
    }

    private var totals: [String] {
        let total = layers.analysis.cost.total
        let share = Double(total.paddingBytes) / Double(max(1, total.featureBytes)) * 100
        let block = layers.device.family.channelBlock
        var rows = [
            ("parameters", Figures.grouped(total.parameters), ""),
            ("MAC", Figures.millions(total.multiplyAccumulates), "M"),
            ("weights", Figures.kibibytes(total.weightBytes), "KiB"),
            ("activations", Figures.kibibytes(total.featureBytes), "KiB  of all layers together"),
        ]
        if total.paddingBytes > 0 {
            let remark = "KiB  \(Int(held: share.rounded()))% more, to fill blocks of \(block) channels"
            rows.append(("padding", Figures.kibibytes(total.paddingBytes), remark))
        }
        let widest = rows.map(\.1.displayWidth).max() ?? 0
        return rows.map { title, number, unit in
            "\(title.padded(to: 11))  \(number.indented(to: widest)) \(unit)".withoutTrailingBlanks
        }
    }

    /// What the chip makes of operators that it has only as a composition.
    private var lowerings: [String] {
        layers.rows.flatMap { row -> [String] in
            guard let summary = Decomposition.summary(of: row.node.layer, on: layers.device) else {
                return []
            }
            return Paragraph.lines(
                "\(shortName(row.node.name)) runs on \(layers.device) as \(summary)", indent: "  ")
        }
    }

    /// The layers without a shape: why, and how many wait for them.
    private var unshaped: [String] {
        let indices = layers.rows.indices.filter { layers.rows[$0].shapes.isEmpty }
        guard !indices.isEmpty else { return [] }
        let reasons = indices.compactMap { index in
            layers.analysis.shapes.failure(index).map { (layers.rows[index].node.name, "\($0)") }
        }
        let cyclic = layers.analysis.order.cyclic.map { (layers.rows[$0].node.name, "lies on a cycle") }
        let waiting = indices.count - reasons.count - cyclic.count
        var lines = ["\(counted(indices.count, "layer")) without a shape"]
        for (name, reason) in reasons + cyclic {
            lines += Paragraph.lines("\(shortName(name)): \(reason)", first: "  ", indent: "    ")
        }
        if waiting > 0 {
            lines.append("  \(counted(waiting, "layer")) below \(waiting == 1 ? "waits" : "wait") for these")
        }
        return lines
    }

    private func shortName(_ name: String) -> String { isWide ? name : name.shortened(to: 32) }
}
