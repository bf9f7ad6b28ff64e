import Datasets
import Editing
import Graph
import Probing
import Terminal

// View 6: many small pictures of the data set, or one large beside what is said of it.
extension ScreenState {
    func drawData(in rect: Rect, on canvas: inout Canvas) {
        let layout = dataLayout
        drawDataHead(in: layout.head, on: &canvas)
        if let words = dataSentence {
            for (offset, line) in ScreenState.wrapped(words, to: rect.columns - 6).enumerated() {
                canvas.frame.put(
                    line, layout.area.row + 1 + offset, rect.column + 3, .text, end: rect.endColumn)
            }
            return
        }
        guard let sample = data.sample else { return }
        if data.isEnlarged {
            drawLarge(sample, layout, on: &canvas)
        } else {
            drawSheet(layout, on: &canvas)
        }
        let line = sampleText.joined(separator: "   ").printable
        canvas.frame.put(
            line.clipped(to: layout.foot.columns - 2), layout.foot.row, layout.foot.column + 1, .text,
            end: layout.foot.endColumn)
    }

    /// Why no picture is shown; nil where there are some.
    private var dataSentence: String? {
        guard let source = data.source else {
            return "The network has no input that data could go into; 1 and a add layers."
        }
        switch data.outline {
        case nil: return "opening \(source.data.printable) ..."
        case .failure(let error): return "\(error)".printable + "  (d opens another data set, 6 tries again)"
        case .success: break
        }
        guard data.count == 0 else { return nil }
        if let label = data.label {
            return data.needsLabels
                ? "looking for '\(data.className(label).printable)' ..."
                : "No \(data.split.rawValue) sample has '\(data.className(label).printable)'; Esc shows all."
        }
        return "The data set has no \(data.split.rawValue) samples; s shows another split."
    }

    private func drawDataHead(in rect: Rect, on canvas: inout Canvas) {
        var column = rect.column + 1
        func put(_ text: String, _ style: Style) {
            column = canvas.frame.put(text, rect.row, column, style, end: rect.endColumn - 1) + 2
        }
        guard let source = data.source else { return }
        let isWide = rect.columns >= 100
        put(source.data.printable.shortened(to: isWide ? 48 : 28), .strong)
        put(data.split.rawValue, .accent)
        guard let outline = data.opened else { return }
        if let label = data.label {
            put("\(Figures.grouped(data.count)) \(data.className(label).printable)", .accent)
            if data.needsLabels { put("of \(Figures.grouped(data.labelled)) looked up", .dim) }
        } else {
            put("\(Figures.grouped(data.total)) \(data.total == 1 ? "sample" : "samples")", .text)
            if outline.isLabelled {
                put(counted(outline.classNames.count, "class", plural: "classes"), .text)
            }
        }
        if let epoch = data.epoch { put("augmented, epoch \(epoch + 1)", .advice) }
    }

    private func drawSheet(_ layout: DataLayout, on canvas: inout Canvas) {
        let first = data.top * layout.perRow
        for position in first..<min(data.count, first + layout.perPage) {
            let (row, column) = ((position - first) / layout.perRow, (position - first) % layout.perRow)
            let place = layout.picture(row: row, column: column)
            let isSelected = position == data.selected
            let entry = data.pictures[smallKey(data.sample(at: position), layout)]
            drawPicture(entry, in: place, isLarge: false, on: &canvas)
            if isSelected {
                let mark = popups.isEmpty ? canvas.glyphs.selected : canvas.glyphs.selectedAway
                for row in place.row...place.endRow {
                    canvas.frame[row, place.column - 1] = Cell(mark, .accent.bold)
                }
                canvas.frame.cursor = Position(row: place.endRow, column: place.column)
            }
            let name = caption(entry, data.sample(at: position))
            canvas.frame.put(
                name.printable.shortened(to: layout.tile.columns - 2), place.endRow, place.column,
                isSelected ? .strong : .text, end: layout.area.endColumn)
            canvas.target(
                Rect(
                    row: place.row, column: place.column - 1, rows: place.rows + 1,
                    columns: layout.tile.columns)
            ) { $0.clickPicture(position) }
        }
        drawScrollBar(
            in: layout.area, top: data.top * layout.tile.rows,
            count: (data.count + layout.perRow - 1) / layout.perRow * layout.tile.rows, on: &canvas)
    }

    /// Draws a picture with its boxes; a frame with dots while it is not there.
    private func drawPicture(
        _ entry: KeptPictures.Entry?, in rect: Rect, isLarge: Bool, on canvas: inout Canvas
    ) {
        switch entry {
        case nil:
            let (row, column) = (rect.row + rect.rows / 2, rect.column + rect.columns / 2)
            canvas.frame.put("...", row, column - 1, .dim, end: rect.endColumn)
        case .failure(let error):
            let words = ScreenState.wrapped("\(canvas.glyphs.mustFix) \(error)".printable, to: rect.columns)
            for (offset, line) in words.prefix(rect.rows).enumerated() {
                canvas.frame.put(line, rect.row + offset, rect.column, .error, end: rect.endColumn)
            }
        case .success(let picture):
            var plot = ImagePlot(image: picture.image)
            plot.outlines = picture.answer.boxes.map { outline($0, of: picture, isLarge: isLarge) }
            plot.draw(in: rect, on: &canvas)
        }
    }

    /// A box of the labels, with its name where there is room for names.
    private func outline(_ box: ObjectBox, of picture: ShownPicture, isLarge: Bool) -> ImagePlot.Outline {
        let (width, height) = (Double(max(1, picture.width)), Double(max(1, picture.height)))
        return ImagePlot.Outline(
            left: Double(box.left) / width, top: Double(box.top) / height, right: Double(box.right) / width,
            bottom: Double(box.bottom) / height, colour: Pixel(ofClass: box.label),
            label: isLarge ? data.className(box.label) : "")
    }

    private func drawLarge(_ sample: Int, _ layout: DataLayout, on canvas: inout Canvas) {
        let entry = data.pictures[largeKey(sample, layout)]
        drawPicture(entry, in: layout.large, isLarge: true, on: &canvas)
        drawDetails(sample, entry, in: layout.details, on: &canvas)
        canvas.frame.cursor = Position(row: layout.details.row, column: layout.details.column)
    }

    private func drawDetails(
        _ sample: Int, _ entry: KeptPictures.Entry?, in rect: Rect, on canvas: inout Canvas
    ) {
        var row = rect.row
        func put(_ text: String, _ style: Style = .text, from column: Int = 0) {
            canvas.frame.put(
                text.printable.clipped(to: rect.columns - 1 - column), row, rect.column + column, style,
                end: rect.endColumn - 1)
        }
        put("sample \(sample)", .strong)
        canvas.frame.putRight(
            "\(Figures.grouped(data.selected + 1)) of \(Figures.grouped(data.count))", row,
            end: rect.endColumn - 1, from: rect.column + 14, .dim)
        row += 2
        guard case .success(let picture)? = entry else { return }
        for (title, text) in facts(of: picture) {
            for (offset, line) in ScreenState.wrapped(text.printable, to: rect.columns - 9).enumerated()
            where row < rect.endRow {
                if offset == 0 { put(title, .dim) }
                put(line, from: 8)
                row += 1
            }
        }
        let boxes = picture.answer.boxes
        guard !boxes.isEmpty, row + 2 < rect.endRow else { return }
        row += 1
        put(
            "\(counted(boxes.count, "box", plural: "boxes")) of the labels \(legend(.truth, canvas.glyphs))",
            .dim)
        row += 1
        for (index, box) in boxes.enumerated() where row < rect.endRow {
            if row == rect.endRow - 1, index < boxes.count - 1 {
                put("and \(boxes.count - index) more", .dim, from: 2)
                row += 1
                return
            }
            if canvas.glyphs.kind != .ascii {
                let colour = Pixel(ofClass: box.label)
                canvas.frame[row, rect.column] = Cell(canvas.glyphs.marked, PixelPair(colour, colour))
            }
            let size = "\(Int(held: box.width.rounded()))x\(Int(held: box.height.rounded()))"
            put(data.className(box.label) + (box.isIgnored ? ", not counted" : ""), from: 2)
            canvas.frame.putRight(
                "\(size) at \(Int(held: box.left.rounded())),\(Int(held: box.top.rounded()))", row,
                end: rect.endColumn - 1, from: rect.column + 14, .dim)
            row += 1
        }
    }

    private func legend(_ origin: ImagePlot.Outline.Origin, _ glyphs: Glyphs) -> String {
        String(repeating: Character(glyphs.lines(of: origin).across), count: 3)
    }

    /// What is known of a picture, each with its title.
    private func facts(of picture: ShownPicture) -> [(String, String)] {
        var facts: [(String, String)] = []
        if let words = answerWords(picture.answer) { facts.append(("label", words)) }
        if let name = picture.name { facts.append(("file", name)) }
        facts.append(("input", data.source.map { "\($0.shape)" } ?? ""))
        let fit = fitNote(picture)
        if !fit.isEmpty { facts.append(("fit", fit)) }
        if let epoch = data.epoch { facts.append(("epoch", "\(epoch + 1), augmented")) }
        return facts
    }

    /// How a sample was fitted to the network: what is said of it, or else of all samples.
    private func fitNote(_ picture: ShownPicture) -> String {
        picture.note.isEmpty ? (data.opened?.notes ?? []).joined(separator: ", ") : picture.note
    }

    /// What is right about a sample; nil where the data set does not say.
    private func answerWords(_ answer: SampleAnswer) -> String? {
        guard data.opened?.isLabelled == true else { return nil }
        switch data.source?.task.kind {
        case .detection:
            guard !answer.boxes.isEmpty else { return "no object" }
            let counts = Dictionary(grouping: answer.boxes, by: \.label).mapValues(\.count)
            return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { "\($0.value) \(data.className($0.key))" }.joined(separator: ", ")
        case .segmentation:
            let classes = Set(answer.mask).filter { $0 != 255 }.sorted()
            return classes.map { data.className(Int32($0)) }.joined(separator: ", ")
        case .regression: return answer.numbers.map { Figures.significant(Double($0)) }.joined(separator: " ")
        case .classification, nil: return data.className(answer.label)
        }
    }

    /// What stands below a small picture.
    private func caption(_ entry: KeptPictures.Entry?, _ sample: Int) -> String {
        guard case .success(let picture)? = entry else { return "\(sample)" }
        return answerWords(picture.answer) ?? picture.name ?? "\(sample)"
    }

    /// The selected sample in words.
    var sampleText: [String] {
        guard let sample = data.sample else { return ["no sample"] }
        let layout = dataLayout
        let entry =
            data.pictures[data.isEnlarged ? largeKey(sample, layout) : smallKey(sample, layout)]
        guard case .success(let picture)? = entry else { return ["sample \(sample)"] }
        return ["sample \(sample)", answerWords(picture.answer) ?? "", picture.name ?? "", fitNote(picture)]
            .filter { !$0.isEmpty }
    }
}
