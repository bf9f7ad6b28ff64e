import QAT
import Devices
import Graph
public import Terminal
public import Workbench

/// Everything that the screen shows, and what a person did to it: a value, drawn by `picture` and changed by `handle`.
public struct Interface: Sendable {
    /// The document with all that follows from it.
    public internal(set) var bench: Bench
    /// The view that is shown.
    public internal(set) var view = View.network
    /// How things are drawn.
    public internal(set) var look: Look
    /// The size of the screen.
    public internal(set) var size: Size

    var panes: [View: Int] = [:]
    var list = ListState()
    var inspector = InspectorState()
    var rules = RulesState()
    var ranges = RangesState()
    var training = TrainingState()
    var compare = CompareState()
    var probe = ProbeState()
    var sweep = SweepState()
    var calibration = CalibrationState()
    var formats = ExchangeState()
    /// What lies on top of the view; the last one has the keys.
    var popups: [any Popup] = []
    var message: Message?
    /// Seconds of a clock that never goes back; set before each input.
    var now = 0.0
    /// What is to be done outside, in order.
    var effects: [Effect] = []
    /// When the last change was made that has no recovery copy yet.
    var unsavedSince: Double?
    /// The text that was copied last.
    var register = ""
    /// Paths of sessions that were open before, newest first.
    public var recent: [String] = []
    /// A document of an earlier program that was never saved.
    public var abandoned: Document?
    /// Changes of an earlier program that were found with the session.
    var found: Document?
    /// What the document was when the probe was last asked.
    var probedDocument: Document?
    /// Which runs were last asked to be compared.
    var askedToCompare: [String]?

    /// A screen for a bench.
    public init(_ bench: Bench, look: Look = Look(), size: Size) {
        (self.bench, self.look, self.size) = (bench, look, size)
        restore(bench.screen)
        list.selected = list.selected ?? rows.first?.name
    }
}

/// How things are drawn.
public struct Look: Hashable, Sendable {
    /// The signs.
    public var glyphs: Glyphs
    /// Whether words stand where rules and pictures would.
    public var isPlain: Bool
    /// Whether the mouse is ours.
    public var hasMouse: Bool

    /// How things are drawn.
    public init(glyphs: Glyphs = Glyphs(.braille), isPlain: Bool = false, hasMouse: Bool = true) {
        (self.glyphs, self.isPlain, self.hasMouse) = (glyphs, isPlain, hasMouse)
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

/// What the program does outside of the screen's value.
public enum Effect: Sendable {
    /// Writes the document to the session's file; `asNew` makes a session, and refuses one that is there.
    case save(path: String?, asNew: Bool, overwriting: Bool, thenQuits: Bool)
    /// Writes the recovery copy.
    case keepRecovery
    /// Says that changes of an earlier program were taken, or are not wanted.
    case settleRecovery
    /// Opens a session, a sample, or an empty network in the place of this one.
    case open(StartChoice)
    /// Measures the network anew.
    case probe
    /// Sweeps the network, in the place of the sweep before; the number is that of its answers.
    case sweep(SweepRequest.Subject, number: Int)
    /// Stops the sweep.
    case stopSweep
    /// Quantizes the network from data, in the place of the calibration before; the number is that of its answers.
    case calibrate(CalibrationOptions, number: Int)
    /// Stops the calibration.
    case stopCalibration
    /// Starts a run with these arguments of `magikbench train`, behind the session.
    case launch([String])
    /// Pauses, goes on with, or stops a run.
    case signal(run: String, RunLauncher.Order)
    /// Shows a run, or the newest.
    case attach(String?)
    /// Puts runs side by side; nil reads them no longer.
    case compare([String]?)
    /// Keeps a remark about a run.
    case noteRun(String, String)
    /// Removes a run and all that it recorded.
    case deleteRun(String)
    /// Reads a network of another program; with what was typed where it is a program itself.
    case read(String, typed: String)
    /// Writes the network in a format.
    case export(format: String, path: String)
    /// Gives a text to the terminal's clipboard.
    case copy(String)
    /// Draws everything anew.
    case redraw
    /// Goes back to the shell until it says go on.
    case suspend
    /// Takes the mouse or leaves it to the terminal.
    case mouse(Bool)
    /// Ends the program.
    case leave
}

extension Interface {
    /// The pane that has the focus.
    var pane: Pane { view.panes[min(panes[view] ?? 0, view.panes.count - 1)] }

    /// Where keys go now.
    var scope: Scope { popups.last?.scope ?? pane.scope }

    /// The name on the first row: with a star where changes are not saved.
    var title: String { bench.name + (bench.history.isChanged ? "*" : "") }

    /// Says that something was done.
    mutating func say(_ text: String, undoable: Bool = false) {
        message = Message(text: text, kind: undoable ? .undoable : .done, until: now + 4)
    }

    /// Says that something cannot be done, and why; stays until a key.
    mutating func refuse(_ text: String) { message = Message(text: text, kind: .failed, until: nil) }

    /// Takes what is to be done outside.
    public mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }
}
