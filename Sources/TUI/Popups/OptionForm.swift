import Datasets
import Graph
import QAT

/// The options of a command as a form: those of `magikbench train` (`run`) or `quantize` (`calibration`). An empty value leaves
/// an option out.
struct OptionForm: Sendable {
    /// One option.
    struct Setting: Hashable, Sendable {
        /// The option: "--epochs".
        let option: String
        /// What it is called.
        let title: String
        /// What it may be and does.
        let help: String
        /// What the command takes where the option is left out.
        let standard: String
        /// The values to step through; empty where it is typed.
        let choices: [String]
        /// Whether it is given without a value.
        let isFlag: Bool
        /// The value; empty for the command's own.
        var value: String

        /// The value that counts.
        var shown: String { value.isEmpty ? standard : value }
        /// The number that is stepped through, 0 for threads of the command's own choice; nil where it is none.
        var number: Int? { option == "--threads" && shown == standard ? 0 : Int(shown) }
    }

    /// What stands before the session's name in its title.
    let title: String
    /// What is said beside the word start.
    let note: @Sendable (ScreenState) -> String
    /// What the command takes for options that are left out, in words, by option; that of the others is their standard.
    let automatic: @Sendable (OptionForm) -> [String: String]
    /// Starts what was set up.
    let start: @Sendable (inout ScreenState, OptionForm) -> Void
    var settings: [Setting]
    /// The data of a run that names none, where the command would take others.
    var impliedData: String?
    /// The position of the selected setting; behind the last one is the row that starts.
    var selected = 0
    /// Why it cannot be started.
    var problem: String?
    /// Options whose values are for this run alone: the next form has those from before.
    var once: Set<String> = []

    /// Settings with their values of last time, and what they start.
    init(
        _ title: String, note: @escaping @Sendable (ScreenState) -> String, _ settings: [Setting],
        _ values: [String: String],
        automatic: @escaping @Sendable (OptionForm) -> [String: String] = { _ in [:] },
        start: @escaping @Sendable (inout ScreenState, OptionForm) -> Void
    ) {
        self.title = title
        self.note = note
        self.settings = settings
        self.automatic = automatic
        self.start = start
        take(values)
    }

    private mutating func take(_ values: [String: String]) {
        for index in settings.indices { settings[index].value = values[settings[index].option] ?? "" }
    }

    /// What is not the command's own, by option.
    var values: [String: String] {
        Dictionary(
            uniqueKeysWithValues: settings.filter { !$0.value.isEmpty }.map { ($0.option, $0.value) })
    }

    /// The arguments behind the session's name.
    var arguments: [String] {
        let isTorch = settings.contains { $0.option == "--engine" && $0.value == "torch" }
        // The number of processes waits for the engine that has them.
        let given = settings.filter { !$0.value.isEmpty && (isTorch || $0.option != "--processes") }.flatMap {
            setting in
            setting.isFlag
                ? (setting.value == "on" ? [setting.option] : []) : [setting.option, setting.value]
        }
        return given + impliedArguments
    }

    /// The selected setting; nil on the row that starts.
    var current: Setting? { settings.indices.contains(selected) ? settings[selected] : nil }

    /// Steps the selected setting; true where it has values to step through or is a number.
    mutating func step(_ count: Int) -> Bool {
        guard let setting = current else { return false }
        if !setting.choices.isEmpty {
            let place = setting.choices.firstIndex(of: setting.shown) ?? 0
            let next = min(max(0, place + count), setting.choices.count - 1)
            settings[selected].value =
                setting.choices[next] == setting.standard ? "" : setting.choices[next]
            return true
        }
        guard let number = setting.number else { return false }
        let next =
            setting.option == "--batch"
            ? (count > 0 ? number.clampedProduct(2) : number / 2) : number.clampedSum(count)
        settings[selected].value =
            setting.option == "--threads" && next < 1 ? "" : max(1, next).description
        return true
    }

    /// A setting that is typed.
    static func typed(_ option: String, _ title: String, _ standard: String, _ help: String) -> Setting {
        Setting(
            option: option, title: title, help: help, standard: standard, choices: [], isFlag: false,
            value: "")
    }

    /// A setting that is stepped through.
    static func choice(
        _ option: String, _ title: String, _ choices: [String], _ standard: String, _ help: String
    ) -> Setting {
        Setting(
            option: option, title: title, help: help, standard: standard, choices: choices,
            isFlag: choices == ["off", "on"], value: "")
    }

    /// What is chosen for a person.
    static let auto = "auto"
    /// A recipe of one stage, or quantizing, that keeps the network's bits.
    static let currentBits = "current bits"
}

/// Why a form is not taken, as a sentence.
struct OptionFormProblem: Error, Hashable {
    var text: String
}
