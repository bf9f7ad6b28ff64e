import Foundation
public import Graph

/// What a training run does: its stages and everything that they share.
public struct TrainingPlan: Hashable, Sendable {
    /// A stretch of training at one width of numbers.
    public struct Stage: Hashable, Sendable {
        /// 32 trains in float; 2 to 8 sets all quantized layers to that width; nil is as the network has it.
        public var bits: Int?
        /// How often the training set is walked over.
        public var epochs: Int
        /// The rule of the optimizer.
        public var optimizer: OptimizerRule
        /// The rate after the warm-up.
        public var learningRate: Double

        /// The bits that a stage can have: 32 for float, or so few.
        public static let widths: Set<Int> = [2, 3, 4, 5, 6, 7, 8, Quantization.float]

        /// A stage.
        public init(bits: Int? = nil, epochs: Int, optimizer: OptimizerRule, learningRate: Double) {
            self.bits = bits
            self.epochs = epochs
            self.optimizer = optimizer
            self.learningRate = learningRate
        }

        /// A network as the stage trains it.
        public func network(of network: Network) -> Network {
            guard let bits, bits < Quantization.float else { return network }
            return network.atBits(bits)
        }

        /// What a stage is called that trains the bits that the network has.
        public static let currentBits = "current bits"

        /// The stage in a word: "float", "4 bit", "current bits".
        public var title: String {
            switch bits {
            case Quantization.float?: "float"
            case let bits?: "\(bits) bit"
            case nil: Stage.currentBits
            }
        }
    }

    /// The stages, one after the other; each begins with the weights of the last.
    public var stages: [Stage]
    /// What to train on, as typed.
    public var data: String
    /// Samples in a batch.
    public var batch = 64
    /// How the rate changes within a stage.
    public var schedule = Schedule.cosine
    /// Steps over which the rate of a stage rises from zero.
    public var warmup = 0
    /// Decay of weights.
    public var weightDecay = 1e-4
    /// Gradients whose norm is larger are scaled down to it; nil never does.
    public var gradientNorm: Double?
    /// What all random numbers come from.
    public var seed: UInt64 = 1
    /// What is made small.
    public var loss = Loss.crossEntropy
    /// What products of quantized numbers are computed with.
    public var arithmetic = Program.Arithmetic.best
    /// How much of the forward pass is kept for the backward one.
    public var memory = Program.Memory.normal
    /// What the factors of gradients are.
    public var gradients = GradientArithmetic.auto
    /// What a run begins with that is given no weights.
    public var initialWeights = InitialWeights.drawn
    /// Whether a run begins with the weights that its session has.
    public var beginsWithWeights = false
    /// Whether products are computed as every machine can, without measuring methods.
    public var isDeterministic = false
    /// So many epochs without a better evaluation end a stage; nil goes to its end.
    public var patience: Int?
    /// At most so many steps in all; nil is as many as the epochs have.
    public var stepLimit: Int?
    /// Share of a stage's epochs after which running statistics of batch norm stay as they are; 1 never.
    public var freezeAfter = 1.0
    /// The decay of a moving average of the weights, below 1, which is evaluated and kept in place of the weights of the
    /// last step; nil takes those.
    public var average: Double?
    /// Tensors that are not learned: those of layers, or single ones such as "conv*.bias".
    public var frozen: [TensorPattern] = []
    /// Tensors that are learned at another rate; the last one that names a tensor counts.
    public var rates: [TensorRate] = []
    /// Batches whose gradients are averaged for a step.
    public var accumulate = 1
    /// What is taken of the class of a label, in cross-entropy and losses of single classes, and shared by all classes.
    public var labelSmoothing = 0.0

    /// What a run takes where nothing is said: options of the command and of the form begin with it.
    public static let usual = TrainingPlan(stages: [], data: "")

    /// A plan with the usual settings.
    public init(stages: [Stage], data: String) { (self.stages, self.data) = (stages, data) }

    /// Samples of a step.
    public var samplesAStep: Int { batch * accumulate }
}

/// How a learning rate changes within a stage.
public enum Schedule: String, CaseIterable, Hashable, Sendable {
    /// It stays.
    case constant
    /// A tenth after half of the stage, a hundredth after three quarters.
    case step
    /// Half a cosine, down to zero.
    case cosine

    /// The rate of a step, 0 ..< steps, as a share of the stage's.
    public func share(step: Int, of steps: Int, warmup: Int) -> Double {
        if step < warmup { return Double(step + 1) / Double(warmup) }
        let done = Double(step - warmup) / Double(max(1, steps - warmup))
        switch self {
        case .constant: return 1
        case .step: return done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01
        case .cosine: return 0.5 * (1 + cos(.pi * min(1, done)))
        }
    }
}

extension Network {
    /// The fewest bits that a quantized layer stores anything in; 32 where none is quantized.
    var fewestBits: Int {
        nodes.compactMap { node in
            guard let quantization = node.layer.settings.quantization, quantization.isEnabled else {
                return nil
            }
            return min(quantization.weightBits, quantization.outputBits ?? Quantization.float)
        }.min() ?? Quantization.float
    }
}
