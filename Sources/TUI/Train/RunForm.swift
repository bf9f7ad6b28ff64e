import Datasets
import Graph
import QAT

// The form of a new run.
extension OptionForm {
    /// The settings of a run with their values of last time. Without a value its data are `data`, which are named to the command
    /// where they are not the `generated` ones that it takes by itself. `automatic` works out what is taken for those without one.
    static func run(
        _ values: [String: String], generated: String, data: String? = nil,
        automatic: @escaping @Sendable (OptionForm) -> [String: String] = { _ in [:] }
    ) -> OptionForm {
        var form = OptionForm(
            "new run of ", note: { $0.whatStartingDoes }, OptionForm.table(data: data ?? generated), values,
            automatic: automatic
        ) { screen, form in screen.startRun(form) }
        if let data, data != generated { form.impliedData = data }
        return form
    }

    /// A run that names its optimizer or rate begins with drawn weights for the command, as those of earlier versions did; for
    /// the form it begins with fitted ones, as it says.
    var impliedArguments: [String] {
        let values = values
        let data = values["--data"] == nil ? impliedData.map { ["--data", $0] } ?? [] : []
        guard settings.contains(where: { $0.option == "--initial-weights" }),
            values["--initial-weights"] == nil, values["--from-weights"] != "on",
            values["--optimizer"] != nil || values["--learning-rate"] != nil
        else { return data }
        return data + ["--initial-weights", InitialWeights.fitted.rawValue]
    }

    private static let builtIn = "built-in"

    /// The options that may have other values to begin with, for all sessions: all but the data, which is a session's own.
    static let runOptions = table(data: "").filter { $0.option != "--data" }

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
