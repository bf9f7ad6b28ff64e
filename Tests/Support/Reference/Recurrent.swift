import Graph

extension LSTM: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let sequence = useSqueeze ? pass.tape.squeezed(inputs[0]) : inputs[0]
        let grid = pass.output.map { StateGrid(bits: $0.bits, family: pass.family) }
        let runs = (bidirectional ? ["forward", "backward"] : ["forward"]).map { direction in
            run(sequence, direction, grid, in: &pass)
        }
        if let grid {
            let products = pass.tape.concatenate(runs.map(\.products))
            pass.unrounded[pass.layer] = products.values.map(grid.unrounded)
        }
        let features = pass.tape.concatenate(runs.map(\.features))
        guard returnsStates else { return [features] }
        return [
            features, pass.tape.concatenate(runs.map(\.last.hidden)),
            pass.tape.concatenate(runs.map(\.last.cell)),
        ]
    }

    /// What one direction gives: the hidden states in the order of the sequence, the same before their last
    /// rounding, and the states after the last step.
    private struct Run {
        let features: ReferenceTensor
        let products: ReferenceTensor
        let last: (hidden: ReferenceTensor, cell: ReferenceTensor)
    }

    private func run(
        _ sequence: ReferenceTensor, _ direction: String, _ grid: StateGrid?, in pass: inout ReferencePass
    ) -> Run {
        let (batch, length) = (sequence.shape[0], sequence.shape[1])
        let weight = pass.weight("\(direction).weight", channels: 1, quantizers)
        let bias = pass.parameter("\(direction).bias")
        let zeros = [Double](repeating: grid?.firstState ?? 0, count: batch * hiddenSize)
        var hidden = pass.tape.leaf(zeros, [batch, hiddenSize])
        var cell = hidden
        let order = direction == "forward" ? Array(0..<length) : (0..<length).reversed()
        var features = [ReferenceTensor](repeating: hidden, count: length)
        var products = features
        for time in order {
            let read = pass.tape.concatenate([pass.tape.step(time, of: sequence), hidden])
            let sum = pass.tape.multiply(read, byMatrix: weight)
            let biased = bias.map { pass.tape.add(sum, channelwise: $0) } ?? sum
            let gates = (0..<4).map {
                pass.tape.channels($0 * hiddenSize..<($0 + 1) * hiddenSize, of: biased)
            }
            (hidden, cell, products[time]) =
                grid.map { pass.tape.quantizedCell(gates, cell, $0) } ?? pass.tape.cell(gates, cell)
            features[time] = hidden
        }
        return Run(
            features: pass.tape.stack(features), products: pass.tape.stack(products), last: (hidden, cell))
    }
}

/// The codes inside a quantized LSTM (docs/arithmetic.md, LSTM).
struct StateGrid: Hashable, Sendable {
    /// Bits of every value of the cell.
    let bits: Int
    /// Where zero lies.
    let family: ArithmeticFamily

    /// The steps from 0 to 1 of a gate, and on the SIMD family of a state.
    fileprivate var steps: Double { Double(family == .npu ? 1 << bits - 1 : 1 << (bits - 1) - 1) }
    /// The value of the states before the first step: code 0.
    var firstState: Double { family == .npu ? -1 : 0 }

    /// A gate, in 0 ... 1.
    func gate(_ value: Double) -> Double { ReferenceRounding.r(min(max(value, 0), 1) * steps) / steps }

    /// A state's value in code units, just before it is rounded.
    func unrounded(_ value: Double) -> Double {
        let clamped = min(max(value, -1), 1)
        return family == .npu ? (clamped + 1) / 2 * steps : clamped * steps
    }

    /// A signed value, in -1 ... 1.
    func state(_ value: Double) -> Double {
        switch family {
        case .npu: 2 * ReferenceRounding.r(unrounded(value)) / steps - 1
        case .simd: ReferenceRounding.rs(unrounded(value)) / steps
        }
    }
}

extension ReferenceTape {
    fileprivate typealias Cell = (hidden: ReferenceTensor, cell: ReferenceTensor, product: ReferenceTensor)

    /// One step in float: gates input, forget, cell, output, before their activations.
    fileprivate mutating func cell(_ gates: [ReferenceTensor], _ cell: ReferenceTensor) -> Cell {
        let input = gate(gates[0])
        let forget = gate(gates[1])
        let candidate = rational(gates[2])
        let output = gate(gates[3])
        let next = add(multiply(forget, cell), multiply(input, candidate))
        let hidden = multiply(output, rational(next))
        return (hidden, next, hidden)
    }

    /// One step on the codes of a grid.
    fileprivate mutating func quantizedCell(
        _ gates: [ReferenceTensor], _ cell: ReferenceTensor, _ grid: StateGrid
    ) -> Cell {
        let input = quantizedGate(gates[0], grid)
        let forget = quantizedGate(gates[1], grid)
        let candidate = quantizedState(clamp(rational(gates[2]), to: -1...1), grid)
        let output = quantizedGate(gates[3], grid)
        let kept = quantizedState(multiply(forget, cell), grid)
        let added = quantizedState(multiply(input, candidate), grid)
        let half = map(add(kept, added)) {
            $0 / 2
        } slope: { _ in
            0.5
        }
        let next = quantizedState(half, grid)
        let bounded = quantizedState(clamp(rational(next), to: -1...1), grid)
        let product = multiply(output, bounded)
        return (quantizedState(product, grid), next, product)
    }

    /// The hard sigmoid of the gates.
    private mutating func gate(_ sum: ReferenceTensor) -> ReferenceTensor {
        clamp(
            map(sum) {
                ($0 + 3) / 6
            } slope: { _ in
                1.0 / 6
            }, to: 0...1)
    }

    /// T(x) = x (27 + x^2) / (27 + 9 x^2), in place of the hyperbolic tangent.
    private mutating func rational(_ input: ReferenceTensor) -> ReferenceTensor {
        map(input) {
            $0 * (27 + $0 * $0) / (27 + 9 * $0 * $0)
        } slope: {
            let (square, below) = ($0 * $0, 27 + 9 * $0 * $0)
            return ((27 + 3 * square) * below - (27 + square) * 18 * square) / (below * below)
        }
    }

    /// A gate on its grid; a gate always lies in the range, so that the gradient passes.
    private mutating func quantizedGate(_ sum: ReferenceTensor, _ grid: StateGrid) -> ReferenceTensor {
        let open = sum.values.map { ($0 + 3) / 6 }
        note(
            unrounded: open.map { min(max($0, 0), 1) * grid.steps },
            fromEnd: open.map { min(abs($0), abs($0 - 1)) * grid.steps })
        return map(gate(sum), grid.gate) { _ in 1 }
    }

    /// A signed value on its grid; the gradient passes inside the range, both ends included.
    private mutating func quantizedState(_ input: ReferenceTensor, _ grid: StateGrid) -> ReferenceTensor {
        note(
            unrounded: input.values.map(grid.unrounded),
            fromEnd: input.values.map { abs(abs($0) - 1) * grid.steps })
        return map(input, grid.state) { abs($0) <= 1 ? 1 : 0 }
    }

    /// A map of height 1 as a sequence: its columns are the steps, its channels the features.
    fileprivate mutating func squeezed(_ input: ReferenceTensor) -> ReferenceTensor {
        let (batch, channels, width) = (input.shape[0], input.shape[1], input.shape[3])
        let indices = (0..<batch).flatMap { sample in
            (0..<width).flatMap { column in
                (0..<channels).map { Int?((sample * channels + $0) * width + column) }
            }
        }
        return gather(input, indices, [batch, width, channels])
    }

    /// One step of a sequence, as vectors.
    fileprivate mutating func step(_ time: Int, of sequence: ReferenceTensor) -> ReferenceTensor {
        let (batch, length, features) = (sequence.shape[0], sequence.shape[1], sequence.shape[2])
        let indices = (0..<batch).flatMap { sample in
            (0..<features).map { Int?((sample * length + time) * features + $0) }
        }
        return gather(sequence, indices, [batch, features])
    }

    /// The vectors of all steps, as a sequence.
    fileprivate mutating func stack(_ steps: [ReferenceTensor]) -> ReferenceTensor {
        reshape(concatenate(steps), to: [steps[0].shape[0], steps.count, steps[0].shape[1]])
    }
}
