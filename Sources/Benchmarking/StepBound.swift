import Editing
import Graph
import QAT

/// The least time that this machine needs for a step of training: its products at the rate of the best product, and its
/// tensors at the rate of a copy. A product that Winograd's sums compute counts with their multiplications.
///
/// A tensor is written and read once in the forward pass, in bytes where it lies on a grid of at most 8 bits, and read once
/// more in the backward pass, which writes and reads its gradient in single precision.
struct StepBound {
    /// Milliseconds.
    let products: Double
    let memory: Double

    var milliseconds: Double { products + memory }

    /// A line; `step` is the least time that a step took, in milliseconds.
    func text(step: Double) -> String {
        let numbers = [milliseconds, products, memory].map(Figures.threeDigits)
        return "a step needs at least \(numbers[0]) ms: products \(numbers[1]), memory \(numbers[2]); "
            + "it took \(Figures.threeDigits(step)), so that \(Figures.threeDigits(100 * milliseconds / step)) % of the bound is reached"
    }

    /// Of a network whose products are computed as `choices` says.
    init(
        _ analysis: Analysis, batch: Int, isQuantized: Bool, choices: [ProductChoice], rates: MachineRates
    ) {
        products =
            1000
            * choices.reduce(0) { sum, choice in
                let rate = rates.operations[choice.factors] ?? rates.operations[.single] ?? .infinity
                return sum + choice.leastOperations / rate
            }
        var bytes = 0.0
        for (index, node) in analysis.network.nodes.enumerated() where !node.kind.passesOn {
            guard let shape = analysis.shapes.output(index) else { continue }
            let signal = analysis.facts.nodes[index].output
            let width: Double = isQuantized && signal.bits <= 8 ? 1 : 4
            bytes += Double(batch * shape.elements) * (3 * width + 2 * 4)
        }
        memory = 1000 * bytes / rates.bytes
    }
}
