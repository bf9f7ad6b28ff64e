import Graph
import Terminal

/// A question with a key for each answer.
struct Question: Popup {
    /// One answer.
    struct Answer: Sendable {
        let key: Character
        let title: String
        /// What is done then.
        let handler: Handler

        init(_ key: Character, _ title: String, _ handler: @escaping Handler) {
            self.key = key
            self.title = title
            self.handler = handler
        }
    }

    let scope = Scope.question
    var keys: [KeyLabel] {
        answers.map { .key(.character($0.key), $0.title) } + [.escape("stay")]
    }
    var title: String
    var lines: [String]
    var answers: [Answer]

    init(_ title: String, _ lines: [String], _ answers: [Answer]) {
        self.title = title
        self.lines = lines
        self.answers = answers
    }

    /// Letters that are no answer do nothing.
    func press(_ key: Key, on screen: inout ScreenState) -> Bool {
        guard case .character(let letter) = key else { return false }
        if let answer = answers.first(where: { $0.key == letter }) {
            screen.popups.removeLast()
            answer.handler(&screen)
        }
        return true
    }

    func heading(on screen: ScreenState) -> String { title }

    func lines(on screen: ScreenState) -> [String] {
        lines + answers.map { "\($0.key): \($0.title)" } + ["\(screen.key("back")): stay"]
    }

    func row(on screen: ScreenState) -> [String] { lines(on: screen) }

    /// An answer may be written out.
    func enter(_ line: String, on screen: inout ScreenState) -> Bool {
        guard let answer = answers.first(where: { $0.title == line.trimmed }) else { return false }
        return press(.character(answer.key), on: &screen)
    }

    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        let lines = self.lines.flatMap { ScreenState.wrapped($0, to: min(body.columns - 8, 70)) }
        let answers = self.answers.map { "\($0.key) \($0.title)" } + ["\(screen.key("back")) stay"]
        let width = max(
            lines.map(\.displayWidth).max() ?? 0, answers.joined(separator: "    ").displayWidth + 2,
            title.displayWidth + 4)
        let rect = frame(in: body, rows: lines.count + 4, columns: width + 4)
        let inside = canvas.box(rect, title: title)
        for (offset, line) in lines.enumerated() {
            canvas.frame.put(line, inside.row + offset, inside.column, .text, end: inside.endColumn)
        }
        var column = inside.column + 2
        let row = inside.endRow - 1
        for answer in self.answers {
            let start = column
            column = canvas.frame.put(String(answer.key), row, column, .accent.bold)
            column = canvas.frame.put(" \(answer.title)", row, column, .text, end: inside.endColumn)
            canvas.target(Rect(row: row, column: start, rows: 1, columns: column - start)) { screen in
                screen.popups.removeLast()
                answer.handler(&screen)
            }
            column += 4
        }
        canvas.frame.put(screen.key("back"), row, column, .accent.bold, end: inside.endColumn)
        canvas.frame.put(
            "stay", row, column + 1 + screen.key("back").displayWidth, .text, end: inside.endColumn)
        canvas.frame.cursor = Position(row: row, column: inside.column + 2)
    }
}
