/// What was measured of a training step.
public struct StepResult: Hashable, Sendable {
    /// The mean loss of the batch.
    public var loss: Double
    /// The share of right answers in the batch; nil without labels.
    public var accuracy: Double?
    /// The norm of all gradients, before it is limited.
    public var gradientNorm: Double?
    /// The share of the step's time in which it waited for its batch, 0 ... 1; nil if that was not measured.
    public var loadingShare: Double?

    /// The numbers of a step.
    public init(
        loss: Double, accuracy: Double? = nil, gradientNorm: Double? = nil, loadingShare: Double? = nil
    ) {
        self.loss = loss
        self.accuracy = accuracy
        self.gradientNorm = gradientNorm
        self.loadingShare = loadingShare
    }
}
