/// Where keys go: panes of views, and popups. A command says in which of them its keys work. The panes of views have bits
/// 0 to 31 and are named in the folders of their views.
public struct Scope: OptionSet, Hashable, Sendable {
    /// A bit for each pane and each kind of popup.
    public let rawValue: Int

    /// The panes and popups whose bits are set.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// All panes of all views.
    static let views = Scope(rawValue: 0xFFFF_FFFF)

    static let picker = Scope(rawValue: 1 << 32)
    static let prompt = Scope(rawValue: 1 << 33)
    static let page = Scope(rawValue: 1 << 34)
    static let form = Scope(rawValue: 1 << 35)
    static let question = Scope(rawValue: 1 << 36)
    static let sweep = Scope(rawValue: 1 << 37)
    static let calibration = Scope(rawValue: 1 << 38)

    static let rangeTest = Scope(rawValue: 1 << 39)
    static let chips = Scope(rawValue: 1 << 40)
    static let path = Scope(rawValue: 1 << 41)

    static let popups: Scope = [
        .picker, .prompt, .page, .form, .question, .sweep, .calibration, .rangeTest, .chips, .path,
    ]
    /// Where characters are typed into a text before they are keys.
    static let typing: Scope = [.picker, .prompt, .path]
    static let everywhere: Scope = [.views, .popups]

    /// The scopes by the words of help and `docs/keys.md`.
    static let names: [(Scope, String)] =
        View.all.flatMap { view in view.panes.map { ($0.scope, $0.name) } } + [
            (.picker, "pickers"), (.prompt, "text fields"), (.page, "pages"), (.form, "forms"),
            (.question, "questions"), (.sweep, "sweep"), (.calibration, "quantizing"),
            (.chips, "table of chips"), (.rangeTest, "range test"), (.path, "dialogs with a path"),
        ]
}
