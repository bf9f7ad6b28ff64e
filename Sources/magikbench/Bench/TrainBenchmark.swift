import Foundation
import Graph
import QAT
import Workbench

/// Measures training steps of a network, float and quantized in turn, on random data.
struct TrainBenchmark {
    let batch: Int
    let floatMilliseconds: Double
    let quantizedMilliseconds: Double
    let peakBytes: Int

    /// Runs `rounds` rounds of a few steps each, float and quantized one after the other, and takes medians.
    init(
        _ network: Network, on family: ArithmeticFamily, batch: Int, rounds: Int,
        arithmetic: Program.Arithmetic
    ) throws(EngineError) {
        self.batch = batch
        let analysis = Analysis(network, on: family)
        let steps = [
            try Steps(analysis, batch: batch, isQuantized: false, arithmetic: arithmetic),
            try Steps(analysis, batch: batch, isQuantized: true, arithmetic: arithmetic),
        ]
        for step in steps { try step.run(3) }
        var times: [[Double]] = [[], []]
        for _ in 0..<rounds {
            for (index, step) in steps.enumerated() { times[index].append(try step.run(3)) }
        }
        floatMilliseconds = TrainBenchmark.median(times[0])
        quantizedMilliseconds = TrainBenchmark.median(times[1])
        peakBytes = TrainBenchmark.peakBytes
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static var peakBytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }

    var json: JSON {
        .object([
            .init("batch", .integer(batch)),
            .init("floatMillisecondsPerStep", .number(floatMilliseconds)),
            .init("quantizedMillisecondsPerStep", .number(quantizedMilliseconds)),
            .init("floatImagesPerSecond", .number(Double(batch) * 1000 / floatMilliseconds)),
            .init("quantizedImagesPerSecond", .number(Double(batch) * 1000 / quantizedMilliseconds)),
            .init("ratio", .number(quantizedMilliseconds / floatMilliseconds)),
            .init("peakBytes", .integer(peakBytes)),
        ])
    }

    var text: String {
        let rate = { (milliseconds: Double) in Figures.threeDigits(Double(batch) * 1000 / milliseconds) }
        return """
            float       \(Figures.threeDigits(floatMilliseconds)) ms a step, \(rate(floatMilliseconds)) images/s
            quantized   \(Figures.threeDigits(quantizedMilliseconds)) ms a step, \(rate(quantizedMilliseconds)) images/s
            ratio       \(Figures.threeDigits(quantizedMilliseconds / floatMilliseconds))
            memory      \(peakBytes >> 20) MiB at most
            """
    }

    /// Steps of training on one batch of random data.
    private final class Steps {
        private let program: Program
        private let optimizer: Optimizer
        private let labels: [Int32]

        init(
            _ analysis: Analysis, batch: Int, isQuantized: Bool, arithmetic: Program.Arithmetic
        ) throws(EngineError) {
            var options = Program.Options(batch: batch)
            (options.isTraining, options.isQuantized, options.arithmetic) = (true, isQuantized, arithmetic)
            let store = ParameterStore(analysis)
            store.initialize(seed: 1)
            program = try Program(analysis, store: store, options: options)
            optimizer = Optimizer(.sgd, weightDecay: 1e-4, for: store)
            var random = SplitMix64(seed: 2)
            for input in program.inputs {
                for index in input.values.indices { input.values[index] = Float(random.next() >> 56) / 255 }
            }
            labels = (0..<batch).map { _ in Int32(random.next() % 10) }
        }

        /// The milliseconds of one step, over so many.
        @discardableResult
        func run(_ count: Int) throws(EngineError) -> Double {
            let clock = ContinuousClock()
            let start = clock.now
            for _ in 0..<count {
                try program.forward(.training)
                program.clearOutputGradients()
                for output in program.outputs where output.shape.elements == output.shape.channels {
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
}
