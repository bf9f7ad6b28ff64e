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
    static let popups: Scope = [.picker, .prompt, .page, .form, .question, .sweep, .calibration]
    /// Where characters are typed into a text before they are keys.
    static let typing: Scope = [.picker, .prompt]
    static let everywhere: Scope = [.views, .popups]

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
