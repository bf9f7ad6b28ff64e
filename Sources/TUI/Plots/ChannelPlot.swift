import Graph
import Reporting
import Terminal

/// How far each channel of a tensor reaches: a column a channel, or several where there are more channels than columns,
/// of which the farthest is drawn.
struct ChannelPlot {
    /// By channel, how far it reaches; at least 0.
    let reaches: [Double]
    /// The channels that give one value only.
    var dead: Set<Int> = []
    /// Where the quantizer's range ends; nil without one.
    var clip: Double?
    var isDim = false

    /// Draws bars from the lower edge, with the reaches at the left and the channels' numbers below.
    func draw(in rect: Rect, on canvas: inout Canvas) {
        var area = rect
        let left = area.takeLeft(rect.columns >= 24 ? LinePlot.margin + 1 : 0)
        let foot = area.takeBottom(rect.rows < 3 ? 0 : 1)
        guard area.rows > 0, area.columns > 0, !reaches.isEmpty else { return }
        let top = max(reaches.filter(\.isFinite).max() ?? 0, clip ?? 0)
        guard top > 0, top.isFinite else { return }
        let shared = (reaches.count + area.columns - 1) / area.columns
        let width = max(1, min(4, area.columns / reaches.count))
        let height = Double(area.rows * 8)
        let limit = clip.map { min(area.rows, max(1, Int(held: ($0 / top * Double(area.rows)).rounded()))) }
        if let limit, limit < area.rows || (clip ?? 0) >= top {
            for column in area.column..<area.endColumn {
                canvas.frame[area.endRow - limit, column] = Cell(canvas.glyphs.dash, Style(.seriesB))
            }
        }
        for (place, first) in stride(from: 0, to: reaches.count, by: shared).enumerated() {
            let group = first..<min(reaches.count, first + shared)
            let reach = reaches[group].filter(\.isFinite).max() ?? 0
            let eighths = reach > 0 ? max(1, Int(held: (reach / top * height).rounded())) : 0
            for offset in 0..<max(1, width - (width > 2 ? 1 : 0)) {
                let column = area.column + place * width + offset
                guard column < area.endColumn else { break }
                draw(eighths, column, in: area, on: &canvas)
                if group.contains(where: dead.contains) {
                    canvas.frame[area.endRow - 1, column] = Cell(canvas.glyphs.mustFix, .error)
                }
            }
        }
        drawAxes(top, left, foot, shared: shared, width: width, area, on: &canvas)
    }

    private func draw(_ eighths: Int, _ column: Int, in area: Rect, on canvas: inout Canvas) {
        let top = max(reaches.filter(\.isFinite).max() ?? 0, clip ?? 0)
        for level in 0..<area.rows {
            let filled = min(8, eighths - level * 8)
            guard filled > 0 else { return }
            let value = (Double(level) + 0.5) / Double(area.rows) * top
            let isLost = clip.map { value > $0 } ?? false
            canvas.frame[area.endRow - 1 - level, column] =
                isLost
                ? Cell(canvas.glyphs.lost, .error)
                : Cell(canvas.glyphs.heights[filled], isDim ? .dim : Style(.seriesA))
        }
    }

    private func drawAxes(
        _ top: Double, _ left: Rect, _ foot: Rect, shared: Int, width: Int, _ area: Rect,
        on canvas: inout Canvas
    ) {
        if left.columns > 0 {
            let labels = AxisLabels([top, 0])
            for row in area.row..<area.endRow {
                canvas.frame[row, left.endColumn - 1] = Cell(canvas.glyphs.vertical, .dim)
            }
            canvas.frame.putRight(
                labels.text(top), area.row, end: left.endColumn - 1, from: left.column, .dim)
            canvas.frame.putRight("0", area.endRow - 1, end: left.endColumn - 1, from: left.column, .dim)
        }
        guard foot.rows > 0 else { return }
        let columns = (reaches.count + shared - 1) / shared * width
        canvas.frame.put("0", foot.row, area.column, .dim, end: area.endColumn)
        canvas.frame.putRight(
            "channel \(reaches.count - 1)", foot.row,
            end: min(area.endColumn, max(area.column + columns, area.column + 14)),
            from: area.column + 2, .dim)
    }
}
