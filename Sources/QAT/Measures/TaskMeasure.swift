/// How good the answers of an evaluation are, by the measures of the network's task.
public enum TaskMeasure: Hashable, Sendable {
    /// Classes.
    case classification(ClassificationMeasure)
    /// Boxes.
    case detection(DetectionResult)
    /// Classes of pixels.
    case segmentation(SegmentationMeasure)
    /// Numbers.
    case regression(RegressionMeasure)

    /// The one number that counts, 0 ... 1, the larger the better: the share of right answers, the mean average precision at an
    /// overlap of .50, the mean intersection over union. Nil for numbers, and where there was nothing to find.
    public var share: Double? {
        switch self {
        case .classification(let measure): measure.top1
        case .detection(let result): result.map50
        case .segmentation(let measure): measure.meanIntersectionOverUnion
        case .regression: nil
        }
    }
}
