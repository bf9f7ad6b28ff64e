public import Graph

/// What a stage takes for epochs, optimizer and rate where they are not chosen.
public struct StageDefaults: Hashable, Sendable {
    /// Whether the run goes on from a network that was quantized from a float model.
    public var recovers: Bool
    /// The chosen optimizer.
    public var optimizer: OptimizerRule?
    /// Whether a rate is chosen.
    public var hasRate: Bool

    /// What is chosen of a run.
    public init(recovers: Bool, optimizer: OptimizerRule? = nil, hasRate: Bool = false) {
        self.recovers = recovers
        self.optimizer = optimizer
        self.hasRate = hasRate
    }

    /// The epochs of a stage that names none.
    public static let usualEpochs = 3

    /// Whether the program chooses both. Runs that name one of them begin as those of earlier versions.
    public var isProposed: Bool { optimizer == nil && !hasRate }

    /// The weights that a run draws for itself.
    public var initialWeights: InitialWeights { isProposed ? .fitted : .drawn }

    /// A stage of a network; a chosen rate is still to be set.
    public func stage(bits: Int?, epochs: Int, of network: Network) -> TrainingPlan.Stage {
        var stage: TrainingPlan.Stage =
            recovers
            ? .recovering(bits: bits, epochs: epochs)
            : isProposed
                ? .proposed(bits: bits, epochs: epochs) : .advised(bits: bits, epochs: epochs, of: network)
        guard let optimizer else { return stage }
        stage.optimizer = optimizer
        stage.learningRate = optimizer.usualRate
        return stage
    }
}

extension OptimizerRule {
    /// The rate that it is usually given.
    var usualRate: Double {
        switch self {
        case .sgd: 0.01
        case .adam: 0.001
        }
    }
}

extension TrainingPlan.Stage {
    /// The vendor's advice: SGD at 0.01 in float and 8 bit, Adam at 0.001 below.
    public static func advised(bits: Int?, epochs: Int, of network: Network) -> Self {
        let optimizer = (bits ?? network.fewestBits) >= 8 ? OptimizerRule.sgd : .adam
        return Self(bits: bits, epochs: epochs, optimizer: optimizer, learningRate: optimizer.usualRate)
    }

    /// What trains a network from weights that are fitted to its data, at all widths: Adam at 0.003. SGD at 0.01 leaves a
    /// small network without batch norm where it began.
    public static func proposed(bits: Int?, epochs: Int) -> Self {
        Self(bits: bits, epochs: epochs, optimizer: .adam, learningRate: proposedRate)
    }

    /// The rate of `proposed`.
    public static let proposedRate = 0.003

    /// For a network that was quantized from a float model and is near it already: Adam at a small rate, so that the steps
    /// recover what rounding took and unlearn nothing.
    static func recovering(bits: Int?, epochs: Int) -> Self {
        Self(bits: bits, epochs: epochs, optimizer: .adam, learningRate: recoveringRate)
    }

    /// The rate of `recovering`.
    private static let recoveringRate = 1e-4
}
