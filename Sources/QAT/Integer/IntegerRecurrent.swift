import CKernels
import Foundation
import Graph

/// One direction of an LSTM in integers.
///
/// Gate sums have two accumulators, for the input and for the state before, because their grids differ; each is multiplied
/// by its own constant into one fixed-point number z, and the bias is added there (both constants and the bias are rounded
/// to nearest, as Requantizer does). Gates and the new value are monotone functions of z: their codes are the number of
/// thresholds that z has reached, each where R changes, rounded up. T of the cell is a table over its codes. Products of
/// codes and the half of their sum are rounded by R of an exact quotient: no constant is rounded there.
final class IntegerLSTM: IntegerForm {
    /// The sums of one product: activations or states against their part of the weights.
    final class Sums {
        var product: ck_integer_product
        let weights: [Int16]
        var scratch: [Int16]
        let values: UnsafeMutablePointer<Int32>
        let count: Int

        /// `weights` has a row of `columns` for each of `rows` results.
        init(images: Int, columns: Int, rows: Int, weights: [Int16], block: Int) {
            product = ck_integer_product()
            product.window = ck_window(
                batch: Int64(images), channels: Int64(columns), in_height: 1, in_width: 1, out_height: 1,
                out_width: 1, kernel_height: 1, kernel_width: 1, stride: 1, top: 0, left: 0, pad: 0, steps: 0)
            (product.groups, product.dilation, product.out_channels) = (1, 1, Int64(rows))
            product.block = Int64(block)
            self.weights = weights
            scratch = [Int16](repeating: 0, count: Int(ck_integer_scratch(&product)))
            count = images * rows
            values = .allocate(capacity: count)
            values.initialize(repeating: 0, count: count)
        }

        deinit { values.deallocate() }

        func run(_ input: ck_steps) -> Int {
            var input = input
            return Int(ck_integer_sums(&product, 0, &input, weights, &scratch, values))
        }
    }

    let inputs: [IntegerValues]
    let outputs: [IntegerValues]
    private let kernel: LSTMKernel
    private let cell: IntegerCell
    private let features, states: Sums
    private let biases: [Int64]
    private let multipliers: [(feature: Int64, state: Int64)]
    private(set) var accumulator: IntegerReport.Accumulator?
    /// By place in the output: the smallest distance of what decided it from a boundary.
    private var distances: [Double]

    init(
        _ kernel: LSTMKernel, input: IntegerValues, outputs: [IntegerValues], weights: [Int16],
        units: [Double], largest: Int
    ) throws(NoIntegerForm) {
        self.kernel = kernel
        inputs = [input]
        self.outputs = outputs
        let (hidden, width) = (kernel.hidden, kernel.features)
        let levels = Int(kernel.cell.levels)
        let columns = width + hidden
        let rows = 4 * hidden
        guard columns * max(input.bound, levels) * largest <= Int(Int32.max) / 2 else {
            throw NoIntegerForm("the sums of its gates do not fit 32 bits")
        }
        func part(_ range: Range<Int>) -> [Int16] {
            (0..<rows).flatMap { row in range.map { weights[row * columns + $0] } }
        }
        features = Sums(
            images: kernel.batch * kernel.length, columns: width, rows: rows, weights: part(0..<width),
            block: columns)
        states = Sums(
            images: kernel.batch, columns: hidden, rows: rows, weights: part(width..<columns), block: columns)
        let biases = (0..<rows).map { Double(kernel.bias?.values[$0] ?? 0) }
        let scales = units.map { (feature: $0 / input.levels, state: $0 / Double(levels)) }
        guard
            let shift = Requantizer.shift(
                scale: scales.map { max($0.feature, $0.state) }.max() ?? 0,
                offset: biases.map(abs).max() ?? 0, levels: 4)
        else { throw NoIntegerForm("the sums of its gates have no multiplier of 31 bits") }
        let unit = scalbn(1, shift)
        multipliers = scales.map {
            (Int64(held: ($0.feature * unit).rounded()), Int64(held: ($0.state * unit).rounded()))
        }
        self.biases = biases.map { Int64(held: ($0 * unit).rounded()) }
        cell = IntegerCell(levels: levels, isNPU: kernel.cell.grid == Int32(CK_SIGNED_NPU), shift: shift)
        accumulator = IntegerReport.Accumulator(peak: 0, bound: IntegerReport.Accumulator.bits32)
        distances = []
    }

    func run() { run(isLocal: false) }

    func runLocally() {
        distances = [Double](repeating: .infinity, count: outputs[0].count)
        run(isLocal: true)
    }

    private func run(isLocal: Bool) {
        let (batch, hidden, length) = (kernel.batch, kernel.hidden, kernel.length)
        accumulator?.raise(to: features.run(inputs[0].view))
        let first = Int32(kernel.first * kernel.cell.levels)
        var state = [Int32](repeating: first, count: batch * hidden)
        var cells = state
        let width = kernel.output.shape.channels
        for step in 0..<length {
            if isLocal { kernel.loadStates(before: step, hidden: &state, cell: &cells) }
            let peak = state.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { states.run(ck_steps(numbers: $0, stride: 0, zero: 0)) } ?? 0
            }
            accumulator?.raise(to: peak)
            for sample in 0..<batch {
                let row = sample * length + kernel.time(step)
                for unit in 0..<hidden {
                    let place = sample * hidden + unit
                    let gates = (0..<4).map { gate -> IntegerCell.Sum in
                        let index = gate * hidden + unit
                        let feature = Int64(features.values[row * 4 * hidden + index])
                        let before = Int64(states.values[sample * 4 * hidden + index])
                        let multiplier = multipliers[index]
                        return IntegerCell.Sum(
                            value: feature * multiplier.feature + before * multiplier.state + biases[index],
                            slack: (abs(feature) + abs(before)) / 2 + 1)
                    }
                    let after = cell.step(gates, cell: Int(cells[place]))
                    (cells[place], state[place]) = (Int32(after.cell), Int32(after.state))
                    let target = row * width + kernel.column + unit
                    outputs[0][target] = state[place]
                    if isLocal { distances[target] = cell.distanceToBoundary(gates, cell: after.cell) }
                }
            }
        }
        for (target, source) in zip(outputs.dropFirst(), [state, cells]) {
            for place in source.indices {
                target[place / hidden * width + kernel.column + place % hidden] = source[place]
            }
        }
    }

    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double? {
        let width = kernel.output.shape.channels
        guard kernel.column..<kernel.column + kernel.hidden ~= element % width else { return nil }
        if output === outputs[0] { return distances[element] }
        // The states of the last step.
        let row = element / width * kernel.length + kernel.time(kernel.length - 1)
        return distances[row * width + element % width]
    }
}

extension LSTMKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        guard cell.grid != Int32(CK_FLOAT) else { throw NoIntegerForm("its cells are not quantized") }
        let levels = Int(cell.levels)
        let results = ([output] + (states.map { [$0.hidden, $0.cell] } ?? [])).map {
            tensors.make(
                $0, levels: Double(levels), stride: cell.grid == Int32(CK_SIGNED_NPU) ? 2 : 1, bound: levels)
        }
        let steps = try tensors.steps(of: input)
        guard steps.bound <= Int(Int16.max) else {
            throw NoIntegerForm("it reads steps up to \(steps.bound), more than 16 bits")
        }
        let (weights, units) = try quantizer.integerSteps(of: weight, rows: weight.shape[0], partials)
        return try IntegerLSTM(
            self, input: steps, outputs: results, weights: weights, units: units,
            largest: quantizer.grid.levels)
    }

    /// The steps of the training arithmetic's states before a step; axes batch, hidden.
    func loadStates(before step: Int, hidden: inout [Int32], cell: inout [Int32]) {
        let state = batch * self.hidden
        for place in 0..<state {
            hidden[place] = Int32(held: (hiddens.floats[step * state + place] * self.cell.levels).rounded())
            cell[place] = Int32(held: (cells.floats[step * state + place] * self.cell.levels).rounded())
        }
    }
}

/// Rows of a table of codes. They are quantized when the network is prepared, as training quantizes them.
final class IntegerEmbedding: IntegerForm {
    let inputs: [IntegerValues]
    let outputs: [IntegerValues]
    private let table: [Int32]
    private let entries, features: Int

    init(_ inputs: [IntegerValues], output: IntegerValues, table: [Int32], entries: Int) {
        self.inputs = inputs
        outputs = [output]
        self.table = table
        self.entries = entries
        features = table.count / entries
    }

    func run() {
        let width = outputs[0].tensor.shape.channels
        for (part, input) in inputs.enumerated() {
            for (row, step) in input.array.enumerated() {
                let index = Int(held: (Double(step) / input.levels).rounded(.toNearestOrEven))
                let start = min(max(index, 0), entries - 1) * features
                var output = outputs[0].view
                table.withUnsafeBufferPointer { table in
                    guard let rows = table.baseAddress else { return }
                    ck_steps_write(
                        &output, Int64(row * width + part * features), Int64(features), rows + start)
                }
            }
        }
    }
}

extension EmbeddingKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        guard let target = tensors.codes(output) else { throw NoIntegerForm("its rows are not quantized") }
        var inputs: [IntegerValues] = []
        for input in self.inputs { inputs.append(try tensors.steps(of: input)) }
        let entries = weight.shape[0]
        var values = [Float](repeating: 0, count: weight.count)
        ck_look_up(
            weight.values, Int64(entries), Int64(features), (0..<entries).map { Float($0) }, Int64(entries),
            EmbeddingKernel.clip, levels, &values, Int64(features))
        var table = values.map { Int32(held: ($0 * levels).rounded()) }
        if padding >= 0 {
            for index in padding * features..<(padding + 1) * features { table[index] = 0 }
        }
        return IntegerEmbedding(inputs, output: target, table: table, entries: entries)
    }
}
