import CKernels
public import Graph

/// What training makes small.
public enum Loss: String, CaseIterable, Hashable, Sendable {
    /// Cross-entropy of softmax against the label.
    case crossEntropy = "cross-entropy"
    /// Binary cross-entropy of a sigmoid for each class against the label.
    case binaryCrossEntropy = "binary-cross-entropy"
    /// Mean squared error against the label as one-hot numbers.
    case squaredError = "mean-squared-error"
    /// What the float model of the session answers; needs no labels.
    case distillation
    /// What the heads of a detector ask for: places, objectness and classes of boxes.
    case detection
    /// Cross-entropy of each pixel's classes against a mask.
    case segmentation
    /// Smooth distance of numbers from those that are right.
    case regression

    /// The loss of a task, unless another is chosen.
    public static func advised(for task: NetworkTask) -> Loss {
        switch task {
        case .classification: .crossEntropy
        case .detection: .detection
        case .segmentation: .segmentation
        case .regression: .regression
        }
    }

    /// The task whose answers it compares with; nil where it needs none.
    public var task: NetworkTask.Kind? {
        switch self {
        case .crossEntropy, .binaryCrossEntropy, .squaredError: .classification
        case .detection: .detection
        case .segmentation: .segmentation
        case .regression: .regression
        case .distillation: nil
        }
    }

    /// Throws where the loss is not one of the task.
    func check(_ task: NetworkTask) throws(TrainingError) {
        guard let own = self.task, own != task.kind else { return }
        let fitting = Loss.allCases.filter { $0.task == task.kind || $0.task == nil }.map(\.rawValue)
        throw .mismatch(
            "the loss \(rawValue) is one of \(own.rawValue), the network's task is \(task.kind.rawValue); "
                + "losses of it: \(fitting.joined(separator: ", "))")
    }

    /// The sum over a batch and the right answers.
    public struct Value: Sendable {
        /// The sum of the losses of all samples.
        public var sum: Double
        /// How many samples were answered right.
        public var right: Int
    }

    /// What to say where distillation has no float network to learn from.
    static let needsTeacher =
        "distillation compares with the session's float weights, and it has none; train in float, or quantize an imported model, first"

    /// The temperature at which distillation compares.
    static let temperature: Float = 2

    /// The loss of a batch of scores, axes sample, class; fills the gradient of the mean where there is one.
    ///
    /// Labels lie in 0 ..< classes. The loss is one of classification, or distillation, which is then cross-entropy. What is
    /// wanted of the class of a label is 1 - `smoothing`, and a share of the smoothing of every class. The loss of a sample
    /// counts `weights` times; once where they are nil.
    public func evaluate(
        _ scores: UnsafeMutableBufferPointer<Float>, labels: UnsafeBufferPointer<Int32>, count: Int,
        classes: Int, smoothing: Double = 0, weights: UnsafeBufferPointer<Float>? = nil,
        gradient: UnsafeMutableBufferPointer<Float>?
    ) -> Value {
        var right: Int64 = 0
        guard let base = scores.baseAddress, let label = labels.baseAddress else {
            return Value(sum: 0, right: 0)
        }
        let wanted = ck_labels(labels: label, weights: weights?.baseAddress, smoothing: smoothing)
        let target = gradient?.baseAddress
        let sum =
            switch self {
            case .crossEntropy, .distillation:
                ck_cross_entropy(base, wanted, Int64(count), Int64(classes), target, &right)
            case .binaryCrossEntropy:
                ck_binary_cross_entropy(base, wanted, Int64(count), Int64(classes), target, &right)
            case .squaredError:
                ck_label_squared_error(base, wanted, Int64(count), Int64(classes), target, &right)
            case .detection, .segmentation, .regression:
                preconditionFailure("these are compared with other answers than labels")
            }
        return Value(sum: sum, right: Int(right))
    }

    /// The distance from a teacher's results: their squared error over the sum of their squares, and for vectors, which may
    /// be scores, also the cross-entropy of softmax at a temperature.
    static func distance(
        _ values: UnsafeMutableBufferPointer<Float>, from teacher: UnsafeMutableBufferPointer<Float>,
        count: Int, elements: Int, isVector: Bool, gradient: UnsafeMutableBufferPointer<Float>?
    ) -> Double {
        guard let base = values.baseAddress, let wanted = teacher.baseAddress else { return 0 }
        let target = gradient?.baseAddress
        let scores =
            isVector ? ck_distillation(base, wanted, Int64(count), Int64(elements), temperature, target) : 0
        return scores
            + ck_relative_squared_error(
                base, wanted, Int64(count), Int64(elements), isVector ? 1 : 0, target)
    }
}
