import Terminal

/// What lies on top of a view and has the keys while it does. Every popup is a value on the stack of the screen; the
/// defaults do nothing.
protocol Popup: Sendable {
    /// Which commands have keys while it is on top.
    var scope: Scope { get }
    /// What the footer says of its keys.
    var keys: [KeyLabel] { get }
    /// What its words and numbers mean, in lines of its help page.
    var meanings: [String] { get }
    /// Draws it over the view, whose part of the screen is `body`.
    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas)
    /// What it is about, in a line; another line where it shows other things.
    func heading(on screen: ScreenState) -> String
    /// All that it shows, a row or sentence a line, for who hears the screen.
    func lines(on screen: ScreenState) -> [String]
    /// What is selected in it, in lines.
    func row(on screen: ScreenState) -> [String]
    /// How far it is with what takes time, in a line; nil where nothing is under way.
    func progress(on screen: ScreenState) -> String?
    /// Takes a whole line that was typed, where the screen is lines; returns false where the line is keys or a command.
    func enter(_ line: String, on screen: inout ScreenState) -> Bool
    /// Takes a key before the commands do; returns false where the key is not its own.
    func press(_ key: Key, on screen: inout ScreenState) -> Bool
    /// Takes pasted text; returns false where no text is typed.
    func paste(_ text: String, on screen: inout ScreenState) -> Bool
    /// Moves through its rows.
    func move(_ movement: Movement, on screen: inout ScreenState)
    /// Selects a row; the selected row is opened.
    func click(_ row: Int, on screen: inout ScreenState)
    /// Steps the selected value.
    func step(_ count: Int, on screen: inout ScreenState)
    /// Does what Enter does.
    func open(on screen: inout ScreenState)
    /// Goes back inside on Esc; returns false where Esc closes it.
    func goBack(on screen: inout ScreenState) -> Bool
    /// Does what Tab does, or Shift-Tab where `count` is negative.
    func tab(_ count: Int, on screen: inout ScreenState)
}

extension Popup {
    var keys: [KeyLabel] { [] }
    var meanings: [String] { [] }
    func row(on screen: ScreenState) -> [String] { [] }
    func progress(on screen: ScreenState) -> String? { nil }
    func enter(_ line: String, on screen: inout ScreenState) -> Bool { false }
    func press(_ key: Key, on screen: inout ScreenState) -> Bool { false }
    func paste(_ text: String, on screen: inout ScreenState) -> Bool { false }
    func move(_ movement: Movement, on screen: inout ScreenState) {}
    func click(_ row: Int, on screen: inout ScreenState) {}
    func step(_ count: Int, on screen: inout ScreenState) {}
    func open(on screen: inout ScreenState) {}
    func tab(_ count: Int, on screen: inout ScreenState) {}
    func goBack(on screen: inout ScreenState) -> Bool { false }

    /// Where it lies: in the middle of the view, with so many rows and columns, or as many as there are; `margin` columns
    /// of the view are left beside it.
    func frame(in body: Rect, rows: Int, columns: Int, margin: Int = 2) -> Rect {
        body.centered(rows: rows, columns: min(body.columns - margin, columns))
    }

    /// Puts a changed copy in its place on top of the screen.
    func change(on screen: inout ScreenState, _ change: (inout Self) -> Void) {
        var copy = self
        change(&copy)
        screen.popups[screen.popups.count - 1] = copy
    }
}

extension ScreenState {
    /// A click on a row of the popup on top.
    mutating func clickPopup(_ row: Int) { popups.last?.click(row, on: &self) }

    /// Steps the value of the popup on top, or the selected value of the layer.
    mutating func step(_ count: Int) {
        guard let popup = popups.last else { return stepField(inspector.field, count) }
        popup.step(count, on: &self)
    }

    /// Enter: types a value, applies what is chosen, takes what is picked.
    mutating func openRow() {
        if let popup = popups.last { return popup.open(on: &self) }
        view.open(&self)
    }
}

extension ScreenState {
    /// A text in lines of at most `width` cells, broken between words.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, line.displayWidth + 1 + String(word).displayWidth > width {
                    lines.append(line)
                    line = ""
                }
                line += (line.isEmpty ? "" : " ") + String(word).shortened(to: max(1, width))
            }
            lines.append(line)
        }
        return lines
    }
}
