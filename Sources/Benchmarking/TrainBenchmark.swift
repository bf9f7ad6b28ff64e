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
    let times: ModeTimes<Mode>
    let peakBytes: Int
    /// The least milliseconds of a step, in the same order.
    private let least: [Double]
    private let analysis: Analysis
    /// The steps of each mode.
    private let steps: [(mode: Mode, steps: TrainingSteps)]

    /// Runs `rounds` rounds of a few steps each, one mode after the other, and takes medians.
    package init(
        _ network: Network, on family: ArithmeticFamily, batch: Int, rounds: Int,
        arithmetic: Program.Arithmetic, memory: Program.Memory = .normal,
        products: ProductSelection = .fixed, modes: [Mode] = Mode.allCases
    ) throws(EngineError) {
        self.batch = batch
        analysis = Analysis(network, on: family)
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
        self.times = ModeTimes(milliseconds: zip(modes, times).map { ($0, $1.median) })
        least = times.map { $0.min() ?? 0 }
        peakBytes = peakMemory
        self.steps = zip(modes, steps).map { ($0, $1) }
    }

    /// How near each mode comes to what the machine can do, what its layers take, and how its products are computed, in
    /// lines.
    package func explanation() throws(EngineError) -> String {
        let rates = try MachineRates()
        var blocks = [TrainBenchmark.text(of: rates)]
        for ((mode, steps), time) in zip(steps, least) {
            let bound = StepBound(
                analysis, batch: batch, isQuantized: mode == .quantized, choices: steps.choices, rates: rates)
            let kernels = steps.measureKernels()
            try steps.run(TrainBenchmark.measuredSteps)
            blocks += [
                "\(mode)", bound.text(step: time), LayerTimes(kernels, steps.choices).text,
                ProductExplanation(steps.choices).text(rates: rates),
            ]
        }
        return blocks.joined(separator: "\n\n")
    }

    /// The steps in which each layer is measured.
    private static let measuredSteps = 9

    private static func text(of rates: MachineRates) -> String {
        let products = ProductFactors.allCases.compactMap { factors in
            rates.operations[factors].map { "\(Figures.threeDigits($0 / 1e9)) G/s with \(factors.title)" }
        }
        return "all threads multiply and sum " + products.joined(separator: ", ")
            + "; a copy reads and writes \(Figures.threeDigits(rates.bytes / 1e9)) GB/s"
    }

    /// The time of a quantized step over that of a float one, where both were measured.
    private var ratio: Double? {
        let found = times.milliseconds
        return found.count == Mode.allCases.count ? found[1].value / found[0].value : nil
    }

    package var json: JSON {
        var members = times.members(batch, per: "Step", of: "Images")
        if let ratio { members.append(.init("ratio", .number(ratio))) }
        members.append(.init("peakBytes", .integer(peakBytes)))
        return .object(members)
    }

    package var text: String {
        var lines = times.lines(batch, per: "step", of: "images")
        if let ratio { lines.append("ratio       \(Figures.threeDigits(ratio))") }
        lines.append("memory      \(peakBytes >> 20) MiB at most")
        return lines.joined(separator: "\n")
    }
}

extension ProductFactors {
    fileprivate var title: String {
        switch self {
        case .single: "single precision"
        case .bfloat: "bfloat16"
        case .codes: "codes"
        }
    }
}
