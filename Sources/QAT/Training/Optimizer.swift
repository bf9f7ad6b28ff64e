import CKernels
import Foundation

/// The rule by which gradients change parameters.
public enum OptimizerRule: Hashable, Sendable {
    /// Stochastic gradient descent; decay is added to the gradient.
    case sgd(momentum: Double, nesterov: Bool)
    /// Adam; decay is added to the gradient, or taken off the value where `decoupled` (AdamW).
    case adam(beta1: Double, beta2: Double, epsilon: Double, decoupled: Bool)

    /// Momentum 0.9.
    public static let sgd = OptimizerRule.sgd(momentum: 0.9, nesterov: false)
    /// The usual betas.
    public static let adam = OptimizerRule.adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: false)
    /// Adam with decoupled decay.
    public static let adamW = OptimizerRule.adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: true)

    /// How many numbers it remembers for each parameter.
    public var memories: Int {
        switch self {
        case .sgd: 1
        case .adam: 2
        }
    }
}

/// Changes the parameters of a store step by step. Weight decay acts on weights alone.
public final class Optimizer {
    /// The rule.
    public let rule: OptimizerRule
    /// Decay of weights.
    public let weightDecay: Double
    /// Steps so far.
    public private(set) var steps = 0
    private let store: ParameterStore
    private let memory: UnsafeMutablePointer<Float>
    private let count: Int
    private let partials = UnsafeMutablePointer<Double>.allocate(capacity: Int(CK_PARTS))

    /// An optimizer at its start.
    public init(_ rule: OptimizerRule, weightDecay: Double, for store: ParameterStore) {
        self.rule = rule
        self.weightDecay = weightDecay
        self.store = store
        count = store.layout.parameterCount
        memory = UnsafeMutablePointer<Float>.allocate(capacity: max(1, rule.memories * count))
        memory.initialize(repeating: 0, count: max(1, rule.memories * count))
    }

    deinit {
        memory.deallocate()
        partials.deallocate()
    }

    /// The norm of all gradients.
    public func norm(of gradients: UnsafeMutableBufferPointer<Float>) -> Double {
        guard let base = gradients.baseAddress else { return 0 }
        return ck_square_sum(base, Int64(gradients.count), partials).squareRoot()
    }

    /// One step; gradients are multiplied by `scale` first.
    public func step(_ gradients: UnsafeMutableBufferPointer<Float>, rate: Double, scale: Double = 1) {
        guard let base = gradients.baseAddress else { return }
        for run in runs {
            let decay = Float(run.decays ? weightDecay : 0)
            let (values, gradient) = (store.values + run.range.lowerBound, base + run.range.lowerBound)
            let first = memory + run.range.lowerBound
            let size = Int64(run.range.count)
            switch rule {
            case .sgd(let momentum, let nesterov):
                ck_sgd(
                    values, gradient, first, size, Float(rate), Float(momentum), decay, nesterov ? 1 : 0,
                    steps == 0 ? 1 : 0, Float(scale))
            case .adam(let beta1, let beta2, let epsilon, let decoupled):
                ck_adam(
                    values, gradient, first, first + count, size, Float(rate), Float(beta1), Float(beta2),
                    Float(epsilon), decay, decoupled ? 1 : 0, Float(1 - pow(beta1, Double(steps + 1))),
                    Float(1 - pow(beta2, Double(steps + 1))), Float(scale))
            }
        }
        steps += 1
    }

    /// Neighbouring parameters that decay alike, as one run each.
    private lazy var runs: [(range: Range<Int>, decays: Bool)] = {
        var runs: [(range: Range<Int>, decays: Bool)] = []
        for entry in store.layout.parameters {
            let range = entry.offset..<entry.offset + entry.count
            if let last = runs.last, last.decays == entry.decays {
                runs[runs.count - 1].range = last.range.lowerBound..<range.upperBound
            } else {
                runs.append((range, entry.decays))
            }
        }
        return runs
    }()

    /// What it remembers, for a checkpoint: one list for each memory, laid out like the parameters.
    public var memories: [[Float]] {
        (0..<rule.memories).map { Array(UnsafeBufferPointer(start: memory + $0 * count, count: count)) }
    }

    /// Goes on from a checkpoint.
    public func restore(_ memories: [[Float]], steps: Int) throws(EngineError) {
        guard memories.count == rule.memories, memories.allSatisfy({ $0.count == count }) else {
            throw .parameters("the optimizer's state does not fit the network")
        }
        for (index, values) in memories.enumerated() {
            for (place, value) in values.enumerated() { memory[index * count + place] = value }
        }
        self.steps = steps
    }
}
