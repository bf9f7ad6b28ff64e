import Graph
import Runs
public import Terminal

/// What a person has chosen for the screen, for all sessions: what `config.json` holds, or the standard.
public struct Settings: Sendable {
    /// The colours.
    public var theme = Theme.auto
    /// How plots are drawn; nil for the finest that the terminal has.
    public var plots: Glyphs.Kind?
    /// Whether the mouse is the screen's.
    public var hasMouse = true
    /// How the end of a run is told to the terminal.
    public var notifications = Notifications.bell
    /// The weight of past losses in the smoothed curve, one of `Smoothing.weights`; nil for what suits the length of a run.
    public var smoothing: Double?
    /// Options of new runs that the form begins with, by option ("--epochs").
    var runOptions: [String: String] = [:]
    /// The keys of commands that have others than the table's, by name.
    var keys: [String: [Key]] = [:]
    /// Which key means which command.
    var keyMap = KeyMap.standard

    /// The standard.
    public init() {}
}

/// One setting, as every place that speaks of it reads it: `config.json`, `magikbench config` and `docs/configuration.md`.
struct Setting: Sendable {
    /// Its key in `config.json`.
    let name: String
    /// What its value may be.
    let values: String
    /// What it does, in a sentence or two.
    let help: String
    /// Takes a value over from the file; says what is wrong where it cannot.
    let take: @Sendable (JSON, inout Settings) -> String?
    /// The value that holds.
    let value: @Sendable (Settings) -> JSON

    /// Every setting that has one value, in the order of the page.
    static let all: [Setting] = [
        .word(
            "theme", "The colours. A theme with a ground of its own takes a terminal of 256 colours.",
            Theme.allCases.map { ($0.rawValue, $0) }, \.theme),
        .word(
            "plots",
            "How plots are drawn: with dots of braille, with blocks, or with ASCII alone. auto takes braille where locale and "
                + "terminal have it.",
            [("auto", nil)] + Glyphs.Kind.allCases.map { ($0.rawValue, $0) }, \.plots),
        Setting(
            name: "mouse", values: "true or false",
            help: "Whether the screen takes the mouse; false leaves it to the terminal, to select text with."
        ) { json, settings in
            guard case .boolean(let isOn) = json else { return "\(json.compact) is not true or false" }
            settings.hasMouse = isOn
            return nil
        } value: {
            .boolean($0.hasMouse)
        },
        Setting(
            name: "smoothing",
            values: "auto, " + Setting.smoothings,
            help:
                "How much of the past is in the smoothed curves of view 4; 0 shows them as they are, auto so where a run is short. :smooth changes it there."
        ) { json, settings in
            if json == .string("auto") {
                settings.smoothing = nil
                return nil
            }
            guard let weight = json.real, Smoothing.weights.contains(weight) else {
                return "\(json.compact) is none of auto, \(smoothings)"
            }
            settings.smoothing = weight
            return nil
        } value: {
            $0.smoothing.map(JSON.weight) ?? .string("auto")
        },
        .word(
            "notification",
            "What tells the terminal that a run has ended: its bell, or a notification of the desktop by OSC 9 or OSC 777.",
            Notifications.allCases.map { ($0.rawValue, $0) }, \.notifications),
    ]

    private static let smoothings = Smoothing.weights.map { JSON.weight($0).compact }.joined(separator: ", ")

    /// A setting that is one of some words.
    private static func word<Value: Equatable & Sendable>(
        _ name: String, _ help: String, _ values: [(word: String, value: Value)],
        _ path: WritableKeyPath<Settings, Value> & Sendable
    ) -> Setting {
        let words = values.map(\.word)
        return Setting(name: name, values: words.joined(separator: ", "), help: help) { json, settings in
            guard case .string(let word) = json, let found = values.first(where: { $0.word == word }) else {
                let meant = if case .string(let word) = json { didYouMean(word, among: words) } else { "" }
                return "\(json.compact) is none of \(words.joined(separator: ", "))\(meant)"
            }
            settings[keyPath: path] = found.value
            return nil
        } value: { settings in
            let value = settings[keyPath: path]
            return .string(values.first { $0.value == value }?.word ?? "")
        }
    }
}

extension JSON {
    /// A number between 0 and 1, without a fraction where it has none.
    fileprivate static func weight(_ value: Double) -> JSON { value == 0 ? .integer(0) : .number(value) }

    /// The number that this is, whole or not; nil where it is none.
    fileprivate var real: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        case .null, .boolean, .string, .array, .object: nil
        }
    }
}
