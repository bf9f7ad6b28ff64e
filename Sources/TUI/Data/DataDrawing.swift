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
    private var dataSentence: String? {
        guard let source = data.source else {
            return "The network has no input that data could go into; 1 and a add layers."
        }
        switch data.outline {
        case nil: return "opening \(source.data.printable) ..."
        case .failure(let error): return "\(error)".printable + "  (d opens another data set, 6 tries again)"
        case .success: break
        }
        guard data.count == 0, data.cell == nil else { return nil }
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

    private func words(_ filter: DataFilter) -> String {
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
            let (row, column) = ((position - first) / layout.perRow, (position - first) % layout.perRow)
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
            let (row, column) = (rect.row + rect.rows / 2, rect.column + rect.columns / 2)
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
        let (width, height) = (Double(max(1, picture.width)), Double(max(1, picture.height)))
        return ImagePlot.Outline(
            left: Double(box.left) / width, top: Double(box.top) / height, right: Double(box.right) / width,
            bottom: Double(box.bottom) / height, colour: Pixel(ofClass: box.label))
    }

    /// The boxes that a network found.
    private func outlines(
        _ answer: NetworkAnswer, _ origin: ImagePlot.Outline.Origin, of picture: ShownPicture
    ) -> [ImagePlot.Outline] {
        guard case .boxes(let boxes) = answer.content else { return [] }
        let (width, height) = (Double(max(1, picture.width)), Double(max(1, picture.height)))
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
        row = drawAnswers(sample, from: row, in: rect, on: &canvas)
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

    /// What the network says about a sample, quantized and in float; gives the row behind it.
    private func drawAnswers(_ sample: Int, from row: Int, in rect: Rect, on canvas: inout Canvas) -> Int {
        var row = row
        func put(_ text: String, _ style: Style, from column: Int) {
            guard row < rect.endRow else { return }
            canvas.frame.put(
                text.printable.clipped(to: rect.columns - 1 - column), row, rect.column + column, style,
                end: rect.endColumn - 1)
        }
        guard hasAnswers else { return row }
        row += 1
        if let problem = data.problem {
            for line in ScreenState.wrapped(problem.printable, to: rect.columns - 2) {
                put(line, .error, from: 0)
                row += 1
            }
            return row
        }
        guard let answer = data.answer(sample), let outline = data.opened else {
            put(data.epoch == nil ? "the network is asked ..." : "", .dim, from: 0)
            return row + 1
        }
        let words = AnswerWords(outline.dataset)
        for (origin, said) in [
            (ImagePlot.Outline.Origin.quantized, answer.quantized), (.float, answer.float),
        ] {
            let isWrong = words.isRight(said, answer.truth) == false
            let loss = said.loss.map { "loss " + Figures.significant($0) } ?? ""
            for (index, line) in words.long(said).prefix(3).enumerated() {
                if index == 1, case .boxes = said.content {
                    put(legend(origin, canvas.glyphs), .dim, from: 0)
                }
                if index == 0 {
                    put(origin.name, .dim, from: 0)
                    canvas.frame.putRight(loss, row, end: rect.endColumn - 1, from: rect.column + 26, .dim)
                }
                put(line, index == 0 && isWrong ? .error : .text, from: 10)
                row += 1
            }
        }
        if answer.isChanged {
            put("quantizing changed the answer", .advice, from: 0)
            row += 1
        }
        return row
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
        guard let outline = data.opened, outline.isLabelled else { return nil }
        return AnswerWords(outline.dataset).truth(answer)
    }

    /// What stands below a small picture, and whether it is a wrong answer of the quantized network.
    private func caption(
        _ entry: KeptPictures.Entry?, _ sample: Int, _ glyphs: Glyphs
    ) -> (text: String, isWrong: Bool) {
        guard case .success(let picture)? = entry else { return ("\(sample)", false) }
        let name = answerWords(picture.answer) ?? picture.name ?? "\(sample)"
        guard let answer = data.answer(sample), let outline = data.opened else { return (name, false) }
        let words = AnswerWords(outline.dataset)
        guard words.isRight(answer.quantized, answer.truth) == false else { return (name, false) }
        return ("\(glyphs.mustFix) \(words.short(answer.quantized)), is \(name)", true)
    }

    /// The selected sample in words.
    var sampleText: [String] {
        guard let sample = data.sample else { return ["no sample"] }
        let layout = dataLayout
        let entry =
            data.pictures[data.isEnlarged ? largeKey(sample, layout) : smallKey(sample, layout)]
        guard case .success(let picture)? = entry else { return ["sample \(sample)"] }
        return [
            "sample \(sample)", answerWords(picture.answer) ?? "", answerText(sample), picture.name ?? "",
            fitNote(picture),
        ].filter { !$0.isEmpty }
    }

    /// What the network says about a sample, on one line; empty where that is not known.
    private func answerText(_ sample: Int) -> String {
        guard let answer = data.answer(sample), let outline = data.opened else { return "" }
        let words = AnswerWords(outline.dataset)
        let loss = answer.quantized.loss.map { ", loss " + Figures.significant($0) } ?? ""
        return "quantized \(words.short(answer.quantized))\(loss), float \(words.short(answer.float))"
    }
}
