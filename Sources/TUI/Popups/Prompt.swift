import Terminal

/// A line of text that is requested.
struct Prompt: TextPopup {
    var scope: Scope { paths == nil ? .prompt : .path }
    var keys: [KeyLabel] {
        paths == nil
            ? [.enter("OK"), .escape("cancel")]
            : [.enter("OK"), .command("complete", "complete"), .escape("cancel")]
    }
    var title: String
    /// What the text may be.
    var help: String
    var field: TextField
    /// Why the text is not taken.
    var problem: String?
    /// Where a path is in the text; nil where there is none.
    let paths: PathUse?
    /// Names that the path may go on with.
    private(set) var candidates: [String] = []
    /// Why a text is not taken; nil where it is.
    let check: @Sendable (ScreenState, String) -> String?
    /// What is done with the text.
    let take: @Sendable (inout ScreenState, String) -> Void

    /// Asks for a line; where `isReplaced`, what is typed takes the place of `text`, unless an arrow or another key that
    /// edits comes first.
    init(
        _ title: String, help: String, text: String = "", isReplaced: Bool = true, paths: PathUse? = nil,
        check: @escaping @Sendable (ScreenState, String) -> String? = { _, _ in nil },
        take: @escaping @Sendable (inout ScreenState, String) -> Void
    ) {
        self.title = title
        self.help = help
        self.field = TextField(text, isProposed: isReplaced)
        self.paths = paths
        self.check = check
        self.take = take
    }

    /// Why a blank text is not taken, as a check of a prompt.
    static func refusingBlank(
        _ problem: String
    ) -> @Sendable (ScreenState, String) -> String? {
        { _, text in text.allSatisfy(\.isWhitespace) ? problem : nil }
    }
}

// Keys.
extension Prompt {
    func press(_ key: Key, on screen: inout ScreenState) -> Bool { type(key, on: &screen) }

    func edit(_ field: TextField, on screen: inout ScreenState) {
        let problem = check(screen, field.string)
        change(on: &screen) { prompt in
            prompt.field = field
            prompt.problem = problem
            prompt.candidates = []
        }
    }

    func open(on screen: inout ScreenState) {
        if let problem = check(screen, field.string) {
            return change(on: &screen) { $0.problem = problem }
        }
        screen.popups.removeLast()
        take(&screen, field.string)
    }

    /// Completes the path.
    func tab(_ count: Int, on screen: inout ScreenState) {
        change(on: &screen) { $0.problem = nil }
        guard let paths else { return }
        let (folder, name) = TypedPath.split(paths.parts(of: field.string).path)
        screen.list(folder, hidden: name.hasPrefix("."), for: .completing)
    }

    /// Completes the path with the names of its folder as far as they agree; where they do not, lists them.
    func complete(with listing: FolderListing, on screen: inout ScreenState) {
        guard let paths else { return }
        let (head, path, tail) = paths.parts(of: field.string)
        let completion = TypedPath.completed(path, with: listing)
        guard let text = completion.text else {
            return change(on: &screen) { $0.problem = completion.problem }
        }
        edit(TextField(head + text + tail), on: &screen)
        guard let prompt = screen.popups.last as? Prompt else { return }
        prompt.change(on: &screen) { $0.candidates = completion.candidates }
    }

    /// Takes a path that was picked; a folder keeps the name that was typed.
    func take(_ path: String, on screen: inout ScreenState) {
        guard let paths else { return }
        let (head, typed, tail) = paths.parts(of: field.string)
        let name = paths == .written && path.hasSuffix("/") ? TypedPath.split(typed).name : ""
        edit(TextField(head + path + name + tail), on: &screen)
    }
}

// In lines.
extension Prompt {
    func heading(on screen: ScreenState) -> String { title }

    func lines(on screen: ScreenState) -> [String] { [help] + row(on: screen) }

    func row(on screen: ScreenState) -> [String] {
        let now =
            field.text.isEmpty
            ? "type it; an empty line leaves it empty" : "now \(field.string); an empty line keeps it"
        return candidates + [problem.map { "cannot be: \($0)" } ?? now]
    }

    /// A line is the text; an empty one takes the text that is proposed.
    func enter(_ line: String, on screen: inout ScreenState) -> Bool {
        if line.isEmpty {
            open(on: &screen)
            return true
        }
        guard PlainInput.keys(amongText: line) == nil else { return false }
        edit(TextField(line), on: &screen)
        (screen.popups.last as? Prompt)?.open(on: &screen)
        return true
    }
}

// Drawing.
extension Prompt {
    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        let help = ScreenState.wrapped(self.help, to: min(body.columns - 10, 80))
        let width = min(body.columns - 4, 86)
        let problems = problem.map {
            ScreenState.wrapped("\(canvas.glyphs.mustFix) \($0.printable)", to: width - 4)
        }
        let names = names(on: screen, fitting: width - 4)
        let rect = frame(
            in: body, rows: help.count + names.count + 3 + max(1, problems?.count ?? 1), columns: width)
        let inside = canvas.box(rect, title: title)
        field.draw(on: &canvas, row: inside.row, column: inside.column, end: inside.endColumn, .strong)
        for (offset, line) in help.enumerated() {
            canvas.frame.put(line, inside.row + 1 + offset, inside.column, .dim, end: inside.endColumn)
        }
        for (offset, line) in names.enumerated() {
            canvas.frame.put(
                line, inside.row + 1 + help.count + offset, inside.column, .text, end: inside.endColumn)
        }
        for (offset, line) in (problems ?? []).enumerated() {
            canvas.frame.put(
                line, inside.row + 1 + help.count + names.count + offset, inside.column, .error,
                end: inside.endColumn)
        }
    }

    /// The names that the path may go on with, in a few lines.
    private func names(on screen: ScreenState, fitting width: Int) -> [String] {
        guard !candidates.isEmpty else { return [] }
        let lines = ScreenState.wrapped(
            candidates.map { $0.printable.shortened(to: 40) }.joined(separator: "  "), to: width)
        guard lines.count > 4 else { return lines }
        return Array(lines.prefix(4)) + [
            "... \(candidates.count) names; \(screen.key("browse")) lists them all"
        ]
    }
}
