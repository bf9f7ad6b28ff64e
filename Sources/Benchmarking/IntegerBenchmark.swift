import Editing
import Foundation
package import Graph
package import QAT

/// Measures a forward pass in whole numbers beside one in the training arithmetic, in turn, on random bytes.
package struct IntegerBenchmark {
    /// What computes.
    enum Mode: String, CaseIterable {
        case quantized, integer
    }

    let batch: Int
    /// The medians of what was measured, in the order of the modes.
    let milliseconds: [(mode: Mode, value: Double)]
    /// The median of integer passes over quantized ones, each pair in neighbouring moments.
    let ratio: Double
    /// The layers that the training arithmetic stood in for.
    let fallbacks: Int
    let peakBytes: Int

    /// Runs `rounds` rounds of a pass each, with initial weights and the batch's statistics.
    package init(
        _ network: Network, on family: ArithmeticFamily, batch: Int, rounds: Int
    ) throws(EngineError) {
        self.batch = batch
        let analysis = Analysis(network, on: family)
        let store = ParameterStore(analysis)
        store.initialize(seed: 1)
        let program = try Program(analysis, store: store, options: .init(batch: batch))
        let integer = try IntegerNetwork(analysis, store: store, batch: batch, keepsValues: false)
        var random = SplitMix64(seed: 2)
        for (input, other) in zip(program.inputs, integer.program.inputs) {
            let (mean, variance) = IntegerBenchmark.normalization(network)
            for index in input.values.indices {
                let value = Float((Double(random.next() >> 56) - mean) / variance)
                (input.values[index], other.values[index]) = (value, value)
            }
        }
        try program.forward(.estimation)
        integer.prepare()
        fallbacks = integer.fallbacks.count
        func pass(_ mode: Mode) throws(EngineError) {
            switch mode {
            case .quantized: try program.forward(.evaluation)
            case .integer: try integer.run()
            }
        }
        var times = Mode.allCases.map { _ in [Double]() }
        for round in 0...rounds {
            for (index, mode) in Mode.allCases.enumerated() {
                let time = try Stopwatch.once { () throws(EngineError) in try pass(mode) }
                if round > 0 { times[index].append(time) }
            }
        }
        milliseconds = zip(Mode.allCases, times).map { ($0, $1.median) }
        ratio = zip(times[1], times[0]).map { $0 / $1 }.median
        peakBytes = peakMemory
    }

    /// What the loader does to bytes.
    private static func normalization(_ network: Network) -> (mean: Double, variance: Double) {
        for node in network.nodes {
            if case .preprocess(let settings) = node.layer { return (settings.mean, settings.variance) }
        }
        return (0, 255)
    }

    private func rate(_ milliseconds: Double) -> Double { Double(batch) * 1000 / milliseconds }

    package var json: JSON {
        var members: [JSON.Member] = [.init("batch", .integer(batch))]
        for (mode, value) in milliseconds {
            members.append(.init("\(mode)MillisecondsPerPass", .number(value)))
            members.append(.init("\(mode)SamplesPerSecond", .number(rate(value))))
        }
        members.append(.init("ratio", .number(ratio)))
        members.append(.init("fallbacks", .integer(fallbacks)))
        members.append(.init("peakBytes", .integer(peakBytes)))
        return .object(members)
    }

    package var text: String {
        var lines = milliseconds.map { mode, value in
            mode.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)
                + "\(Figures.threeDigits(value)) ms a pass, \(Figures.threeDigits(rate(value))) samples/s"
        }
        lines.append("ratio       \(Figures.threeDigits(ratio))")
        if fallbacks > 0 { lines.append("layers without an integer form: \(fallbacks)") }
        lines.append("memory      \(peakBytes >> 20) MiB at most")
        return lines.joined(separator: "\n")
    }
}
