import Datasets
import Editing
import Graph
import Probing
import QAT
import Terminal

// View 6: what is known of one sample, and what the network says about it.
extension ScreenState {
    func drawDetails(
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
    func caption(
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
