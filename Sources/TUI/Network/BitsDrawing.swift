import Devices
import Editing
import Graph
import QAT
import Terminal

// Where the bits go: noise above, bytes below, a column for each layer with weights.
extension ScreenState {
    func drawBits(in rect: Rect, on canvas: inout Canvas) {
        let network = editor.network
        let indices = network.nodes.indices.filter { editor.analysis.cost.nodes[$0].weightBytes > 0 }
        let names = indices.map { network.nodes[$0].name }
        let noise = names.map { probe.sqnr(of: $0).map(Figures.noisePercent(ofDecibels:)) }
        let bytes = indices.map { Double(editor.analysis.cost.nodes[$0].weightBytes) }
        let known = noise.compactMap { $0 }.sorted()
        var rect = rect
        let head = rect.takeTop(1)
        canvas.frame.put("WHERE THE BITS GO", head.row, head.column + 1, .dim)
        let most = known.last.map { ", up to \(Figures.threeDigits($0))" } ?? ""
        canvas.frame.put("noise, % of signal" + most, head.row, head.column + 20, .dim)
        if let median = known.median {
            canvas.frame.putRight(
                "median \(Figures.threeDigits(median))%", head.row, end: head.endColumn - 2,
                .dim)
        }
        let foot = rect.takeBottom(1)
        let largest = bytes.max().map { ", up to \(Figures.kibibytes(Int(held: $0)))" } ?? ""
        canvas.frame.put("weights, KiB" + largest, foot.row, foot.column + 20, .dim)
        canvas.frame.putRight(
            "total \(Figures.kibibytes(editor.analysis.cost.total.weightBytes)) KiB", foot.row,
            end: foot.endColumn - 2, .dim)
        let above = rect.takeTop(3)
        let labels = rect.takeTop(1)
        let selected = selectedName.flatMap { names.firstIndex(of: $0) }
        let columns = ColumnBars.columns(of: names.count, in: above.columns - 2, showing: selected)
        let style: Style = probe.isStale ? .dim : Style(.seriesB)
        ColumnBars(values: columns.map { noise[$0] }, selected: columns.firstIndex { $0 == selected }).draw(
            in: Rect(row: above.row, column: above.column + 1, rows: 3, columns: above.columns - 2), style,
            on: &canvas)
        ColumnBars.drawLabels(
            columns.map { names[$0] }, numbers: columns.map { indices[$0] + 1 },
            selected: columns.firstIndex { $0 == selected },
            in: Rect(row: labels.row, column: labels.column + 1, rows: 1, columns: labels.columns - 2),
            on: &canvas)
        ColumnBars.drawMore(columns, of: names.count, in: labels, on: &canvas)
        ColumnBars(values: columns.map { bytes[$0] }, selected: columns.firstIndex { $0 == selected }).draw(
            in: Rect(row: rect.row, column: rect.column + 1, rows: 3, columns: rect.columns - 2),
            Style(.seriesA),
            on: &canvas)
    }
}
