import CKernels

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
    /// Labels lie in 0 ..< classes. What is wanted of the class of a label is 1 - `smoothing`, and a share of the smoothing
    /// of every class. The loss of a sample counts `weights` times; once where they are nil.
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
