import Terminal

/// A line of text that is requested.
struct Prompt: Popup {
    let scope = Scope.prompt
    let keys: [KeyLabel] = [.enter("OK"), .escape("cancel")]
    var title: String
    /// What the text may be.
    var help: String
    var field: TextField
    /// Why the text is not taken.
    var problem: String?
    /// Why a text is not taken; nil where it is.
    let check: @Sendable (ScreenState, String) -> String?
    /// What is done with the text.
    let take: @Sendable (inout ScreenState, String) -> Void

    init(
        _ title: String, help: String, text: String = "",
        check: @escaping @Sendable (ScreenState, String) -> String? = { _, _ in nil },
        take: @escaping @Sendable (inout ScreenState, String) -> Void
    ) {
        self.title = title
        self.help = help
        self.field = TextField(text)
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
    func press(_ key: Key, on screen: inout ScreenState) -> Bool {
        var field = field
        guard field.handle(key) else { return false }
        edit(field, on: &screen)
        return true
    }

    func paste(_ text: String, on screen: inout ScreenState) -> Bool {
        var field = field
        field.insert(text)
        edit(field, on: &screen)
        return true
    }

    private func edit(_ field: TextField, on screen: inout ScreenState) {
        let problem = check(screen, field.string)
        change(on: &screen) { prompt in
            prompt.field = field
            prompt.problem = problem
        }
    }

    func open(on screen: inout ScreenState) {
        if let problem = check(screen, field.string) {
            return change(on: &screen) { $0.problem = problem }
        }
        screen.popups.removeLast()
        take(&screen, field.string)
    }

    func tab(_ count: Int, on screen: inout ScreenState) { change(on: &screen) { $0.problem = nil } }
}

// Drawing.
extension Prompt {
    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        let help = ScreenState.wrapped(self.help, to: min(body.columns - 10, 80))
        let width = min(body.columns - 4, 86)
        let problems = problem.map {
            ScreenState.wrapped("\(canvas.glyphs.mustFix) \($0.printable)", to: width - 4)
        }
        let rect = body.centered(rows: help.count + 3 + max(1, problems?.count ?? 1), columns: width)
        let inside = canvas.box(rect, title: title)
        field.draw(on: &canvas, row: inside.row, column: inside.column, end: inside.endColumn, .strong)
        for (offset, line) in help.enumerated() {
            canvas.frame.put(line, inside.row + 1 + offset, inside.column, .dim, end: inside.endColumn)
        }
        for (offset, line) in (problems ?? []).enumerated() {
            canvas.frame.put(
                line, inside.row + 1 + help.count + offset, inside.column, .error, end: inside.endColumn)
        }
    }
}
