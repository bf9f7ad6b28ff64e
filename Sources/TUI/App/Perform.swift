import QAT
import Terminal
import Devices
import Graph
import Workbench

// Every action, and where it is done.
extension Interface {
    mutating func perform(_ action: Action) {
        switch action {
        case .view(let name): show(name)
        case .pane(let count): changePane(count)
        case .move, .page, .first, .last, .scroll, .selectRow, .select: navigate(action)
        case .open: openRow()
        case .back: goBack()
        case .quit: quit()
        case .complete: complete()
        case .answer(let key): answer(key)

        case .mark, .markShown, .filter, .match, .fold, .sort: arrange(action)
        case .add, .addEntry, .delete, .duplicate, .moveLayer, .rewire, .rewireInput, .connect, .rename,
            .annotate:
            changeLayers(action)
        case .step, .stepField, .editField, .bits, .quantize, .quantizeAll, .allBits, .reset, .set, .device:
            changeValues(action)
        case .fix, .fixAll, .ruleText, .waive, .onlyWrong, .remedy: judge(action)
        case .newRun, .startRun, .pauseRun, .stopRun, .resumeRun, .attach, .logScale, .smooth, .zoom,
            .inspect, .freeze:
            switch view {
            case .ranges: lookAtRanges(action)
            case .compare: compareRuns(action)
            default: train(action)
            }
        case .choose, .curve, .equalRows, .againstSteps, .noteRun, .deleteRun, .takeNetwork:
            compareRuns(action)
        case .subject, .enlarge, .samples: lookAtRanges(action)
        case .sweep, .stopSweep: sweep(action)
        case .calibrate, .stopCalibration: calibrate(action)
        case .save, .saveAs, .overwrite, .openSession, .start, .recover, .saveAndQuit, .discardAndQuit:
            keep(action)
        case .export, .readProgram, .approximate: exchange(action)
        case .undo: undo()
        case .redo: redo()
        case .help: openHelp()
        case .palette: openPalette()
        case .copy: copy()
        case .redraw: effects.append(.redraw)
        case .suspend: effects.append(.suspend)
        case .mouse(let isOn):
            look.hasMouse = isOn
            effects.append(.mouse(isOn))
            say(isOn ? "the mouse is ours; Shift-drag selects text" : "the mouse is the terminal's")
        case .plots(let kind): choosePlots(kind)
        }
    }

    private mutating func show(_ name: ViewName) {
        view = name
        if name == .train { training.layer = training.layer ?? selectedNode?.name }
    }

    private mutating func changePane(_ count: Int) {
        if case .form(let form) = overlays.last {
            if count > 0 { return perform(form.purpose == .run ? .startRun : .calibrate) }
            return
        }
        if case .sweep = overlays.last { return sweepOther(count) }
        let panes = Interface.scopes(of: view).count
        self.panes[view] = ((self.panes[view] ?? 0) + count + panes) % panes
    }

    private mutating func goBack() {
        if !overlays.isEmpty {
            overlays.removeLast()
        } else if view == .train, training.isInspecting {
            training.isInspecting = false
        } else if view == .network, pane == .inspector {
            panes[.network] = 0
        } else if view == .compare, !compare.filter.isEmpty {
            compare.filter = ""
        } else {
            // Marks that a filter would bring out of sight go with it.
            (list.filter, list.marked) = ("", [])
        }
    }

    private mutating func answer(_ key: Character) {
        guard case .question(let question) = overlays.last,
            let answer = question.answers.first(where: { $0.key == key })
        else { return }
        overlays.removeLast()
        perform(answer.action)
    }

    private mutating func undo() {
        guard let step = bench.undo() else { return }
        changed()
        say("taken back: \(step.title)   Ctrl-R makes it again")
        focus(on: step.focus)
    }

    private mutating func redo() {
        guard let step = bench.redo() else { return }
        changed()
        say("made again: \(step.title)", undoable: true)
        focus(on: step.focus)
    }

    /// Leads to where a change was made.
    mutating func focus(on focus: History.Focus) {
        guard let layer = focus.layer, bench.network.place(of: layer) != nil else { return }
        select(layer)
        if let field = focus.field { inspector.field = field }
    }

    /// The document has changed: a recovery copy is due after a while.
    mutating func changed() {
        unsavedSince = bench.history.isChanged ? now : nil
        list.marked = list.marked.filter { bench.network.index(of: $0) != nil }
    }

    /// Makes a change, and says what it did or why it cannot be.
    @discardableResult
    mutating func edit(_ edit: Edit, title: String? = nil) -> Bool {
        guard whyNotEditable == nil else {
            refuse(whyNotEditable ?? "")
            return false
        }
        do {
            guard try bench.edit(edit, title: title, at: now) else { return false }
        } catch {
            refuse("\(error)")
            return false
        }
        changed()
        sayStep()
        return true
    }

    /// Says what the last step did, and what it does to weights beyond carrying them along.
    mutating func sayStep() {
        let notes = bench.newCarryNotes
        let lost = notes.count > 2 ? ["\(notes.count) layers lose weights"] : notes.map(\.description)
        say(([bench.history.nextUndo?.title ?? ""] + lost).joined(separator: "; "), undoable: true)
    }

    private mutating func choosePlots(_ name: String) {
        guard let kind = Glyphs.Kind(rawValue: name) else { return }
        look.glyphs = Glyphs(kind)
    }

    /// After every change: what is selected is there.
    mutating func keepSelection() {
        let rows = rows
        if let selection = selection(in: rows) {
            list.selected = selection.row.name
            list.lastIndex = selection.index
        } else {
            list.selected = nil
        }
        keepRules()
    }
}
