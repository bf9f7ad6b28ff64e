import Editing
import Foundation
package import Graph
package import QAT

/// Measures training steps of a network, float and quantized in turn, on random data.
package struct TrainBenchmark {
    /// What is trained.
    package enum Mode: String, CaseIterable {
        case float, quantized
    }

    let batch: Int
    /// The medians of what was measured, in the order of the modes.
    let milliseconds: [(mode: Mode, value: Double)]
    let peakBytes: Int
    /// How the products of each mode are computed.
    private let products: [(mode: Mode, explanation: ProductExplanation)]

    /// Runs `rounds` rounds of a few steps each, one mode after the other, and takes medians.
    package init(
        _ network: Network, on family: ArithmeticFamily, batch: Int, rounds: Int,
        arithmetic: Program.Arithmetic, memory: Program.Memory = .normal,
        products: ProductSelection = .fixed, modes: [Mode] = Mode.allCases
    ) throws(EngineError) {
        self.batch = batch
        let analysis = Analysis(network, on: family)
        var steps: [TrainingSteps] = []
        for mode in modes {
            steps.append(
                try TrainingSteps(
                    analysis, batch: batch, isQuantized: mode == .quantized, arithmetic: arithmetic,
                    memory: memory, products: products))
        }
        for step in steps { try step.run(3) }
        var times = modes.map { _ in [Double]() }
        for _ in 0..<rounds {
            for (index, step) in steps.enumerated() { times[index].append(try step.run(3)) }
        }
        milliseconds = zip(modes, times).map { ($0, TrainBenchmark.median($1)) }
        peakBytes = peakMemory
        self.products = zip(modes, steps).map { ($0, ProductExplanation($1.choices)) }
    }

    /// How the products of each mode are computed, in lines.
    package func explanation() throws(EngineError) -> String {
        let peak = try Engine.measuredPeak()
        return products.map { "\($0.mode)\n\n\($0.explanation.text(peak: peak))" }.joined(separator: "\n\n")
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    /// The time of a quantized step over that of a float one, where both were measured.
    private var ratio: Double? {
        guard milliseconds.count == Mode.allCases.count else { return nil }
        return milliseconds[1].value / milliseconds[0].value
    }

    private func rate(_ milliseconds: Double) -> Double { Double(batch) * 1000 / milliseconds }

    package var json: JSON {
        var members: [JSON.Member] = [.init("batch", .integer(batch))]
        for (mode, value) in milliseconds {
            members.append(.init("\(mode)MillisecondsPerStep", .number(value)))
            members.append(.init("\(mode)ImagesPerSecond", .number(rate(value))))
        }
        if let ratio { members.append(.init("ratio", .number(ratio))) }
        members.append(.init("peakBytes", .integer(peakBytes)))
        return .object(members)
    }

    package var text: String {
        var lines = milliseconds.map { mode, value in
            mode.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)
                + "\(Figures.threeDigits(value)) ms a step, \(Figures.threeDigits(rate(value))) images/s"
        }
        if let ratio { lines.append("ratio       \(Figures.threeDigits(ratio))") }
        lines.append("memory      \(peakBytes >> 20) MiB at most")
        return lines.joined(separator: "\n")
    }
}
