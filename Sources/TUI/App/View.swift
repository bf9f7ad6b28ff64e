import Terminal

/// What one view gives to the screen: its panes, its commands, how it is drawn and what the common keys do in it.
public struct View: Sendable {
    /// The digit that opens it.
    public let number: Int
    /// The word on its tab.
    public let title: String
    /// What it shows, for the help of the command that opens it.
    let help: String
    /// Its panes; those that are on the screen at one time are in the order of Tab.
    let panes: [Pane]
    /// What Enter does, as the footer says it.
    let enterLabel: String
    /// The commands of its own, in the order of footers, palette and help.
    let commands: [Command]
    /// Draws it in a part of the screen.
    let draw: @Sendable (ScreenState, Rect, inout Canvas) -> Void
    /// Moves through the rows of the focused pane.
    let move: @Sendable (inout ScreenState, Movement) -> Void
    /// Does what Enter does.
    let open: Handler
    /// What the clipboard takes: its name, and its lines; none where there is nothing to copy.
    let copy: @Sendable (ScreenState) -> (what: String, lines: [String])
    /// All that the focused pane shows, a sentence or row a line, for who hears the screen.
    let lines: @Sendable (ScreenState) -> [String]
    /// What is selected in the focused pane, in lines.
    let row: @Sendable (ScreenState) -> [String]
    /// Whether what is selected changes with every step of a run, so that it is said on request alone.
    var isMoving = false
    /// What is said beside its title on the tab.
    var note: @Sendable (ScreenState) -> String = { _ in "" }
    /// What happens when it is opened.
    var show: Handler = { _ in }
    /// What may be typed behind the name of the command that opens it; nil for nothing.
    var argument: ViewArgument?
    /// Goes back inside the view on Esc; returns false where there is nothing to go back from.
    var goBack: @Sendable (inout ScreenState) -> Bool = { _ in false }
    /// Selects the row of a number, counted from 1.
    var goToRow: @Sendable (inout ScreenState, Int) -> Void = { screen, number in
        screen.move(.first)
        screen.move(.rows(number - 1))
    }
    /// Moves to the next layer that matters here, or to the one before where the step is negative.
    var goToMatch: @Sendable (inout ScreenState, Int) -> Void = { $0.goToFinding($1) }
    /// Changes between a linear and a logarithmic scale.
    var toggleLogScale: Handler = { _ in }
    /// The panes that are on the screen now, in the order of Tab.
    var shownPanes: @Sendable (View, ScreenState) -> [Pane] = { view, _ in view.panes }
    /// The text that narrows its rows.
    var filter = Filter.layers
}

extension View {
    /// Every view, by its digit.
    static let all: [View] = [.network, .rules, .ranges, .train, .compare, .data]

    /// The scopes of its panes.
    var scope: Scope { Scope(panes.map(\.scope)) }
}

extension View: Hashable {
    public static func == (first: View, second: View) -> Bool { first.number == second.number }
    public func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// A part of a view that can have the focus.
struct Pane: Sendable {
    /// Where its keys work.
    let scope: Scope
    /// Its name in the help and in `docs/keys.md`.
    let name: String
    /// What the footer says of the arrow keys.
    let keys: [KeyLabel]
    /// What Enter does in it, where that is another thing than elsewhere in the view.
    let enter: String?

    init(_ scope: Scope, _ name: String, _ keys: [KeyLabel], enter: String? = nil) {
        self.scope = scope
        self.name = name
        self.keys = keys
        self.enter = enter
    }
}

/// What a view can be opened on.
struct ViewArgument: Sendable {
    /// In capitals as help shows it, in brackets where it may be left out.
    let usage: String
    /// Shows it.
    let show: @Sendable (inout ScreenState, String) -> Void
}

/// A text that narrows the rows of a view.
struct Filter: Sendable {
    /// What the text may be.
    let help: @Sendable (ScreenState) -> String
    /// The text as it is.
    let text: @Sendable (ScreenState) -> String
    /// Shows only rows that have the text.
    let apply: @Sendable (inout ScreenState, String) -> Void
}
