import Datasets
import Graph
import QAT

/// Steps of training on one batch of random data.
final class TrainingSteps {
    private let program: Program
    private let optimizer: Optimizer
    private var labels: [Int32]

    init(
        _ analysis: Analysis, batch: Int, isQuantized: Bool, arithmetic: Program.Arithmetic,
        memory: Program.Memory = .normal, products: ProductSelection = .fixed
    ) throws(EngineError) {
        var options = Program.Options(batch: batch)
        options.isTraining = true
        options.isQuantized = isQuantized
        options.arithmetic = arithmetic
        options.memory = memory
        options.products = products
        let store = ParameterStore(analysis)
        store.initialize(seed: 1)
        program = try Program(analysis, store: store, options: options)
        optimizer = Optimizer(.sgd, weightDecay: TrainingPlan.usual.weightDecay, for: store)
        var random = SplitMix64(seed: 2)
        for input in program.inputs {
            for index in input.values.indices { input.values[index] = Float(random.next() >> 56) / 255 }
        }
        labels = (0..<batch).map { _ in Int32(random.next() % 10) }
    }

    /// How products are computed.
    var choices: [ProductChoice] { program.productChoices }

    /// Measures each kernel in the steps that follow.
    func measureKernels() -> KernelTimes { program.measureKernels() }

    /// The axes of a sample.
    var inputShape: Shape { program.inputs[0].shape }

    /// Takes so many batches of a loader; the last of them is what steps train on.
    func load(_ loader: Loader, batches: Int) throws(DatasetError) {
        for _ in 0..<batches {
            // An epoch ends with an empty batch.
            for _ in 0..<2 {
                let count = try labels.withUnsafeMutableBufferPointer { (labels) throws(DatasetError) in
                    try loader.next(into: program.inputs[0].values, labels: labels)
                }
                if count > 0 { break }
            }
        }
    }

    /// The milliseconds of one step, over so many.
    @discardableResult
    func run(_ count: Int) throws(EngineError) -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<count {
            try program.forward(.training)
            program.clearOutputGradients()
            for output in program.outputs {
                // Maps, which have no label, learn to be small.
                guard output.shape.elements == output.shape.channels else {
                    let factor = 2 / Float(output.values.count)
                    if let gradient = output.gradient {
                        for index in gradient.indices { gradient[index] = factor * output.values[index] }
                    }
                    continue
                }
                _ = labels.withUnsafeBufferPointer {
                    Loss.crossEntropy.evaluate(
                        output.values, labels: $0, count: program.options.batch,
                        classes: output.shape.elements, gradient: output.gradient)
                }
            }
            try program.backward()
            optimizer.step(program.gradients, rate: 0.01)
        }
        return (clock.now - start) / .milliseconds(1) / Double(count)
    }
}
