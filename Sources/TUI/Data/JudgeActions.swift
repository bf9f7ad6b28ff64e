import Datasets
import Editing
import Graph
public import Probing
import QAT
import Terminal

// Asking the network about the samples of view 6.
extension ScreenState {
    /// Whether the network has weights that can answer.
    var hasAnswers: Bool { editor.origin != nil }

    /// The loss that answers are judged by: that of the run form, where it is one of the network's task.
    var judgedLoss: Loss? {
        training.settings["--loss"].flatMap { Loss(rawValue: $0) }.flatMap {
            $0.task == editor.network.task.kind ? $0 : nil
        }
    }

    /// After every change: asks about the samples on the screen, and about all others where they are wanted.
    mutating func updateAnswers(_ layout: DataLayout) {
        guard hasAnswers, data.count > 0, data.problem == nil else { return }
        let first = data.top * layout.perRow
        let positions =
            data.isEnlarged
            ? data.selected..<data.selected + 1 : first..<min(data.count, first + layout.perPage)
        let ask = JudgeAsk(
            number: data.generation, split: data.split, visible: positions.map { data.sample(at: $0) },
            isAll: data.asksAll)
        guard ask != data.askedAbout else { return }
        data.askedAbout = ask
        let visible = ask.visible.filter { data.answers[ask.split]?.samples[$0] == nil }
        let seen = Set(visible)
        let others =
            ask.isAll
            ? (0..<data.total).filter { !seen.contains($0) && data.answers[ask.split]?.samples[$0] == nil }
            : []
        effects.append(.judge(visible + others, ask))
    }

    /// The network has said something.
    public mutating func take(_ update: JudgeUpdate) {
        guard update.number == data.generation else { return }
        data.whyNoLoss = update.whyNoLoss
        switch update.answers {
        case .success(let found): data.take(found, of: update.split)
        case .failure(let failure): data.problem = failure.description
        }
        updateData()
    }

    /// The weights of the network are others.
    mutating func forgetAnswers() {
        data.forgetAnswers()
        updateData()
    }

    /// Orders pictures by what the network says, and asks about all of them.
    mutating func sortPictures(by order: DataOrder) {
        let next = data.order == order && data.answered == data.total ? DataOrder.number : order
        data.asksAll = data.asksAll || next != .number
        data.isEnlarged = false
        data.sort(by: next)
        if next != .number, data.answered < data.total {
            say("the network is asked about all samples; they are sorted once it has answered")
        }
    }

    /// Shows which class was answered by which: quantized, then in float.
    mutating func showConfusion() {
        data.asksAll = true
        data.isEnlarged = false
        guard var cell = data.cell else {
            data.cell = DataCell()
            return
        }
        cell.isFloat.toggle()
        data.cell = cell
    }

    /// The confusion matrix that is shown.
    var confusion: ConfusionMatrix? {
        guard let cell = data.cell, let answers = data.answers[data.split] else { return nil }
        return cell.isFloat ? answers.float : answers.quantized
    }

    /// Moves through the confusion matrix.
    mutating func moveCell(rows: Int, columns: Int) {
        guard var cell = data.cell, let classes = data.opened?.classNames.count else { return }
        cell.truth = min(classes, max(0, cell.truth + rows))
        cell.answer = min(classes, max(0, cell.answer + columns))
        data.cell = cell
    }

    /// Shows the pictures of the selected cell.
    mutating func openCell() {
        guard let cell = data.cell, let confusion else { return }
        guard confusion[cell.truth, cell.answer] > 0 else { return refuse("no picture is in this cell") }
        data.cell = nil
        data.filter(by: .cell(cell))
    }

    var whyNoAnswers: String? {
        if let reason = whyNoPicture { return reason }
        if let problem = data.problem { return problem }
        return hasAnswers
            ? nil
            : "the session has no weights that could answer; \(key("train")) and \(key("new-run")) train"
    }

    var whyNotSorted: String? { whyNoAnswers ?? data.whyNoLoss }

    var whyNoConfusion: String? {
        if let reason = whyNotSorted { return reason }
        switch editor.network.task.kind {
        case .classification, .detection: return nil
        case .segmentation, .regression: return "only classes and boxes are confused"
        }
    }
}
