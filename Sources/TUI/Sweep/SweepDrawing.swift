import Editing
import Graph
import Probing
import Terminal

// What a sweep has found: each layer by itself at the left, what goes together at the right.
extension ScreenState {
    func drawSweep(in rect: Rect, on canvas: inout Canvas) {
        var inside = canvas.box(rect, title: "sweep over \(sweep.setting.rawValue)")
        let state = ScreenState.wrapped(sweepWords, to: inside.columns)
        let head = inside.takeTop(1 + max(1, min(2, state.count)))
        let foot = inside.takeBottom(min(sweep.setting == .bits ? 4 : 2, max(2, inside.rows / 4)))
        drawSweepHead(state, in: head, on: &canvas)
        if let problem = sweep.problem {
            for (offset, line) in ScreenState.wrapped(problem, to: inside.columns).enumerated() {
                canvas.frame.put(line, inside.row + offset, inside.column, .error, end: inside.endColumn)
            }
            return
        }
        guard let result = sweep.result else { return }
        // Names have six columns at least, beside the numbers of their trials.
        let (most, least) = sweep.setting == .bits ? (40, 26) : (38, 30)
        let left = inside.takeLeft(min(most, max(least, inside.columns / 2)))
        drawTrials(of: result, in: left, on: &canvas)
        _ = inside.takeLeft(2)
        drawMixes(of: result, in: inside, on: &canvas)
        drawChosen(in: foot, on: &canvas)
    }

    private func drawSweepHead(_ state: [String], in rect: Rect, on canvas: inout Canvas) {
        let result = sweep.result
        var text = "SQNR in dB with one layer changed"
        if let own = result?.baseline, let result {
            let cost = Figures.kibibytes(result.cost.counted(result.request))
            text = "as it is \(own.words), \(cost) KiB; " + text
        }
        canvas.frame.put(text.clipped(to: rect.columns), rect.row, rect.column, .dim, end: rect.endColumn)
        let progress = result?.progress ?? (done: 0, of: 0)
        for (offset, line) in state.prefix(rect.rows - 1).enumerated() {
            canvas.frame.put(
                line, rect.row + 1 + offset, rect.column, sweep.isRunning ? .accent : .dim,
                end: rect.endColumn)
        }
        guard sweep.isRunning, progress.of > 0, let words = state.first else { return }
        let begin = max(18, words.displayWidth + 2)
        let start = rect.column + begin
        let room = max(0, min(40, rect.columns - begin))
        for column in 0..<room {
            let isDone = column * progress.of < progress.done * room
            canvas.frame[rect.row + 1, start + column] = Cell(
                appearance.glyphs.horizontal, isDone ? .accent.bold : .dim)
        }
    }

    /// How far the sweep is, or what it was made of.
    var sweepWords: String {
        let result = sweep.result
        let progress = result?.progress ?? (done: 0, of: 0)
        if sweep.isRunning {
            return progress.of == 0 ? "beginning" : "trial \(progress.done) of \(progress.of)" + sweepTimeLeft
        }
        guard let result, result.isComplete else {
            return sweep.problem == nil ? "stopped after \(counted(progress.done, "trial"))" : ""
        }
        return
            "\(counted(progress.done, "trial")), \(counted(result.samples, "sample")) of \(result.data), \(result.weights)"
    }

    private var sweepTimeLeft: String {
        sweep.result?.secondsLeft.map { ", about \(Figures.duration($0)) left" } ?? ""
    }

    // MARK: - One by one

    /// A row for each layer: those that lose or gain most where not all have room.
    private func drawTrials(of result: SweepResult, in rect: Rect, on canvas: inout Canvas) {
        let own = result.baseline?.sqnr
        let isBits = sweep.setting == .bits
        let values = isBits ? Set(result.trials.map(\.choice.value)).sorted() : []
        let cell = isBits ? max(5, min(7, (rect.columns - 7) / max(1, values.count))) : 6
        let names = max(6, rect.columns - (isBits ? cell * values.count : 24))
        let titles =
            isBits
            ? values.map { "\(Int(held: $0))" + (cell > 5 ? " bit" : "") } : ["now", "best", "dB", "gain"]
        for (place, title) in titles.enumerated() {
            canvas.frame.putRight(title, rect.row, end: rect.column + names + cell * (place + 1), .dim)
        }
        var rows = shownTrials(of: result, own: own, room: rect.rows - 1)
        let hidden = result.rows.count - rows.count
        if hidden > 0 {
            rows = shownTrials(of: result, own: own, room: rect.rows - 2)
            canvas.frame.put(
                "\(counted(hidden + 1, "more layer")), less sensitive", rect.endRow - 1, rect.column, .dim,
                end: rect.endColumn
            )
        }
        for (offset, trials) in rows.enumerated() {
            let row = rect.row + 1 + offset
            let name = trials.first?.choice.layer ?? ""
            canvas.frame.put(name.shortened(to: names - 1), row, rect.column, .text)
            if isBits {
                for (place, value) in values.enumerated() {
                    let trial = trials.first { $0.choice.value == value }
                    let (word, style) =
                        trial.map { sweepCell($0, own: own, isNarrow: cell < 7) } ?? (Figures.none, .dim)
                    canvas.frame.putRight(word, row, end: rect.column + names + cell * (place + 1), style)
                }
            } else {
                drawBest(of: trials, own: own, row, at: rect.column + names, on: &canvas)
            }
        }
    }

    private func drawBest(
        of trials: [SweepTrial], own: Double?, _ row: Int, at column: Int, on canvas: inout Canvas
    ) {
        let now = trials.first { $0.isPresent }.map { Figures.clip($0.choice.value) } ?? Figures.none
        let best = trials.filter { !$0.isPresent && $0.measure != nil }
            .max { ($0.measure?.sqnr ?? .infinity) < ($1.measure?.sqnr ?? .infinity) }
        var words = [now]
        var gain: Double?
        if let best, let measure = best.measure {
            words += [Figures.clip(best.choice.value), measure.sqnr.map(Figures.decibels) ?? "exact"]
            if let own, let sqnr = measure.sqnr {
                gain = sqnr - own
                words.append((sqnr > own ? "+" : "") + Figures.decibels(sqnr - own))
            }
        }
        let style: Style = (gain ?? 0) >= 1 ? .pass : (gain ?? 0) >= 0.05 ? .text : .dim
        for (place, word) in words.enumerated() {
            canvas.frame.putRight(word, row, end: column + 6 * (place + 1), place == 0 ? .dim : style)
        }
    }

    /// A number, coloured by what the network loses; in brackets what the layer has.
    private func sweepCell(_ trial: SweepTrial, own: Double?, isNarrow: Bool) -> (String, Style) {
        if trial.isForbidden { return ("-", .dim) }
        guard let measure = trial.measure else { return (Figures.none, .dim) }
        let word = measure.sqnr.map(Figures.decibels) ?? "exact"
        if trial.isPresent { return (isNarrow ? word : "[\(word)]", .dim) }
        let loss = (own ?? 0) - (measure.sqnr ?? own ?? 0)
        return (word, loss >= 6 ? .error : loss >= 1 ? .advice : .text)
    }

    private func shownTrials(of result: SweepResult, own: Double?, room: Int) -> [[SweepTrial]] {
        let rows = result.rows
        guard rows.count > room else { return rows }
        func moved(_ trials: [SweepTrial]) -> Double {
            trials.compactMap { $0.measure?.sqnr }.map { abs($0 - (own ?? $0)) }.max() ?? 0
        }
        let most = rows.indices.sorted { moved(rows[$0]) > moved(rows[$1]) }.prefix(max(0, room))
        return most.sorted().map { rows[$0] }
    }

    // MARK: - Together

    private func drawMixes(of result: SweepResult, in rect: Rect, on canvas: inout Canvas) {
        let isBits = sweep.setting == .bits
        canvas.frame.put(
            isBits ? "    KiB   share    SQNR" : "each added to those above", rect.row, rect.column + 1, .dim,
            end: rect.endColumn)
        let mixes = sweep.mixes
        guard !mixes.isEmpty else {
            let text = sweep.isRunning ? "combinations are tried next" : "nothing gains anything"
            canvas.frame.put(text, rect.row + 1, rect.column + 1, .dim, end: rect.endColumn)
            return
        }
        let room = rect.rows - 1
        let chosen = sweep.chosen ?? 0
        let top = Scrolling.top(max(0, chosen - room / 2), showing: chosen, of: mixes.count, room: room)
        let own = result.cost.counted(result.request)
        for (offset, index) in (top..<min(mixes.count, top + room)).enumerated() {
            let mix = mixes[index]
            let row = rect.row + 1 + offset
            let style: Style = index == chosen ? .strong : .text
            if index == chosen {
                canvas.frame[row, rect.column] = Cell(appearance.glyphs.selected, .accent.bold)
            }
            let sqnr = mix.measure?.words ?? ""
            if isBits {
                let cost = mix.cost.counted(result.request)
                canvas.frame.putRight(Figures.kibibytes(cost), row, end: rect.column + 8, style)
                let share = own > 0 ? Double(cost) / Double(own) : 1
                canvas.frame.putRight(
                    "\(Figures.fixed(share * 100, decimals: 0)) %", row, end: rect.column + 16, style)
                canvas.frame.putRight(sqnr, row, end: rect.column + 26, style)
            } else {
                let last = mix.choices.last.map(\.assignment) ?? ""
                canvas.frame.put(
                    last.shortened(to: rect.columns - 12), row, rect.column + 2, style, end: rect.endColumn)
                canvas.frame.putRight(sqnr, row, end: rect.endColumn, style)
            }
            if index == chosen { canvas.frame.select(row, rect.column..<rect.endColumn) }
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.clickPopup(index)
            }
        }
    }

    /// What the chosen mix changes, in words.
    private func drawChosen(in rect: Rect, on canvas: inout Canvas) {
        canvas.rule(rect.row, rect.column..<rect.endColumn)
        guard let words = chosenMixWords else { return }
        let isOld = sweep.document != editor.document
        for (offset, line) in ScreenState.wrapped(words, to: rect.columns).prefix(rect.rows - 1).enumerated()
        {
            canvas.frame.put(
                line, rect.row + 1 + offset, rect.column, isOld ? .advice : .text, end: rect.endColumn)
        }
    }

    /// What the chosen mix changes, or that it is of another network.
    var chosenMixWords: String? {
        guard let chosen = sweep.chosen else { return nil }
        return sweep.document == editor.document
            ? sweep.mixes[chosen].words
            : "the network has changed since; \(key("back")) and \(key("sweep")) sweep it again"
    }
}

extension SweepMeasure {
    /// "21.3 dB".
    var words: String { sqnr.map { Figures.decibels($0) + " dB" } ?? "exact" }
}
