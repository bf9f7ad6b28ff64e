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

    /// What the rate is multiplied with, for each parameter in the order of the store's layout.
    private let factors: [Double]

    /// An optimizer at its start. `factors` multiply the rate, for each parameter in the order of the store's layout, and are
    /// all 1 where nil; a parameter with the factor 0 stays as it is.
    public init(
        _ rule: OptimizerRule, weightDecay: Double, for store: ParameterStore, factors: [Double]? = nil
    ) {
        self.rule = rule
        self.factors = factors ?? Array(repeating: 1, count: store.layout.parameters.count)
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

    /// Clears the gradients of parameters that stay as they are, so that they do not count in the norm.
    public func clearFrozen(_ gradients: UnsafeMutableBufferPointer<Float>) {
        for run in runs where run.factor == 0 {
            gradients[run.range].update(repeating: 0)
        }
    }

    /// One step; gradients are multiplied by `scale` first.
    public func step(_ gradients: UnsafeMutableBufferPointer<Float>, rate: Double, scale: Double = 1) {
        guard let base = gradients.baseAddress else { return }
        for run in runs where run.factor != 0 {
            let rate = rate * run.factor
            let decay = Float(run.decays ? weightDecay : 0)
            let values = store.values + run.range.lowerBound
            let gradient = base + run.range.lowerBound
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

    /// Neighbouring parameters that are changed alike.
    private struct Run {
        var range: Range<Int>
        let decays: Bool
        let factor: Double
    }

    private lazy var runs: [Run] = {
        var runs: [Run] = []
        for (entry, factor) in zip(store.layout.parameters, factors) {
            let range = entry.offset..<entry.offset + entry.count
            if let last = runs.last, last.decays == entry.decays, last.factor == factor {
                runs[runs.count - 1].range = last.range.lowerBound..<range.upperBound
            } else {
                runs.append(Run(range: range, decays: entry.decays, factor: factor))
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
