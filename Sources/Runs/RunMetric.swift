public import QAT

/// A number that is recorded of every training step. The run store, tables, JSON, event files and curves go over this list.
public enum RunMetric: Int, CaseIterable, Hashable, Sendable {
    /// The mean loss of the batch.
    case loss
    /// The fraction of the batch that was right.
    case accuracy
    /// The learning rate that was applied.
    case learningRate
    /// Images a second over the last steps.
    case imagesPerSecond
    /// The norm of all gradients, before it is limited.
    case gradientNorm
    /// The fraction of the step's time in which it waited for its batch.
    case loadingShare
    /// The fraction of the machine's processor time that all programs together took over the last moment.
    case machineLoad

    /// What the metric is called, and the version of the run store that got its column.
    private var entry: (name: String, version: Int) {
        switch self {
        case .loss: ("loss", 1)
        case .accuracy: ("accuracy", 1)
        case .learningRate: ("learningRate", 1)
        case .imagesPerSecond: ("imagesPerSecond", 1)
        case .gradientNorm: ("gradientNorm", 8)
        case .loadingShare: ("loadingShare", 8)
        case .machineLoad: ("machineLoad", 10)
        }
    }

    /// Where it comes from; nil if the step has no such number.
    public func value(
        of step: TrainingReport.Step, imagesPerSecond: Double, machineLoad: Double? = nil
    ) -> Double? {
        switch self {
        case .loss: step.result.loss
        case .accuracy: step.result.accuracy
        case .learningRate: step.learningRate
        case .imagesPerSecond: imagesPerSecond
        case .gradientNorm: step.result.gradientNorm
        case .loadingShare: step.result.loadingShare
        case .machineLoad: machineLoad
        }
    }

    /// Those that a trainer says of a step by itself.
    public static let ofSteps = allCases.filter { $0 != .machineLoad }

    /// The name in JSON and CSV: "learningRate".
    public var name: String { entry.name }

    /// The column in the run store, and the name in event files: "learning_rate".
    var column: String { RunMetric.columns[rawValue] }

    /// What stands in event files for a number that the store does not have: NaN for the metrics of every step, which the
    /// store keeps as NULL; nil for the others.
    var missing: Double? {
        switch self {
        case .loss, .learningRate, .imagesPerSecond: .nan
        case .accuracy, .gradientNorm, .loadingShare, .machineLoad: nil
        }
    }

    /// The columns of all metrics.
    static let columns: [String] = allCases.map { RunSchema.column($0.name) }

    /// The columns that the run store got in each version.
    static var versions: [(column: String, version: Int)] { allCases.map { ($0.column, $0.entry.version) } }
}
