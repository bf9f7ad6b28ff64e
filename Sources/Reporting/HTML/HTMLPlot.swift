import Editing
import Graph
import Runs

/// Plots of a report as SVG inside the page. Colours are those of the page's style.
enum HTMLPlot {
    /// What bars beyond the clip are filled with; stands once in the page.
    static let pattern: HTML = """
        <svg width="0" height="0" class="hidden" aria-hidden="true"><defs><pattern id="lost" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="1.4" height="3" class="hatch"/></pattern></defs></svg>
        """

    /// Columns of a histogram.
    static let columns = 75

    /// Bars over the range of a tensor, its levels as ticks, and dashed lines where its quantizer ends.
    static func histogram(_ picture: ReportedHistograms.Picture, of layer: String) -> HTML {
        let seen = picture.histogram
        let width = 225.0
        let top = 3.0
        let bottom = 70.0
        let pitch = width / Double(columns)
        let span = seen.range.upperBound - seen.range.lowerBound
        func place(_ value: Double) -> Double { (value - seen.range.lowerBound) / span * width }
        let counts = seen.counts.bins(over: seen.range, columns: columns)
        func height(_ count: Double) -> Double { picture.isLogarithmic ? Logarithm.ten(1 + count) : count }
        let most = height(counts.max() ?? 0)
        var inside = ""
        var lost = ""
        for (column, count) in counts.enumerated() where count > 0 && most > 0 {
            let y = bottom - max(0.8, height(count) / most * (bottom - top))
            let bar =
                "M\(HTML.coordinate(Double(column) * pitch)) \(HTML.coordinate(bottom))V\(HTML.coordinate(y))h\(HTML.coordinate(pitch))V\(HTML.coordinate(bottom))z"
            let middle = seen.range.lowerBound + (Double(column) + 0.5) / Double(columns) * span
            if picture.hasLosses, let kept = seen.kept, !kept.contains(middle) {
                lost += bar
            } else {
                inside += bar
            }
        }
        let clips = seen.clips.filter { $0 > seen.range.lowerBound && $0 < seen.range.upperBound }
        let dashes = clips.map { clip -> HTML in
            "<line class=\"clip\" x1=\"\(place(clip))\" x2=\"\(place(clip))\" y1=\"\(top)\" y2=\"\(bottom)\"/>"
        }
        return """
            <svg class="histogram" viewBox="0 0 225 86" role="img" aria-label="\(layer), \(picture.title): \(picture.numbers)"><path class="bars" d="\(inside)"/><path class="lost" d="\(lost)"/>\(dashes)<line class="axis" x1="0" x2="225" y1="\(bottom)" y2="\(bottom)"/>\(levels(seen, place, bottom))\(labels(seen, place, clips))</svg>
            """
    }

    private static func levels(
        _ seen: TensorHistogram, _ place: (Double) -> Double, _ bottom: Double
    ) -> [HTML] {
        guard let levels = seen.levels, levels.count <= 32 else { return [] }
        return (0..<levels.count).compactMap { level in
            let value = levels.first + Double(level) * levels.step
            guard seen.range.contains(value) else { return nil }
            return
                "<line class=\"level\" x1=\"\(place(value))\" x2=\"\(place(value))\" y1=\"\(bottom)\" y2=\"\(bottom + 3)\"/>"
        }
    }

    /// The ends of the axis, zero and the clips, as far as they have room.
    private static func labels(
        _ seen: TensorHistogram, _ place: (Double) -> Double, _ clips: [Double]
    ) -> [HTML] {
        var taken: [ClosedRange<Double>] = []
        var texts: [HTML] = []
        func put(_ value: Double, _ text: String, _ anchor: HTML, shift: Double) {
            let width = 5.2 * Double(text.count)
            let start = place(value) - shift * width
            let room = start - 4...start + width + 4
            guard !taken.contains(where: { $0.overlaps(room) }) else { return }
            taken.append(room)
            texts.append("<text x=\"\(place(value))\" y=\"83\" text-anchor=\"\(anchor)\">\(text)</text>")
        }
        func text(_ value: Double) -> String { value == 0 ? "0" : AxisLabels([value]).text(value) }
        put(seen.range.lowerBound, text(seen.range.lowerBound), "start", shift: 0)
        put(seen.range.upperBound, text(seen.range.upperBound), "end", shift: 1)
        if seen.range.contains(0) { put(0, "0", "middle", shift: 0.5) }
        for clip in clips { put(clip, Figures.significant(clip), "middle", shift: 0.5) }
        return texts
    }

    /// Noise above and bytes below, a column for each layer.
    static func bits(_ layers: [ReportedBits]) -> HTML {
        let width = 720.0
        let left = 44.0
        let pitch = (width - left) / Double(max(1, layers.count))
        let bar = min(34, pitch * 0.72)
        let noisiest = layers.compactMap(\.noise).max() ?? 0
        let largest = Double(layers.map(\.bytes).max() ?? 0)
        let every = max(1, Int((22 / pitch).rounded(.up)))
        let columns = layers.enumerated().map { place, layer -> HTML in
            let middle = left + (Double(place) + 0.5) * pitch
            let start = middle - bar / 2
            let noise = noisiest > 0 ? (layer.noise ?? 0) / noisiest * 62 : 0
            let bytes = largest > 0 ? max(0.8, Double(layer.bytes) / largest * 62) : 0
            let label: HTML =
                place % every == 0
                ? "<text x=\"\(middle)\" y=\"91\" text-anchor=\"middle\">\(layer.number)</text>" : ""
            let words = layer.noise.map { "noise \(Figures.threeDigits($0))%, " } ?? ""
            return """
                <g><title>\(layer.layer): \(words)\(Figures.kibibytes(layer.bytes)) KiB</title><rect class="noise" x="\(start)" y="\(76 - noise)" width="\(bar)" height="\(noise)"/><rect class="bytes" x="\(start)" y="98" width="\(bar)" height="\(bytes)"/>\(label)</g>
                """
        }
        let total = layers.reduce(0) { $0 + $1.bytes }
        let noise: HTML =
            noisiest > 0
            ? "<text x=\"\(left - 6)\" y=\"20\" text-anchor=\"end\">\(Figures.threeDigits(noisiest))%</text>"
            : ""
        return """
            <figure class="plot wide"><svg viewBox="0 0 720 166" role="img" aria-label="Noise and bytes by layer"><line class="grid" x1="\(left)" x2="720" y1="14" y2="14"/><line class="grid" x1="\(left)" x2="720" y1="160" y2="160"/>\(noise)<text x="\(left - 6)" y="79" text-anchor="end">0</text><text x="\(left - 6)" y="164" text-anchor="end">\(Figures.kibibytes(Int(largest)))</text>\(columns)</svg>
            <figcaption>Up: noise in % of the signal, of weights or results, whichever has more. Down: weights in KiB, \(Figures.kibibytes(total)) in total. Numbers are those of the table of layers.</figcaption></figure>
            """
    }
}
