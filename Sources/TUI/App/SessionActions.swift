import QAT
import Devices
import Graph
import Terminal
public import Workbench

// Saving, opening and leaving.
extension Interface {
    mutating func keep(_ action: Action) {
        switch action {
        case .save: save(thenQuits: false)
        case .saveAs(let name):
            if let name { saveAs(name, thenQuits: false) } else { askForName(thenQuits: false) }
        case .overwrite(let path, let asNew):
            effects.append(.save(path: path, asNew: asNew, overwriting: true, thenQuits: false))
        case .openSession(let name):
            if let name { open(path: name) } else { openStart() }
        case .start(let choice): open(choice)
        case .recover(let isWanted):
            recover(isWanted)
        case .saveAndQuit: save(thenQuits: true)
        case .discardAndQuit:
            effects.append(.leave)
        default: break
        }
    }

    private mutating func save(thenQuits: Bool) {
        if let reason = whyNotEditable {
            return refuse("\(reason); :save-as keeps it under another name")
        }
        guard let path = bench.path else { return askForName(thenQuits: thenQuits) }
        effects.append(.save(path: path, asNew: false, overwriting: false, thenQuits: thenQuits))
    }

    mutating func saveAs(_ name: String, thenQuits: Bool) {
        effects.append(.save(path: name, asNew: true, overwriting: false, thenQuits: thenQuits))
    }

    private mutating func askForName(thenQuits: Bool) {
        overlays.append(
            .prompt(
                Prompt(
                    purpose: .saveAs(thenQuits: thenQuits), title: "save as",
                    help: "the folder of the session; .magik is added where it is missing",
                    field: TextField(bench.path == nil && bench.name == "untitled" ? "" : bench.name))))
    }

    mutating func quit() {
        guard bench.history.isChanged else {
            return effects.append(.leave)
        }
        let count = bench.history.changesSinceSaved
        var lines = ["\(bench.name) has \(count) unsaved \(count == 1 ? "change" : "changes")."]
        if let run = training.liveRun {
            lines.append("Run \(run.shortName) goes on training without this window.")
        }
        overlays.append(
            .question(
                Question(
                    title: "quit", lines: lines,
                    answers: [
                        .init(key: "s", title: "save and quit", action: .saveAndQuit),
                        .init(key: "d", title: "discard", action: .discardAndQuit),
                    ])))
    }

    mutating func open(_ choice: StartChoice) {
        guard bench.history.isChanged else { return effects.append(.open(choice)) }
        refuse(
            "\(bench.name) has unsaved changes: save them (Ctrl-S) or undo them (u) before another is opened")
    }

    /// The first screen: samples, an empty network, sessions of before.
    public mutating func openStart() {
        var entries = recent.map { path in
            Picker.Entry(
                title: Interface.lastName(path), detail: path, action: .start(.session(path)),
                completion: path)
        }
        if !entries.isEmpty { entries[0].group = "RECENT SESSIONS" }
        entries.append(
            Picker.Entry(
                title: "empty network", detail: "one input of 3x32x32, no layers: build your own",
                group: "NEW",
                action: .start(.empty)))
        var group = "SAMPLES"
        for sample in SampleLine.all {
            entries.append(
                Picker.Entry(
                    title: sample.name, detail: sample.summary, note: sample.device, group: group,
                    action: .start(.sample(sample.name))))
            group = ""
        }
        overlays.append(
            .picker(
                Picker(
                    .open,
                    "open: pick one, or type the path of a session"
                        + formats.models.map { ", \($0)" }.joined()
                        + formats.programs.map { ", \($0)" }.joined(), entries)))
    }

    private static func lastName(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.hasSuffix(Session.suffix) ? String(name.dropLast(Session.suffix.count)) : name
    }
}

// What becomes of what was to be done outside.
extension Interface {
    /// The bench as it is to be saved: with where one was on the screen.
    public var benchToSave: Bench {
        var bench = bench
        bench.screen = memory
        return bench
    }

    /// The document was saved; the bench says where.
    public mutating func saved(_ bench: Bench) {
        self.bench = bench
        unsavedSince = nil
        say("saved \(bench.path ?? bench.name)")
    }

    /// Something that was to be done outside failed.
    public mutating func failed(_ text: String) { refuse(text) }

    /// Something is in the way of a save.
    public mutating func askToOverwrite(_ path: String?, asNew: Bool, because reason: String) {
        overlays.append(
            .question(
                Question(
                    title: "save", lines: [reason],
                    answers: [.init(key: "o", title: "overwrite it", action: .overwrite(path, asNew: asNew))])
            ))
    }

    /// Another document was opened in the place of this one.
    public mutating func replace(with bench: Bench) {
        var fresh = Interface(bench, look: look, size: size)
        (fresh.recent, fresh.now, fresh.effects) = (recent, now, effects)
        (fresh.register, fresh.abandoned) = (register, abandoned)
        fresh.formats = formats
        self = fresh
        say("opened \(bench.name)")
        settle()
    }

    /// Changes of an earlier program were found that nobody saved.
    public mutating func offerRecovery(of name: String, _ document: Document) {
        found = document
        overlays.append(
            .question(
                Question(
                    title: "unsaved changes",
                    lines: ["\(name) has changes of an earlier session that nobody saved."],
                    answers: [
                        .init(key: "r", title: "recover them", action: .recover(true)),
                        .init(key: "d", title: "discard them", action: .recover(false)),
                    ])))
    }

    private mutating func recover(_ isWanted: Bool) {
        defer { found = nil }
        effects.append(.settleRecovery)
        guard isWanted, let found else { return say("the changes of the earlier session are gone") }
        guard bench.replace(with: found, title: "recovered changes", at: now) else { return }
        changed()
        say("recovered the changes of the earlier session", undoable: true)
    }
}
