import QAT

// Numbers of evaluations in the run store.
extension MeasuredNumber {
    /// The version of the run store that got its column.
    private var version: Int {
        switch self {
        case .map50, .map, .top5, .f1, .miou, .meanAbsoluteError, .rootMeanSquareError: 9
        }
    }

    /// The column in the run store, and the name in event files: "mean_absolute_error".
    var column: String { RunSchema.column(rawValue) }

    /// The columns that the run store got in each version.
    static var versions: [(column: String, version: Int)] { allCases.map { ($0.column, $0.version) } }
}

extension TaskMeasure {
    /// All numbers that it has.
    var numbers: [MeasuredNumber: Double] {
        MeasuredNumber.allCases.reduce(into: [:]) { $0[$1] = $1.value(of: self) }
    }
}

extension RunEvaluation {
    /// What the share that counts is called: "mAP50", "mIoU", "acc".
    public var shareTitle: String {
        numbers[.map50] != nil ? "mAP50" : numbers[.miou] != nil ? "mIoU" : "acc"
    }
}

extension RunFacts {
    /// What the share that counts is called in a table of runs; "acc" where they have several.
    public static func shareTitle(of runs: [RunFacts]) -> String {
        let titles = Set(runs.compactMap { $0.evaluation?.shareTitle })
        return titles.count == 1 ? titles.first ?? "acc" : "acc"
    }
}
