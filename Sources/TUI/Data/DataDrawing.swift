import Datasets
import Editing
import Graph
import Probing
import QAT
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
        if let cell = data.cell {
            drawConfusion(cell, in: layout.area, on: &canvas)
            canvas.frame.put(
                confusionWords(cell).printable.clipped(to: layout.foot.columns - 2), layout.foot.row,
                layout.foot.column + 1, .text, end: layout.foot.endColumn)
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
    var dataSentence: String? {
        guard let source = data.source else {
            return
                "The network has no input that data could go into; \(key("network")) and \(key("add")) add layers."
        }
        switch data.outline {
        case nil: return "opening \(source.data.printable) ..."
        case .failure(let error):
            return "\(error)".printable
                + "  (\(key("data-set")) opens another data set, \(key("data")) tries again)"
        case .success: break
        }
        guard data.count == 0, data.cell == nil else { return nil }
        if let label = data.label {
            return data.needsLabels
                ? "looking for '\(data.className(label).printable)' ..."
                : "No \(data.split.rawValue) sample has '\(data.className(label).printable)'; \(key("back")) shows all."
        }
        return "The data set has no \(data.split.rawValue) samples; \(key("split")) shows another split."
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
        if let filter = data.filter {
            put("\(Figures.grouped(data.count)) \(words(filter).printable)", .accent)
            if data.needsLabels { put("of \(Figures.grouped(data.labelled)) looked up", .dim) }
        } else {
            put("\(Figures.grouped(data.total)) \(data.total == 1 ? "sample" : "samples")", .text)
            if outline.isLabelled {
                put(counted(outline.classNames.count, "class", plural: "classes"), .text)
            }
        }
        if data.order != .number { put(data.order.title, .accent) }
        if data.asksAll, data.answered < data.total, data.problem == nil {
            put("\(Figures.grouped(data.answered)) answered", .dim)
        }
        if let cell = data.cell { put("confusion, \(cell.isFloat ? "float" : "quantized")", .accent) }
        if let epoch = data.epoch { put("augmented, epoch \(epoch + 1)", .advice) }
    }

    func words(_ filter: DataFilter) -> String {
        switch filter {
        case .label(let label): data.className(label)
        case .cell(let cell):
            "\(name(ofRow: cell.truth)) as \(name(ofRow: cell.answer)), \(cell.isFloat ? "float" : "quantized")"
        }
    }

    /// A class of the confusion matrix; the last one is none of the data.
    func name(ofRow label: Int) -> String {
        label < data.opened?.classNames.count ?? 0 ? data.className(Int32(label)) : "nothing"
    }

    private func drawSheet(_ layout: DataLayout, on canvas: inout Canvas) {
        let first = data.top * layout.perRow
        for position in first..<min(data.count, first + layout.perPage) {
            let row = (position - first) / layout.perRow
            let column = (position - first) % layout.perRow
            let place = layout.picture(row: row, column: column)
            let isSelected = position == data.selected
            let entry = data.pictures[smallKey(data.sample(at: position), layout)]
            drawPicture(entry, nil, in: place, isLarge: false, on: &canvas)
            if isSelected {
                let mark = popups.isEmpty ? canvas.glyphs.selected : canvas.glyphs.selectedAway
                for row in place.row...place.endRow {
                    canvas.frame[row, place.column - 1] = Cell(mark, .accent.bold)
                }
                canvas.frame.cursor = Position(row: place.endRow, column: place.column)
            }
            let (name, isWrong) = caption(entry, data.sample(at: position), canvas.glyphs)
            let style: Style = isWrong ? .error : .text
            canvas.frame.put(
                name.printable.shortened(to: layout.tile.columns - 2), place.endRow, place.column,
                isSelected ? style.bold : style, end: layout.area.endColumn)
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
        _ entry: KeptPictures.Entry?, _ answer: JudgedSample?, in rect: Rect, isLarge: Bool,
        on canvas: inout Canvas
    ) {
        switch entry {
        case nil:
            let row = rect.row + rect.rows / 2
            let column = rect.column + rect.columns / 2
            canvas.frame.put("...", row, column - 1, .dim, end: rect.endColumn)
        case .failure(let error):
            let words = ScreenState.wrapped("\(canvas.glyphs.mustFix) \(error)".printable, to: rect.columns)
            for (offset, line) in words.prefix(rect.rows).enumerated() {
                canvas.frame.put(line, rect.row + offset, rect.column, .error, end: rect.endColumn)
            }
        case .success(let picture):
            var plot = ImagePlot(image: picture.image)
            plot.outlines = picture.answer.boxes.map { outline($0, of: picture) }
            if isLarge {
                for (index, box) in picture.answer.boxes.enumerated() {
                    plot.outlines[index].label = data.className(box.label)
                }
            } else {
                // Lines would hide a small picture.
                plot.outlines = plot.outlines.map(\.middle)
            }
            if let answer {
                plot.outlines += outlines(answer.float, .float, of: picture)
                plot.outlines += outlines(answer.quantized, .quantized, of: picture)
            }
            plot.draw(in: rect, on: &canvas)
        }
    }

    /// A box of the labels.
    private func outline(_ box: ObjectBox, of picture: ShownPicture) -> ImagePlot.Outline {
        let width = Double(max(1, picture.width))
        let height = Double(max(1, picture.height))
        return ImagePlot.Outline(
            left: Double(box.left) / width, top: Double(box.top) / height, right: Double(box.right) / width,
            bottom: Double(box.bottom) / height, colour: Pixel(ofClass: box.label))
    }

    /// The boxes that a network found.
    private func outlines(
        _ answer: NetworkAnswer, _ origin: ImagePlot.Outline.Origin, of picture: ShownPicture
    ) -> [ImagePlot.Outline] {
        guard case .boxes(let boxes) = answer.content else { return [] }
        let width = Double(max(1, picture.width))
        let height = Double(max(1, picture.height))
        return boxes.map { box in
            ImagePlot.Outline(
                left: Double(box.left) / width, top: Double(box.top) / height,
                right: Double(box.right) / width, bottom: Double(box.bottom) / height, origin: origin,
                colour: Pixel(ofClass: box.label))
        }
    }

    private func drawLarge(_ sample: Int, _ layout: DataLayout, on canvas: inout Canvas) {
        let entry = data.pictures[largeKey(sample, layout)]
        drawPicture(entry, data.answer(sample), in: layout.large, isLarge: true, on: &canvas)
        drawDetails(sample, entry, in: layout.details, on: &canvas)
        canvas.frame.cursor = Position(row: layout.details.row, column: layout.details.column)
    }
}
