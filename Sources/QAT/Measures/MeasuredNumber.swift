/// A number that tasks are measured by, beside loss and accuracy. What evaluations print and record goes over this list.
public enum MeasuredNumber: String, CaseIterable, Hashable, Sendable {
    /// The mean average precision of boxes at an overlap of .50.
    case map50
    /// The mean average precision of boxes over overlaps of .50, .55, ... .95.
    case map
    /// The share of samples whose class is among the five of the largest scores.
    case top5
    /// The mean of F1 over classes.
    case f1
    /// The mean intersection over union of masks over classes.
    case miou
    /// The mean absolute error of numbers.
    case meanAbsoluteError
    /// The root of the mean squared error of numbers.
    case rootMeanSquareError

    /// What people call it.
    public var title: String {
        switch self {
        case .map50: "mAP@.5"
        case .map: "mAP@.5:.95"
        case .top5: "top-5"
        case .f1: "F1"
        case .miou: "mIoU"
        case .meanAbsoluteError: "mean absolute error"
        case .rootMeanSquareError: "root mean square error"
        }
    }

    /// Whether it is a share, 0 ... 1, the larger the better; errors are in units of the data.
    public var isShare: Bool {
        switch self {
        case .map50, .map, .top5, .f1, .miou: true
        case .meanAbsoluteError, .rootMeanSquareError: false
        }
    }

    /// The number; nil where the task has no such number, or there was nothing that it could be of.
    public func value(of measure: TaskMeasure) -> Double? {
        switch measure {
        case .classification(let measure):
            switch self {
            case .top5: measure.top5
            case .f1: measure.confusion.macroF1
            case .map50, .map, .miou, .meanAbsoluteError, .rootMeanSquareError: nil
            }
        case .detection(let result):
            switch self {
            case .map50: result.map50
            case .map: result.map
            case .top5, .f1, .miou, .meanAbsoluteError, .rootMeanSquareError: nil
            }
        case .segmentation(let measure):
            self == .miou ? measure.meanIntersectionOverUnion : nil
        case .regression(let measure):
            switch self {
            case .meanAbsoluteError: measure.meanAbsoluteError
            case .rootMeanSquareError: measure.rootMeanSquareError
            case .map50, .map, .top5, .f1, .miou: nil
            }
        }
    }
}

extension TaskMeasure {
    /// What is compared class by class, or number by number.
    public var titleByClass: String {
        switch self {
        case .classification: "recall"
        case .detection: "AP@.5"
        case .segmentation: "IoU"
        case .regression: "mean absolute error"
        }
    }

    /// For each class the number that counts: recall, average precision at an overlap of .50, intersection over union; for
    /// regression the mean absolute error of each number. Nil where there was nothing that it could be of.
    public var byClass: [Double?] {
        switch self {
        case .classification(let measure):
            (0..<measure.confusion.classes).map { measure.confusion.recall(of: $0) }
        case .detection(let result): result.classes.map(\.ap50)
        case .segmentation(let measure):
            (0..<measure.confusion.classes).map { measure.confusion.intersectionOverUnion(of: $0) }
        case .regression(let measure): measure.absoluteErrors
        }
    }

    /// The samples, objects or pixels of each class that were judged.
    public var countByClass: [Int] {
        switch self {
        case .classification(let measure):
            (0..<measure.confusion.classes).map { measure.confusion.samples(of: $0) }
        case .detection(let result): result.classes.map(\.count)
        case .segmentation(let measure):
            (0..<measure.confusion.classes).map { measure.confusion.samples(of: $0) }
        case .regression(let measure): measure.absoluteErrors.map { _ in measure.count }
        }
    }

    /// Which class was answered by which; nil for numbers.
    public var confusion: ConfusionMatrix? {
        switch self {
        case .classification(let measure): measure.confusion
        case .detection(let result): result.confusion
        case .segmentation(let measure): measure.confusion
        case .regression: nil
        }
    }
}
