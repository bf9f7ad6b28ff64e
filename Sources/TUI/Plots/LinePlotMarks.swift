import Editing
import Runs
import Terminal

// What is drawn on a line plot beside its curves: limits, events, names and the inspector.
extension LinePlot {
    /// A dashed rule at the value of each sample up to the next.
    func drawLimit(_ series: Series, _ scale: PlotScale, on canvas: inout Canvas) {
        let area = scale.area
        var level: Int? = nil
        var start: Int = area.column
        func rule(to end: Int, on canvas: inout Canvas) {
            guard let level, start < end else { return }
            // In ASCII the sign is that of a line: gaps tell the rule apart.
            let gap = canvas.glyphs.kind == .ascii ? 2 : 1
            for column in start..<end where (column - area.column).isMultiple(of: gap) {
                canvas.frame[level, column] = Cell(canvas.glyphs.dash, Style(series.ink))
            }
        }
        series.forEachSample(in: x.range) { sample in
            let column = scale.column(sample.x)
            rule(to: column, on: &canvas)
            (level, start) = (value(sample.y).map { scale.row($0) }, level == nil ? area.column : column)
        }
        rule(to: area.endColumn, on: &canvas)
    }

    /// A line of points from top to bottom for each event, under all that is data.
    func drawHairlines(_ scale: PlotScale, on canvas: inout Canvas) {
        for event in events where x.range.contains(event.x) {
            let column = scale.column(event.x)
            for row in scale.area.row..<scale.area.endRow {
                canvas.frame[row, column] = Cell(canvas.glyphs.clip, .guides)
            }
        }
    }

    /// The texts of events beside their lines, in the highest of three rows where nothing is in the way.
    func drawEventTexts(_ scale: PlotScale, on canvas: inout Canvas) {
        let area = scale.area
        for event in events where x.range.contains(event.x) && !event.text.isEmpty {
            let width = event.text.displayWidth
            let column = scale.column(event.x)
            let starts = [column + 2, column - 1 - width].filter {
                $0 >= area.column && $0 + width <= area.endColumn
            }
            let places = (area.row..<min(area.endRow, area.row + 3)).flatMap { row in
                starts.map { Position(row: row, column: $0) }
            }
            guard let place = places.first(where: { isFree($0, width, area, on: canvas) }) else { continue }
            canvas.frame.put(event.text, place.row, place.column, .dim, end: area.endColumn)
        }
    }

    /// Whether a text and a blank on both of its sides would cover nothing but guides.
    private func isFree(_ place: Position, _ width: Int, _ area: Rect, on canvas: Canvas) -> Bool {
        let columns = max(area.column, place.column - 1)..<min(area.endColumn, place.column + width + 1)
        return columns.allSatisfy {
            canvas.frame[place.row, $0].scalar == " " || canvas.frame[place.row, $0].style == .guides
        }
    }

    /// The names of curves after their ends, and of limits on their rules; none on top of another.
    func drawNames(_ scale: PlotScale, end: Int, on canvas: inout Canvas) {
        var taken: [Rect] = []
        for series in series.reversed() where !series.label.isEmpty {
            if series.style == .dashed {
                drawLimitName(series, scale, on: &canvas)
                continue
            }
            var last: CurvePoint?
            series.forEachSample(in: x.range) { if value($0.y) != nil { last = $0 } }
            guard let last, let y = value(last.y) else { continue }
            let width = series.label.displayWidth
            let column = scale.column(last.x) + 1 + series.labelWidth - width
            let places = [0, -1, 1, -2, 2].map { scale.row(y) + $0 }
                .map { Rect(row: $0, column: min(column, end - width), rows: 1, columns: width) }
                .filter { place in
                    place.row >= scale.area.row && place.row < scale.area.endRow
                        && place.column >= scale.area.column
                        && taken.allSatisfy { $0.clipped(to: place).isEmpty }
                }
            let isBare = { (place: Rect) in
                (place.column..<place.endColumn).allSatisfy { canvas.frame[place.row, $0].scalar == " " }
            }
            guard let place = places.first(where: isBare) ?? places.first else { continue }
            taken.append(place)
            canvas.frame.put(series.label, place.row, place.column, Style(series.ink).bold, end: end)
        }
    }

    private func drawLimitName(_ series: Series, _ scale: PlotScale, on canvas: inout Canvas) {
        guard let sample = series.sample(at: x.range.upperBound), let y = value(sample.y) else { return }
        let text = " \(series.label) \(Figures.significant(sample.y)) "
        let row = scale.row(y)
        let start = scale.area.endColumn - text.displayWidth
        guard start >= scale.area.column else { return }
        let isFree = (start..<scale.area.endColumn).allSatisfy {
            let cell = canvas.frame[row, $0]
            return cell.scalar == " " || cell == Cell(canvas.glyphs.dash, Style(series.ink))
        }
        if isFree { canvas.frame.put(text, row, start, Style(series.ink), end: scale.area.endColumn) }
    }

    /// A line through the curves at a step, and beside its top the step and the curves' values there.
    func drawInspector(_ part: Double, _ scale: PlotScale, on canvas: inout Canvas) {
        let area = scale.area
        let step =
            x.range.lowerBound
            + min(1, max(0, part.isFinite ? part : 0)) * (x.range.upperBound - x.range.lowerBound)
        let column = scale.column(step)
        for row in area.row..<area.endRow {
            let cell = canvas.frame[row, column]
            let isFree = cell.scalar == " " || cell.style == .guides || cell.scalar == canvas.glyphs.dash
            if isFree { canvas.frame[row, column] = Cell(canvas.glyphs.vertical, .accent) }
        }
        let place =
            x.perEpoch.map { "epoch \(Figures.significant(step / $0))" }
            ?? "step \(Figures.grouped(Int(exactly: step.rounded()) ?? 0))"
        var words: [(String, Style)] = [(place, .accent.bold)]
        for series in series where !series.isBackground {
            guard let sample = series.sample(at: step) else { continue }
            let name = series.label.isEmpty ? "" : series.label + " "
            words.append((name + Figures.significant(sample.y), Style(series.ink)))
        }
        drawReadings(words, beside: column, in: area, on: &canvas)
    }

    /// Words in a row at the right of a line, or at its left where there is more room; below each other where there is not.
    private func drawReadings(
        _ words: [(String, Style)], beside line: Int, in area: Rect, on canvas: inout Canvas
    ) {
        let before = line - area.column
        let after = area.endColumn - line - 1
        let width = words.reduce(0) { $0 + $1.0.displayWidth + 2 }
        let isRow = width <= max(before, after)
        let longest = isRow ? width : words.reduce(0) { max($0, $1.0.displayWidth + 2) }
        let isAfter = after >= longest || after >= before
        let end = isAfter ? area.endColumn : line
        let start = isAfter ? line + 1 : max(area.column, line - longest)
        var row = area.row
        var column = start
        for (text, style) in words where row < area.endRow {
            column = canvas.frame.put(" \(text) ", row, column, style, end: end)
            if !isRow { (row, column) = (row + 1, start) }
        }
    }
}
