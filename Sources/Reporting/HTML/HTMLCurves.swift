import Editing
import Graph
import Runs

// Curves over steps or epochs.
extension HTMLPlot {
    /// The part of a picture that curves are drawn in, and the values at its edges.
    private struct Area {
        let left = 48.0
        let right = 436.0
        let top = 10.0
        let bottom = 180.0
        let x: ClosedRange<Double>
        let y: ClosedRange<Double>

        /// Nothing where there is no point.
        init?(_ curves: [ReportedCurves.Curve]) {
            let points = curves.flatMap(\.points)
            guard let first = points.map(\.x).min(), let last = points.map(\.x).max(),
                let least = points.map(\.y).min(), let greatest = points.map(\.y).max()
            else { return nil }
            let start = min(0, first)
            x = start...(last > start ? last : start + 1)
            let padded = AxisRange.padded(least, greatest)
            y = padded.low...padded.high
        }

        func column(_ value: Double) -> Double {
            left + (value - x.lowerBound) / (x.upperBound - x.lowerBound) * (right - left)
        }

        func row(_ value: Double) -> Double {
            bottom - (value - y.lowerBound) / (y.upperBound - y.lowerBound) * (bottom - top)
        }
    }

    /// Curves with their axes.
    static func curves(_ figure: ReportedCurves) -> HTML {
        guard let area = Area(figure.curves) else { return "" }
        let rows = Ticks.linear(area.y.lowerBound, area.y.upperBound, most: 5)
        let places = Ticks.linear(area.x.lowerBound, area.x.upperBound, most: 6, areWhole: figure.isCounted)
        let isShare = figure.title == RunComparison.Curve.accuracy.rawValue
        let rowLabels = AxisLabels(isShare ? rows.map { $0 * 100 } : rows)
        let columnLabels = AxisLabels(places)
        let grid = rows.map { value -> HTML in
            let label = isShare ? rowLabels.text(value * 100) + "%" : rowLabels.text(value)
            return """
                <line class="grid" x1="\(area.left)" x2="\(area.right)" y1="\(area.row(value))" y2="\(area.row(value))"/><text x="\(area.left - 8)" y="\(area.row(value) + 3.5)" text-anchor="end">\(label)</text>
                """
        }
        let ticks = places.map { value -> HTML in
            """
            <line class="axis" x1="\(area.column(value))" x2="\(area.column(value))" y1="\(area.bottom)" y2="\(area.bottom + 4)"/><text x="\(area.column(value))" y="\(area.bottom + 16)" text-anchor="middle">\(columnLabels.text(value))</text>
            """
        }
        return """
            <figure class="plot"><figcaption>\(ReportWords.sentence(figure.title).dropLast().description)</figcaption>
            <svg viewBox="0 0 460 214" role="img" aria-label="\(figure.title) over \(figure.axis)s">\(grid)<line class="axis" x1="\(area.left)" x2="\(area.right)" y1="\(area.bottom)" y2="\(area.bottom)"/>\(ticks)<text x="\(area.right)" y="\(area.bottom + 28)" text-anchor="end">\(figure.axis)</text>\(figure.curves.map { curve($0, in: area) })\(names(figure.curves, in: area))</svg></figure>
            """
    }

    private static func curve(_ curve: ReportedCurves.Curve, in area: Area) -> HTML {
        let points = thinned(curve.points, in: area)
        let path = points.enumerated().map { place, point in
            (place == 0 ? "M" : "L") + HTML.coordinate(point.x) + " " + HTML.coordinate(point.y)
        }.joined()
        let dots: [HTML] =
            curve.hasDots && points.count <= 80
            ? points.map { "<circle cx=\"\($0.x)\" cy=\"\($0.y)\" r=\"2.6\"/>" } : []
        let line: HTML = points.count > 1 ? "<path d=\"\(path)\"/>" : ""
        let kind: HTML = curve.hasDots ? "measured" : "trained"
        return "<g class=\"curve c\(curve.place) \(kind)\"><title>\(curve.title)</title>\(line)\(dots)</g>"
    }

    /// At most four points for each unit of the picture's width: the first, the least, the greatest and the last.
    private static func thinned(_ points: [CurvePoint], in area: Area) -> [CurvePoint] {
        var kept: [CurvePoint] = []
        var column: [CurvePoint] = []
        func close() {
            guard let first = column.first, let last = column.last else { return }
            let least = column.min { $0.y < $1.y } ?? first
            let greatest = column.max { $0.y < $1.y } ?? first
            for point in [first, least, greatest, last] where kept.last != point { kept.append(point) }
            column = []
        }
        for point in points {
            let placed = CurvePoint(x: area.column(point.x), y: area.row(point.y))
            if let start = column.first, placed.x - start.x >= 1.5 { close() }
            column.append(placed)
        }
        close()
        return kept
    }

    /// The names at the ends of the curves, apart from each other.
    private static func names(_ curves: [ReportedCurves.Curve], in area: Area) -> [HTML] {
        let named = curves.filter { !$0.label.isEmpty }.compactMap { curve in
            curve.points.last.map { (curve, area.column($0.x), area.row($0.y)) }
        }.sorted { $0.2 < $1.2 }
        var above = -Double.infinity
        return named.map { curve, x, y in
            let row = max(y, above + 11)
            above = row
            return
                "<text class=\"name c\(curve.place)\" x=\"\(x + 7)\" y=\"\(row + 3.5)\">\(curve.label)</text>"
        }
    }
}
