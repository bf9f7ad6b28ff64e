import Devices
public import Editing
import Graph
import QAT
import Runs
public import Terminal

/// Everything that the screen shows, and what a person did to it: a value, drawn by `picture` and changed by `handle`.
public struct ScreenState: Sendable {
    /// The document with all that follows from it.
    public internal(set) var editor: EditorState
    /// The view that is shown.
    public internal(set) var view = View.network
    /// How things are drawn.
    public internal(set) var appearance: Appearance
    /// The size of the screen.
    public internal(set) var size: Size

    var panes: [View: Int] = [:]
    var list = ListState()
    var wiring = WiringState()
    var inspector = InspectorState()
    var rules = RulesState()
    var ranges = RangesState()
    var training = TrainingState()
    var rangeTest = RangeTestState()
    var compare = CompareState()
    var data = DataState()
    var probe = ProbeState()
    var sweep = SweepState()
    var calibration = CalibrationState()
    var busyFile: String?
    /// Whether a part of the model that was opened is the host's: what follows the network's results.
    var hasHost = false
    /// What lies on top of the view; the last one has the keys.
    var popups: [any Popup] = []
    var message: Message?
    /// What the names of a folder were asked for.
    var listingUse: ListingUse?
    /// Commands that were picked or typed, the newest first.
    var recentCommands: [String] = []
    /// What was said, newest last; the last 200 of all that was.
    var said: [Message] = []
    /// How much was said in all.
    var saidCount = 0
    /// The window's title as it was last asked for.
    var shownTitle: String?
    /// Seconds of a clock that never goes back; set before each input.
    var now = 0.0
    /// What is to be done outside, in order.
    var effects: [Effect] = []
    /// When the last change was made that has no recovery copy yet.
    var unsavedSince: Double?
    /// The text that was copied last.
    var register = ""
    /// What that text is.
    var copied = ""
    /// Paths of sessions that were open before, newest first.
    public var recent: [String] = []
    /// The sessions of the current folder that are not among them.
    public var sessionsHere: [String] = []
    /// A document of an earlier program that was never saved.
    public var abandoned: Document?
    /// Changes of an earlier program that were found with the session.
    var found: Document?
    /// What the document was when the probe was last asked.
    var probedDocument: Document?
    /// Which runs were last asked to be compared.
    var askedToCompare: [String]?

    /// What a person has chosen for all sessions, with what is wrong in the file that says so.
    var settingsFile: SettingsFile

    /// A screen for an editor.
    public init(
        _ editor: EditorState, appearance: Appearance = Appearance(), size: Size,
        settings: SettingsFile = SettingsFile()
    ) {
        self.editor = editor
        settingsFile = settings
        training.smoothing = settings.settings.smoothing.flatMap { Smoothing.weights.firstIndex(of: $0) }
        self.appearance = appearance
        self.size = size
        restore(editor.screen)
        list.selected = list.selected ?? rows.first?.name
        updateWiring()
    }
}

/// A line above the footer that says what just happened.
struct Message: Hashable, Sendable {
    /// How it is meant.
    enum Kind: Hashable, Sendable {
        /// Something was done.
        case done
        /// Something was done that undo takes back.
        case undoable
        /// Something could not be done; stays until a key.
        case failed
    }

    var text: String
    var kind: Kind
    /// When it goes; nil waits for a key.
    var until: Double?
}

extension ScreenState {
    /// What a person has chosen for all sessions.
    public internal(set) var settings: Settings {
        get { settingsFile.settings }
        set { settingsFile.settings = newValue }
    }

    /// The pane that has the focus.
    var pane: Pane {
        let shown = view.shownPanes(view, self)
        return shown[min(panes[view] ?? 0, shown.count - 1)]
    }

    /// Where keys go now.
    var scope: Scope { popups.last?.scope ?? pane.scope }

    /// The name on the first row: with a star where changes are not saved.
    var title: String { editor.name + (editor.history.isChanged ? "*" : "") }

    /// Says that something was done.
    mutating func say(_ text: String, undoable: Bool = false) {
        tell(Message(text: text, kind: undoable ? .undoable : .done, until: now + 4))
    }

    /// Says what came of something that took long; stays until a key, since a person may be away.
    mutating func tellEnd(_ text: String) { tell(Message(text: text, kind: .done, until: nil)) }

    /// Says that something cannot be done, and why; stays until a key.
    mutating func refuse(_ text: String) {
        tell(Message(text: text, kind: .failed, until: nil))
    }

    private mutating func tell(_ message: Message) {
        self.message = message
        said.append(message)
        saidCount += 1
        if said.count > 200 { said.removeFirst() }
    }

    /// Shows what was said, the newest first, each line whole.
    mutating func openMessages() {
        popups.append(
            Page("messages", said.isEmpty ? ["nothing was said yet"] : said.reversed().map(\.text.printable)))
    }

    /// Takes what is to be done outside.
    public mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }
}
