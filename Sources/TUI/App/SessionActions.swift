import Devices
public import Editing
import Graph
import Interchange
import QAT
import Runs
import Sessions
import Terminal

// Saving, opening and leaving.
extension ScreenState {
    mutating func save(then next: AfterSave) {
        if let reason = whyNotEditable {
            return refuse("\(reason); :save-as keeps it under another name")
        }
        guard let path = editor.path else { return askForName(then: next) }
        effects.append(.save(path: path, asNew: false, overwriting: false, then: next))
    }

    mutating func saveAs(_ name: String, then next: AfterSave) {
        effects.append(.save(path: name, asNew: true, overwriting: false, then: next))
    }

    mutating func askForName(then next: AfterSave) {
        let title =
            switch next {
            case .stay: "save as"
            case .quit: "save as, then quit"
            case .launch: "save as, then start the run"
            case .testRates: "save as, then try learning rates"
            }
        popups.append(
            Prompt(
                title, help: "the folder of the session; .magik is added where it is missing",
                text: editor.path == nil && editor.name == "untitled" ? "" : editor.name, paths: .written,
                check: Prompt.refusingBlank("a session needs a name")
            ) { screen, name in screen.saveAs(name, then: next) })
    }

    mutating func quit() {
        guard editor.history.isChanged else {
            return effects.append(.leave)
        }
        let count = editor.history.changesSinceSaved
        var lines = ["\(editor.name) has \(count) unsaved \(count == 1 ? "change" : "changes")."]
        if let run = training.liveRun {
            lines.append("Run \(run.shortName) continues training without this window.")
        }
        popups.append(
            Question(
                "quit", lines,
                [
                    .init("s", "save and quit") { $0.save(then: .quit) },
                    .init("d", "discard") { $0.effects.append(.leave) },
                ]))
    }

    mutating func open(_ choice: StartChoice) {
        guard editor.history.isChanged else { return effects.append(.open(choice)) }
        refuse(
            "\(editor.name) has unsaved changes: save them (\(key("w"))) or undo them (\(key("undo"))) before another is opened"
        )
    }

    /// The first screen: samples, an empty network, sessions of before.
    public mutating func openStart() {
        var entries = recent.map { path in
            Picker.Entry(
                title: ScreenState.lastName(path), detail: path, completion: path
            ) { $0.open(.session(path)) }
        }
        if !entries.isEmpty { entries[0].group = "RECENT SESSIONS" }
        for (index, path) in sessionsHere.enumerated() {
            entries.append(
                Picker.Entry(
                    title: ScreenState.lastName(path), detail: path, group: index == 0 ? "SESSIONS HERE" : "",
                    completion: path
                ) { $0.open(.session(path)) })
        }
        entries.append(
            Picker.Entry(
                title: "empty network", detail: "one input of 3x32x32, no layers: build your own",
                group: "NEW"
            ) { $0.open(.empty) })
        var group = "SAMPLES"
        for sample in SampleLine.all {
            entries.append(
                Picker.Entry(
                    title: sample.name, detail: sample.summary, note: sample.device, group: group
                ) { $0.open(.sample(sample.name)) })
            group = ""
        }
        var picker = Picker(
            "open: pick one, or type the path of a session"
                + ", \(ImportedModel.ending), \(MagikImport.ending)", entries)
        picker.pickText = { picker in
            guard picker.current == nil, !picker.field.text.isEmpty else { return nil }
            return { $0.open(path: picker.field.string) }
        }
        picker.hasPaths = true
        popups.append(picker)
    }

    private static func lastName(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.hasSuffix(Session.suffix) ? String(name.dropLast(Session.suffix.count)) : name
    }
}

// What becomes of what was to be done outside.
extension ScreenState {
    /// The editor as it is to be saved: with where one was on the screen.
    public var benchToSave: EditorState {
        var editor = editor
        editor.screen = memory
        return editor
    }

    /// The document was saved; the editor says where.
    public mutating func saved(_ editor: EditorState) {
        self.editor = editor
        unsavedSince = nil
        say("saved \(editor.path ?? editor.name)")
    }

    /// Something that was to be done outside failed.
    public mutating func failed(_ text: String) { refuse(text) }

    /// Something is in the way of a save.
    public mutating func askToOverwrite(
        _ path: String?, asNew: Bool, then next: AfterSave, because reason: String
    ) {
        popups.append(
            Question(
                "save", [reason],
                [
                    .init("o", "overwrite it") { screen in
                        screen.effects.append(
                            .save(path: path, asNew: asNew, overwriting: true, then: next))
                    },
                    ScreenState.otherName(then: next),
                ]))
    }

    /// The session cannot be saved where it was: its folder is gone, or is no session any more.
    public mutating func askForOtherName(then next: AfterSave, because reason: String) {
        popups.append(Question("save", [reason], [ScreenState.otherName(then: next)]))
    }

    private static func otherName(then next: AfterSave) -> Question.Answer {
        .init("n", "save under another name") { $0.askForName(then: next) }
    }

    /// Another document was opened in place of this one.
    public mutating func replace(with editor: EditorState) {
        var fresh = ScreenState(editor, appearance: appearance, size: size, settings: settingsFile)
        fresh.recent = recent
        fresh.sessionsHere = sessionsHere
        fresh.now = now
        fresh.effects = effects
        fresh.register = register
        fresh.abandoned = abandoned
        fresh.busyFile = busyFile
        fresh.shownTitle = shownTitle
        fresh.recentCommands = recentCommands
        self = fresh
        updateTitle()
        say("opened \(editor.name)")
        updateDerivedState()
    }

    /// Unsaved changes of an earlier program were found.
    public mutating func offerRecovery(of name: String, _ document: Document) {
        found = document
        popups.append(
            Question(
                "unsaved changes", ["\(name) has unsaved changes of an earlier session."],
                [
                    .init("r", "recover them") { $0.recover(true) },
                    .init("d", "discard them") { $0.recover(false) },
                ]))
    }

    private mutating func recover(_ isWanted: Bool) {
        defer { found = nil }
        effects.append(.resolveRecovery)
        guard isWanted, let found else { return say("the changes of the earlier session are gone") }
        guard editor.replace(with: found, title: "recovered changes", at: now) else { return }
        changed()
        say("recovered the changes of the earlier session", undoable: true)
    }
}

// The screen as a whole.
extension ScreenState {
    mutating func setMouse(_ isOn: Bool) {
        appearance.hasMouse = isOn
        effects.append(.mouse(isOn))
        say(isOn ? "the mouse is ours; Shift-drag selects text" : "the mouse is the terminal's")
    }
}
