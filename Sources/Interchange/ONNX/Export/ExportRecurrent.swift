import Graph
import QAT

// An LSTM step by step, as its cell is none of ONNX's.
extension ExportRun {
    func recurrent(_ settings: LSTM, _ value: String) throws(ONNXError) {
        var sequence = value
        if settings.useSqueeze {
            let flat = writer.add("Squeeze", [value, writer.integers([2])])
            sequence = writer.add("Transpose", [flat], [.integers("perm", [0, 2, 1])])
        }
        guard case .sequence(let length, _) = outputs[0] else { return }
        let parts = (0..<length).map { "\(node.name)/step\($0)" }
        let pieces =
            length == 1
            ? [sequence]
            : writer.add(
                "Split", [sequence, writer.integers([Int](repeating: 1, count: length))],
                [.integer("axis", 1)], outputs: parts)
        let steps = pieces.map { writer.add("Squeeze", [$0, writer.integers([1])]) }
        var features: [String] = []
        var hiddens: [String] = []
        var cells: [String] = []
        for direction in settings.bidirectional ? ["forward", "backward"] : ["forward"] {
            let isReversed = direction == "backward"
            var run = try cell(
                direction, settings, isReversed ? steps.reversed() : steps)
            hiddens.append(run.hidden[length - 1])
            cells.append(run.cell)
            if isReversed { run.hidden.reverse() }
            let rows = run.hidden.map { writer.add("Unsqueeze", [$0, writer.integers([1])]) }
            features.append(rows.count == 1 ? rows[0] : writer.add("Concat", rows, [.integer("axis", 1)]))
        }
        _ = joined(features, axis: 2, into: node.name)
        guard settings.returnsStates else { return }
        _ = joined(hiddens, axis: 1, into: Source(node.name, output: 1).description)
        _ = joined(cells, axis: 1, into: Source(node.name, output: 2).description)
    }

    private func joined(_ parts: [String], axis: Int, into output: String) -> String {
        parts.count == 1
            ? named(parts[0], output) : writer.add("Concat", parts, [.integer("axis", axis)], into: output)
    }

    /// One direction: the hidden states in the order of its steps, and the last cell state.
    private func cell(
        _ direction: String, _ settings: LSTM, _ steps: [String]
    ) throws(ONNXError) -> (hidden: [String], cell: String) {
        let size = settings.hiddenSize
        let weight = writer.add(
            "Transpose", [try weight("\(direction).weight", isPerTensor: true)], [.integers("perm", [1, 0])])
        let halves = writer.add(
            "Split", [weight, writer.integers([input.channels, size])], [.integer("axis", 0)],
            outputs: ["\(node.name)/\(direction).input", "\(node.name)/\(direction).state"])
        let bias = settings.bias ? parameter("\(direction).bias") : nil
        let start: Float = !signal.isFloat && family == .npu ? -1 : 0
        var hidden = writer.floats(
            "start{\(size),\(start)}", [Float](repeating: start, count: size), dims: [1, size])
        // Where the cell is quantized, gates and states are whole steps, as in training: a half of one is exactly a half.
        let first = signal.isFloat ? start : start * levels
        var cell = writer.floats(
            "start{\(size),\(first)}", [Float](repeating: first, count: size), dims: [1, size])
        var states: [String] = []
        for (number, step) in steps.enumerated() {
            var sums = writer.add("MatMul", [step, halves[0]])
            if let bias { sums = writer.add("Add", [sums, bias]) }
            sums = writer.add("Add", [sums, writer.add("MatMul", [hidden, halves[1]])])
            let gates = writer.add(
                "Split", [sums, writer.integers([size, size, size, size])], [.integer("axis", 1)],
                outputs: ["i", "f", "g", "o"].map { "\(node.name)/\(direction).\(number).\($0)" })
            let input = gate(gates[0])
            let forget = gate(gates[1])
            let fresh = bent(gates[2])
            let output = gate(gates[3])
            let kept = gated(forget, cell)
            let added = gated(input, fresh)
            cell = writer.add("Add", [kept, added])
            if !signal.isFloat {
                cell = onGrid(writer.add("Mul", [cell, writer.scalar(0.5)]))
            }
            hidden = inUnits(gated(output, bent(inUnits(cell))))
            states.append(hidden)
        }
        return (states, inUnits(cell))
    }

    private var levels: Float {
        Float(QuantizationGrid(bits: signal.bits, isSigned: true, on: family).codes.upperBound)
    }

    /// Whole steps as what they stand for.
    private func inUnits(_ steps: String) -> String {
        signal.isFloat ? steps : writer.add("Div", [steps, writer.scalar(levels)])
    }

    /// (z + 3) / 6 held to 0 ... 1; in whole steps where the cell is quantized.
    private func gate(_ sum: String) -> String {
        let open = writer.add("HardSigmoid", [sum], [.number("alpha", 1 / 6), .number("beta", 0.5)])
        return signal.isFloat
            ? open : writer.add("Round", [writer.add("Mul", [open, writer.scalar(levels)])])
    }

    /// x (27 + x^2) / (27 + 9 x^2); held to -1 ... 1 and in whole steps where the cell is quantized.
    private func bent(_ value: String) -> String {
        let square = writer.add("Mul", [value, value])
        let above = writer.add("Mul", [value, writer.add("Add", [square, writer.scalar(27)])])
        let below = writer.add(
            "Add", [writer.add("Mul", [square, writer.scalar(9)]), writer.scalar(27)])
        let bent = writer.add("Div", [above, below])
        guard !signal.isFloat else { return bent }
        let held = writer.add("Clip", [bent, writer.scalar(-1), writer.scalar(1)])
        return onGrid(writer.add("Mul", [held, writer.scalar(levels)]))
    }

    /// The product of a gate and a state.
    private func gated(_ gate: String, _ state: String) -> String {
        let product = writer.add("Mul", [gate, state])
        return signal.isFloat ? product : onGrid(inUnits(product))
    }

    /// Steps on the grid of states.
    private func onGrid(_ steps: String) -> String {
        guard family == .npu else { return writer.add("Round", [steps]) }
        // Odd steps: moved above zero, halved, rounded, and back.
        let moved = writer.add(
            "Mul", [writer.add("Add", [steps, writer.scalar(levels)]), writer.scalar(0.5)])
        let doubled = writer.add("Mul", [writer.add("Round", [moved]), writer.scalar(2)])
        return writer.add("Sub", [doubled, writer.scalar(levels)])
    }
}
