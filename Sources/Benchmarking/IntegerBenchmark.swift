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
    let times: ModeTimes<Mode>
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
        let normalization = InputNormalization(network)
        for (input, other) in zip(program.inputs, integer.program.inputs) {
            for index in input.values.indices {
                let byte = Double(random.next() >> 56)
                let value = Float((byte - normalization.mean) / normalization.variance)
                input.values[index] = value
                other.values[index] = value
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
        self.times = ModeTimes(milliseconds: zip(Mode.allCases, times).map { ($0, $1.median) })
        ratio = zip(times[1], times[0]).map { $0 / $1 }.median
        peakBytes = peakMemory
    }

    package var json: JSON {
        .object(
            times.members(batch, per: "Pass", of: "Samples") + [
                .init("ratio", .number(ratio)), .init("fallbacks", .integer(fallbacks)),
                .init("peakBytes", .integer(peakBytes)),
            ])
    }

    package var text: String {
        var lines = times.lines(batch, per: "pass", of: "samples")
        lines.append("ratio       \(Figures.threeDigits(ratio))")
        if fallbacks > 0 { lines.append("layers without an integer form: \(fallbacks)") }
        lines.append("memory      \(peakBytes >> 20) MiB at most")
        return lines.joined(separator: "\n")
    }
}
