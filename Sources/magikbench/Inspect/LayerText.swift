import Editing
import Graph
import QAT
import Terminal

/// One layer: a block of numbers and a histogram for its weights and its results.
enum LayerText {
    private static let rows = 8

    /// A block for each tensor of a layer.
    static func blocks(_ row: InspectTable.Row) -> [[String]] {
        row.parts.flatMap { part in
            [("weights", part.weight), ("results", part.feature)].compactMap { what, tensor in
                tensor.map { block("\(part.name.printable) \(what)", $0) }
            }
        }
    }

    private static func block(_ title: String, _ tensor: ProbedTensor) -> [String] {
        let seen = tensor.observation
        var lines = [title + (tensor.quantizer.map { ", \($0.bits) bit" } ?? ", float")]
        var numbers = [
            "\(Figures.significant(seen.minimum)) to \(Figures.significant(seen.maximum))",
            "mean \(Figures.significant(seen.mean))", "deviation \(Figures.significant(seen.deviation))",
        ]
        if let quantizer = tensor.quantizer {
            numbers += [
                "SQNR " + (seen.sqnr.map { Figures.decibels($0) + " dB" } ?? "exact"),
                "error \(Figures.scientific(quantizer.meanSquaredError))",
                "clipped \(Figures.percent(seen.clipRatio ?? 0))%",
                "\(quantizer.levelsUsed) of \(quantizer.levels) levels",
            ]
        }
        if let match = tensor.match {
            numbers += [
                "accumulated "
                    + (match.isEqual
                        ? "exact"
                        : tensor.accumulatedSQNR.map { Figures.decibels($0) + " dB" } ?? Figures.none),
                "cosine " + (match.cosine.map { Figures.fixed($0, decimals: 6) } ?? Figures.none),
            ]
        }
        if let error = tensor.foldingError { numbers.append("folding \(Figures.percent(error))%") }
        if let flips = tensor.flips { numbers.append("flips \(Figures.percent(flips))%") }
        if let dead = tensor.channels?.dead.count, dead > 0 { numbers.append(counted(dead, "dead channel")) }
        lines += Paragraph.lines(
            words: numbers.enumerated().map { $0 < numbers.count - 1 ? $1 + "," : $1 }, first: "  ",
            indent: "  ")
        return lines + histogram(tensor)
    }

    /// Columns of blocks over the whole range, logarithmic in height, and where the clip ends below them.
    private static func histogram(_ tensor: ProbedTensor) -> [String] {
        let seen = tensor.observation
        let width = Paragraph.width - 4
        guard seen.minimum < seen.maximum, seen.maximum - seen.minimum < .infinity else { return [] }
        var columns = [Double](repeating: 0, count: width)
        for (bin, count) in seen.histogram.enumerated() {
            columns[bin * width / seen.histogram.count] += Double(count)
        }
        let most = Logarithm.ten(1 + (columns.max() ?? 0))
        let blocks = Array(" ▁▂▃▄▅▆▇█")
        let heights = columns.map { most > 0 ? Logarithm.ten(1 + $0) / most * Double(8 * rows) : 0 }
        var lines = (0..<rows).reversed().map { line in
            "  " + String(heights.map { blocks[max(0, min(8, Int(held: $0.rounded(.up)) - 8 * line))] })
        }
        var ends: [Double] = []
        if let quantizer = tensor.quantizer, let clip = seen.clip {
            ends = quantizer.isUnsigned ? [0, clip] : [-clip, clip]
            if seen.kind == .weight { ends = [seen.mean - clip, seen.mean + clip] }
        }
        var axis = [Character](repeating: "─", count: width)
        for end in ends {
            let place = (end - seen.minimum) / (seen.maximum - seen.minimum) * Double(width)
            guard place >= 0, place < Double(width) else { continue }
            axis[Int(held: place)] = "┴"
        }
        lines.append("  " + String(axis))
        let low = Figures.significant(seen.minimum)
        let high = Figures.significant(seen.maximum)
        let clips = ends.isEmpty ? "" : "┴ range \(ends.map(Figures.significant).joined(separator: " to "))"
        lines.append(
            "  "
                + [
                    low,
                    clips.indented(
                        to: (width - low.displayWidth - high.displayWidth + clips.displayWidth) / 2),
                ].joined())
        let last = lines.count - 1
        lines[last] = lines[last].padded(to: width + 2 - high.displayWidth) + high
        return lines.map(\.withoutTrailingBlanks)
    }
}
