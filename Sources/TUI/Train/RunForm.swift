import Datasets
import Graph
import QAT

/// The settings of a training run or of quantizing from data, as the options of `magikbench train` and `quantize`: an
/// empty value leaves an option out.
struct RunForm: Sendable {
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
    let automatic: @Sendable (RunForm) -> [String: String]
    /// Starts what was set up.
    let start: @Sendable (inout ScreenState, RunForm) -> Void
    var settings: [Setting]
    /// The data of a run that names none, where the command would take others.
    private var impliedData: String?
    /// The position of the selected setting; behind the last one is the row that starts.
    var selected = 0
    /// Why it cannot be started.
    var problem: String?
    /// Options whose values are for this run alone: the next form has those from before.
    var once: Set<String> = []

    /// The settings of a run with their values of last time. Without a value its data are `data`, which are named to the command
    /// where they are not the `generated` ones that it takes by itself. `automatic` works out what is taken for those without one.
    init(
        _ values: [String: String], generated: String, data: String? = nil,
        automatic: @escaping @Sendable (RunForm) -> [String: String] = { _ in [:] }
    ) {
        self.init(
            "new run of ", note: { $0.whatStartingDoes }, RunForm.table(data: data ?? generated), values,
            automatic: automatic
        ) { screen, form in screen.startRun(form) }
        if let data, data != generated { impliedData = data }
    }

    /// Settings with their values of last time, and what they start.
    init(
        _ title: String, note: @escaping @Sendable (ScreenState) -> String, _ settings: [Setting],
        _ values: [String: String],
        automatic: @escaping @Sendable (RunForm) -> [String: String] = { _ in [:] },
        start: @escaping @Sendable (inout ScreenState, RunForm) -> Void
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

    /// A run that names its optimizer or rate begins with drawn weights for the command, as those of earlier versions did; for
    /// the form it begins with fitted ones, as it says.
    private var impliedArguments: [String] {
        let values = values
        let data = values["--data"] == nil ? impliedData.map { ["--data", $0] } ?? [] : []
        guard settings.contains(where: { $0.option == "--initial-weights" }),
            values["--initial-weights"] == nil, values["--from-weights"] != "on",
            values["--optimizer"] != nil || values["--learning-rate"] != nil
        else { return data }
        return data + ["--initial-weights", InitialWeights.fitted.rawValue]
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
    private static let builtIn = "built-in"

    /// The options that may have other values to begin with, for all sessions: all but the data, which is a session's own.
    static let options = table(data: "").filter { $0.option != "--data" }

    private static func table(data: String) -> [Setting] {
        [
            typed(
                "--data", "data", data,
                "\(DataName.generated.joined(separator: " or ")) are generated; \(DataName.read.joined(separator: ", "))"
            ),
            typed(
                "--epochs", "epochs", "\(StageDefaults.usualEpochs)",
                "a number, or one for each stage of the recipe: 3,2,2"
            ),
            choice(
                "--recipe", "recipe", [currentBits, "8", "4", "32", "32,8", "32,8,4", "8,4"], currentBits,
                "bits of each stage; 32 is float. 'current bits' trains those that the network has"),
            typed("--batch", "batch", "\(TrainingPlan.usual.batch)", "samples in a step"),
            choice(
                "--optimizer", "optimizer", [auto, "sgd", "nesterov", "adam", "adamw"], auto,
                "auto: Adam, which trains also small networks without batch norm"),
            typed(
                "--learning-rate", "learning rate", auto,
                "a number, or one for each stage: 0.1,0.01,0.001; :range-test tries rates and proposes one"),
            choice(
                "--initial-weights", "initial weights", InitialWeights.allCases.map(\.rawValue),
                InitialWeights.fitted.rawValue,
                "fitted: layers without batch norm fill their range from the first step; drawn: as they come"),
            choice(
                "--schedule", "schedule", Schedule.allCases.map(\.rawValue),
                TrainingPlan.usual.schedule.rawValue,
                "how the rate changes in a stage"),
            choice(
                "--loss", "loss", [auto] + Loss.allCases.map(\.rawValue), auto,
                "auto: that of the network's task; distillation learns from the float network and needs no labels"
            ),
            choice(
                "--from-weights", "from weights", ["off", "on"], "off",
                "begins with the session's weights; what quantizing from data made begins so anyway"),
            choice(
                "--engine", "engine", [builtIn, "torch"], builtIn,
                "torch trains with PyTorch, in processes of its own; reads \(DataName.readByTorch.joined(separator: ", "))"
            ),
            typed("--processes", "processes", "1", "that share each batch; for the engine torch alone"),
            typed(
                "--threads", "threads", "auto", "one a core, and fewer while other work keeps the cores busy"),
            typed("--seed", "seed", "\(TrainingPlan.usual.seed)", "what all random numbers come from"),
            typed("--steps", "at most steps", "no limit", "stops after so many steps in all"),
            choice(
                "--label-smoothing", "label smoothing", ["0", "0.05", "0.1", "0.2"], "0",
                "what is taken of a label's class and shared by all"),
            choice(
                "--average", "average", ["none", "0.99", "0.999", "0.9998"], "none",
                "the decay of a moving average of the weights, which is evaluated and kept"),
            typed(
                "--freeze", "frozen", "nothing",
                "layers, or tensors such as conv*.bias, that are not learned: conv0,conv1*"),
            typed(
                "--rate", "other rates", "none",
                "layers or tensors that are learned at a multiple of the rate: head*=10,conv0=0.1"),
            choice(
                "--memory", "memory", ["normal", "low"], "normal",
                "low computes cheap results again in the backward pass; the numbers are the same"),
            typed(
                "--accumulate", "batches a step", "\(TrainingPlan.usual.accumulate)",
                "whose gradients are averaged"),
        ]
    }
}
