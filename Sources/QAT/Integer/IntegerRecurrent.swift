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
    private struct Sums {
        let input: IntegerValues
        let form: any IntegerSums
        let values: Buffer
        let rows: Int

        /// `weights` has a row for each of `rows` results.
        init(
            _ tensors: IntegerTensors, layer: String, _ input: IntegerValues, images: Int, rows: Int,
            weights: [Int16], largest: Int
        ) {
            var product = ck_integer_product()
            product.window = ck_window(
                batch: Int64(images), channels: Int64(weights.count / rows), in_height: 1, in_width: 1,
                out_height: 1, out_width: 1, kernel_height: 1, kernel_width: 1, stride: 1, top: 0, left: 0,
                pad: 0, steps: 0)
            product.groups = 1
            product.dilation = 1
            product.out_channels = Int64(rows)
            product.block = product.window.channels
            form =
                ByteSums(
                    tensors, layer: layer, product, input: input, weights: weights, largestWeight: largest)
                ?? PlainSums(tensors, product, weights: weights)
            values = tensors.buffer(bytes: 4 * images * rows)
            self.input = input
            self.rows = rows
        }

        /// Fills the values; gives the largest magnitude.
        func run() throws(EngineError) -> Int {
            var end = ck_integer_end()
            end.period = Int64(rows)
            end.sums = values.words32
            return Int(try form.run(input, into: &end))
        }
    }

    let inputs: [IntegerValues]
    let outputs: [IntegerValues]
    private let kernel: LSTMKernel
    private let cell: IntegerCell
    private let features, states: Sums
    private let state: IntegerValues
    /// By gate and unit: what sums of features and of states are multiplied with, and the biases.
    private let featureMultipliers, stateMultipliers, biases: [Int64]
    private(set) var accumulator: IntegerReport.Accumulator?
    /// By place in the output: the smallest distance of what decided it from a boundary.
    private var distances: [Double]

    init(
        _ tensors: IntegerTensors, _ kernel: LSTMKernel, input: IntegerValues, outputs: [IntegerValues],
        weights: [Int16], units: [Double], largest: Int
    ) throws(NoIntegerForm) {
        self.kernel = kernel
        inputs = [input]
        self.outputs = outputs
        let hidden = kernel.hidden
        let width = kernel.features
        let levels = Int(kernel.cell.levels)
        let columns = width + hidden
        let rows = 4 * hidden
        guard columns * max(input.bound, levels) * largest <= Int(Int32.max) / 2 else {
            throw NoIntegerForm("the sums of its gates do not fit 32 bits")
        }
        func part(_ range: Range<Int>) -> [Int16] {
            (0..<rows).flatMap { row in range.map { weights[row * columns + $0] } }
        }
        let first = Int(kernel.first * kernel.cell.levels)
        let bytes = outputs[0].bytes
        let stateBytes = bytes?.hold(first) == true ? bytes : nil
        let states = kernel.batch * hidden
        state = IntegerValues(
            kernel.output, count: states, levels: Double(levels), stride: outputs[0].stride, bound: levels,
            bytes: stateBytes, buffer: tensors.buffer(bytes: stateBytes == nil ? 4 * states : states))
        features = Sums(
            tensors, layer: kernel.layer, input, images: kernel.batch * kernel.length, rows: rows,
            weights: part(0..<width), largest: largest)
        self.states = Sums(
            tensors, layer: kernel.layer, state, images: kernel.batch, rows: rows,
            weights: part(width..<columns), largest: largest)
        let biases = (0..<rows).map { Double(kernel.bias?.values[$0] ?? 0) }
        let scales = units.map { (feature: $0 / input.levels, state: $0 / Double(levels)) }
        guard
            let shift = Requantizer.shift(
                scale: scales.map { max($0.feature, $0.state) }.max() ?? 0,
                offset: biases.map(abs).max() ?? 0, levels: 4)
        else { throw NoIntegerForm("the sums of its gates have no multiplier of 31 bits") }
        let unit = scalbn(1, shift)
        featureMultipliers = scales.map { Int64(held: ($0.feature * unit).rounded()) }
        stateMultipliers = scales.map { Int64(held: ($0.state * unit).rounded()) }
        self.biases = biases.map { Int64(held: ($0 * unit).rounded()) }
        cell = IntegerCell(levels: levels, isNPU: kernel.cell.grid == Int32(CK_SIGNED_NPU), shift: shift)
        accumulator = IntegerReport.Accumulator(peak: 0, bound: IntegerReport.Accumulator.bits32)
        distances = []
    }

    func run() throws(EngineError) { try run(isLocal: false) }

    func runLocally() throws(EngineError) {
        distances = [Double](repeating: .infinity, count: outputs[0].count)
        try run(isLocal: true)
    }

    private func run(isLocal: Bool) throws(EngineError) {
        let batch = kernel.batch
        let hidden = kernel.hidden
        let length = kernel.length
        accumulator?.raise(to: try features.run())
        let first = Int32(kernel.first * kernel.cell.levels)
        var hiddens = [Int32](repeating: first, count: batch * hidden)
        var cells = hiddens
        for step in 0..<length {
            if isLocal { kernel.loadStates(before: step, hidden: &hiddens, cell: &cells) }
            var view = state.view
            ck_steps_write(&view, 0, Int64(hiddens.count), hiddens)
            accumulator?.raise(to: try states.run())
            advance(kernel.time(step), &hiddens, &cells)
            write(hiddens, to: outputs[0], row: kernel.time(step), of: length)
            if isLocal { measure(kernel.time(step), cells) }
        }
        for (target, source) in zip(outputs.dropFirst(), [hiddens, cells]) {
            write(source, to: target, row: 0, of: 1)
        }
    }

    /// One step of all samples.
    private func advance(_ time: Int, _ hiddens: inout [Int32], _ cells: inout [Int32]) {
        let rows = 4 * kernel.hidden
        cell.withDescription { description in
            featureMultipliers.withUnsafeBufferPointer { features in
                stateMultipliers.withUnsafeBufferPointer { states in
                    biases.withUnsafeBufferPointer { biases in
                        cells.withUnsafeMutableBufferPointer { cells in
                            hiddens.withUnsafeMutableBufferPointer { hiddens in
                                var step = ck_integer_cells(
                                    cell: description, batch: Int64(kernel.batch),
                                    hidden: Int64(kernel.hidden), stride: Int64(kernel.length * rows),
                                    features: self.features.values.words32 + time * rows,
                                    states: self.states.values.words32,
                                    feature_multipliers: features.baseAddress,
                                    state_multipliers: states.baseAddress, biases: biases.baseAddress,
                                    cells: cells.baseAddress, hiddens: hiddens.baseAddress)
                                ck_integer_cells_step(&step)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Puts a row of steps of each sample into its place of an output with so many rows a sample.
    private func write(_ steps: [Int32], to output: IntegerValues, row: Int, of rows: Int) {
        var view = output.view
        let hidden = kernel.hidden
        let width = kernel.output.shape.channels
        steps.withUnsafeBufferPointer { steps in
            guard let start = steps.baseAddress else { return }
            for sample in 0..<kernel.batch {
                let place = (sample * rows + row) * width + kernel.column
                ck_steps_write(&view, Int64(place), Int64(hidden), start + sample * hidden)
            }
        }
    }

    /// How far what decided a step's results lies from boundaries.
    private func measure(_ time: Int, _ cells: [Int32]) {
        let hidden = kernel.hidden
        let rows = 4 * kernel.hidden
        for sample in 0..<kernel.batch {
            let row = sample * kernel.length + time
            for unit in 0..<hidden {
                let gates = (0..<4).map { gate -> IntegerCell.Sum in
                    let index = gate * hidden + unit
                    let feature = Int64(features.values.words32[row * rows + index])
                    let before = Int64(states.values.words32[sample * rows + index])
                    return IntegerCell.Sum(
                        value: feature * featureMultipliers[index] + before * stateMultipliers[index]
                            + biases[index],
                        slack: (abs(feature) + abs(before)) / 2 + 1)
                }
                distances[row * kernel.output.shape.channels + kernel.column + unit] =
                    cell.distanceToBoundary(gates, cell: Int(cells[sample * hidden + unit]))
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
        let stride = cell.grid == Int32(CK_SIGNED_NPU) ? 2 : 1
        let bytes = 2 * levels / stride <= 255 ? StepBytes(stride: stride, zero: -levels) : nil
        let results = ([output] + (states.map { [$0.hidden, $0.cell] } ?? [])).map {
            tensors.make($0, levels: Double(levels), stride: stride, bound: levels, bytes: bytes)
        }
        let steps = try tensors.steps(of: input)
        guard steps.bound <= Int(Int16.max) else {
            throw NoIntegerForm("it reads steps up to \(steps.bound), more than 16 bits")
        }
        let (weights, units) = try quantizer.integerSteps(of: weight, rows: weight.shape[0], partials)
        return try IntegerLSTM(
            tensors, self, input: steps, outputs: results, weights: weights, units: units,
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
