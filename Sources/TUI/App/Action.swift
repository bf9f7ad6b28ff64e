import Devices
import Workbench
import Graph

/// The views, by the digit that opens them.
public enum ViewName: Int, CaseIterable, Hashable, Sendable {
    /// Layers, where the bits go, the inspector.
    case network = 1
    /// Findings, why, fixes, the chips side by side.
    case rules = 2
    /// Histograms of all layers, one of them large; clips and factors.
    case ranges = 3
    /// Loss, ranges, saturation, the log of a run.
    case train = 4
    /// Runs side by side.
    case compare = 5

    /// The word on its tab.
    public var title: String {
        switch self {
        case .network: "Network"
        case .rules: "Rules"
        case .ranges: "Ranges"
        case .train: "Train"
        case .compare: "Compare"
        }
    }
}

/// Where keys go: a pane of a view, or what lies on top of it. A command says in which of them its keys live.
public struct Scope: OptionSet, Hashable, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    static let list = Scope(rawValue: 1 << 0)
    static let inspector = Scope(rawValue: 1 << 1)
    static let findings = Scope(rawValue: 1 << 2)
    static let fixes = Scope(rawValue: 1 << 3)
    static let loss = Scope(rawValue: 1 << 4)
    static let range = Scope(rawValue: 1 << 5)
    static let saturation = Scope(rawValue: 1 << 6)
    static let picker = Scope(rawValue: 1 << 7)
    static let prompt = Scope(rawValue: 1 << 8)
    static let page = Scope(rawValue: 1 << 9)
    static let form = Scope(rawValue: 1 << 10)
    static let question = Scope(rawValue: 1 << 11)
    static let shapes = Scope(rawValue: 1 << 12)
    static let weightPlot = Scope(rawValue: 1 << 13)
    static let featurePlot = Scope(rawValue: 1 << 14)

    static let network: Scope = [.list, .inspector]
    static let rules: Scope = [.findings, .fixes]
    static let runTable = Scope(rawValue: 1 << 15)
    static let differences = Scope(rawValue: 1 << 16)

    static let sweep = Scope(rawValue: 1 << 17)

    static let calibration = Scope(rawValue: 1 << 18)

    static let compare: Scope = [.runTable, .differences]
    static let ranges: Scope = [.shapes, .weightPlot, .featurePlot]
    static let train: Scope = [.loss, .range, .saturation]
    static let views: Scope = [.network, .rules, .ranges, .train, .compare]
    static let overlays: Scope = [.picker, .prompt, .page, .form, .question, .sweep, .calibration]
    /// Where characters are typed into a text before they are keys.
    static let typing: Scope = [.picker, .prompt]
    static let everywhere: Scope = [.views, .overlays]

    /// The scopes by the words of help and `docs/keys.md`.
    static let names: [(Scope, String)] = [
        (.list, "layers"), (.inspector, "inspector"), (.findings, "findings"), (.fixes, "fixes"),
        (.shapes, "shapes"), (.weightPlot, "weights"), (.featurePlot, "activations"),
        (.loss, "loss"), (.range, "range"), (.saturation, "saturation"), (.runTable, "runs"),
        (.differences, "differences"), (.picker, "pickers"),
        (.prompt, "text fields"), (.page, "pages"), (.form, "forms"), (.question, "questions"),
        (.sweep, "sweep"), (.calibration, "quantizing"),
    ]
}

/// Everything that a person can do. Keys, clicks and typed commands all become one of these.
enum Action: Hashable, Sendable {
    // Going about.
    case view(ViewName)
    case pane(Int)
    case move(Int)
    case page(Int)
    case first
    case last
    case open
    case back
    case quit
    case select(String)
    case selectRow(Int)
    case scroll(Int)

    // Layers.
    case mark
    case markShown
    case filter(String?)
    case match(Int)
    case fold
    case sort
    case add(InsertionPlace)
    case addEntry(Int, InsertionPlace)
    case delete
    case duplicate
    case moveLayer(Int)
    case rewire
    case rewireInput(Int)
    case connect(input: Int, source: String)
    case rename(String?)
    case annotate(String?)

    // Values.
    case step(Int)
    case stepField(String, Int)
    case editField(String)
    case bits(Int)
    case quantize
    case quantizeAll(Bool?)
    case allBits(Int)
    case reset
    case set(String)
    case device(Device?)

    // Rules.
    case fix
    case fixAll
    case ruleText
    case waive(String?)
    case onlyWrong
    case remedy(Int)

    // Runs.
    case newRun
    case startRun
    case pauseRun
    case stopRun(isSure: Bool)
    case resumeRun
    case attach(String?)

    // Ranges.
    case subject(RangesState.Subject?)
    case enlarge
    case samples(Int?)
    case sweep(SweepRequest.Subject?)
    case stopSweep
    case calibrate
    case stopCalibration

    // Runs side by side.
    case choose
    case curve
    case equalRows
    case againstSteps
    case noteRun(String?)
    case deleteRun(isSure: Bool)
    case takeNetwork

    // Plots.
    case logScale
    case smooth
    case zoom(Int)
    case inspect
    case freeze

    // The session and the screen.
    case save
    case saveAs(String?)
    case overwrite(String?, asNew: Bool)
    case openSession(String?)
    case readProgram(String)
    case approximate
    case export(String?)
    case start(StartChoice)
    case undo
    case redo
    case recover(Bool)
    case saveAndQuit
    case discardAndQuit
    case help
    case palette
    case copy
    case redraw
    case suspend
    case mouse(Bool)
    case plots(String)
    case complete
    case answer(Character)
}

/// What a person begins with.
public enum StartChoice: Hashable, Sendable {
    /// A network without layers.
    case empty
    /// The sample of that name.
    case sample(String)
    /// The session at that path.
    case session(String)
}
