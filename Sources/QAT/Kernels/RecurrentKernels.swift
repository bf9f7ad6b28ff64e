import CKernels
import Graph

/// One direction of an LSTM over a whole sequence.
final class LSTMKernel: Kernel {
    let layer: String
    let input: Tensor
    /// The activations of all directions; ours begin at `column`.
    let output: Tensor
    let states: (hidden: Tensor, cell: Tensor)?
    let column: Int
    private let isReversed: Bool
    let weight: ParameterView
    let bias: ParameterView?
    let quantizer: WeightQuantizer
    let partials: Builder.Partials
    private let target: GradientTarget?
    let batch, length, features, hidden: Int
    /// The value that states begin with.
    let first: Float
    private(set) var cell: ck_cell

    /// Time first: inputs, gate sums, hidden and cell states with the one before the first step.
    private let steps, sums: Buffer
    let hiddens, cells: Buffer
    private let plain: Buffer?
    private let stepGradients, stateGradient, cellGradient: Buffer?

    init(
        _ builder: Builder, layer: String, input: Tensor, output: Tensor,
        states: (hidden: Tensor, cell: Tensor)?, column: Int, isReversed: Bool, weight: ParameterView,
        bias: ParameterView?, quantizer: WeightQuantizer
    ) {
        self.layer = layer
        self.input = input
        self.output = output
        self.states = states
        self.column = column
        self.isReversed = isReversed
        self.weight = weight
        self.bias = bias
        self.quantizer = quantizer
        partials = builder.partials
        batch = builder.batch
        length = input.rows
        features = input.shape.channels
        hidden = weight.shape[0] / 4
        let grid =
            output.signal.isFloat
            ? nil : QuantizationGrid(bits: output.signal.bits, isSigned: true, on: builder.family)
        first = Float(grid?.zero ?? 0)
        // The highest code stands for 1: the lowest code of two's complement is not used.
        cell = ck_cell(
            batch: Int64(batch), hidden: Int64(hidden), grid: grid.kernelKind,
            levels: grid.map { Float($0.codes.upperBound) } ?? 1)
        target = builder.read(input, keeping: false)
        output.storage.gradient?.isNeeded(.backward(builder.next))
        states?.hidden.storage.gradient?.isNeeded(.backward(builder.next))
        states?.cell.storage.gradient?.isNeeded(.backward(builder.next))
        // A second direction fills the same tensors.
        output.storage.values.isNeeded(.forward(builder.next))
        states?.hidden.storage.values.isNeeded(.forward(builder.next))
        states?.cell.storage.values.isNeeded(.forward(builder.next))
        steps = builder.floats(length * batch * features, .both)
        sums = builder.floats(length * batch * 4 * hidden, .both)
        hiddens = builder.floats((length + 1) * batch * hidden, .both)
        cells = builder.floats((length + 1) * batch * hidden, .both)
        plain = quantizer.isFloat ? nil : builder.floats(weight.count, .both)
        if builder.isTraining {
            stepGradients = builder.floats(length * batch * features, .backward)
            stateGradient = builder.floats(batch * hidden, .backward)
            cellGradient = builder.floats(batch * hidden, .backward)
        } else {
            stepGradients = nil
            stateGradient = nil
            cellGradient = nil
        }
        builder.needsPartials(2, extra: 2 * weight.shape[0])
    }

    private var inputs: Int { features + hidden }
    private var weights: UnsafeMutablePointer<Float> { plain?.floats ?? weight.values }
    /// The weights of the input, and those of the state before.
    private var inputWeights: MatrixView { MatrixView(address: weights, stride: inputs) }
    private var stateWeights: MatrixView { MatrixView(address: weights + features, stride: inputs) }

    /// The place in the sequence of the step that runs as number `step`.
    func time(_ step: Int) -> Int { isReversed ? length - 1 - step : step }

    func forward(_ pass: Pass) throws(EngineError) {
        if let plain {
            var grid = quantizer.grid(rows: weight.shape[0], count: weight.count)
            let fault = ck_quantize_weights(
                &grid, weight.values, plain.floats, nil, nil, nil, partials.doubles)
            guard fault < 0 else { throw .notFinite(layer: layer, what: "the scale of its weights") }
        }
        let state = batch * hidden
        for step in 0..<length {
            ck_copy_columns(
                input.values + time(step) * features, Int64(length * features),
                steps.floats + step * batch * features, Int64(features), Int64(features), Int64(batch), 0)
        }
        hiddens.floats.update(repeating: first, count: state)
        cells.floats.update(repeating: first, count: state)
        try fillSums()
        try multiply(
            MatrixView(address: steps.floats, stride: features), inputWeights.transposed,
            rows: length * batch,
            columns: 4 * hidden, inner: features, adds: true,
            into: MatrixView(address: sums.floats, stride: 4 * hidden), layer: layer)
        for step in 0..<length {
            let gates = sums.floats + step * batch * 4 * hidden
            if step > 0 {
                try multiply(
                    MatrixView(address: hiddens.floats + step * state, stride: hidden),
                    stateWeights.transposed, rows: batch, columns: 4 * hidden, inner: hidden, adds: true,
                    into: MatrixView(address: gates, stride: 4 * hidden), layer: layer)
            }
            let after = hiddens.floats + (step + 1) * state
            ck_cell_forward(
                &cell, gates, cells.floats + step * state, cells.floats + (step + 1) * state, after,
                Int64(hidden))
            let width = output.shape.channels
            ck_copy_columns(
                after, Int64(hidden), output.values + time(step) * width + column, Int64(length * width),
                Int64(hidden), Int64(batch), 0)
        }
        guard let states else { return }
        for (source, target) in [(hiddens, states.hidden), (cells, states.cell)] {
            ck_copy_columns(
                source.floats + length * state, Int64(hidden), target.values + column,
                Int64(target.shape.channels), Int64(hidden), Int64(batch), 0)
        }
    }

    /// Sets the sums to what is added to the products of the inputs: the bias, and in the first step the product of the state that
    /// all samples begin with.
    private func fillSums() throws(EngineError) {
        let row = sums.floats
        for index in 0..<length * batch {
            let target = row + index * 4 * hidden
            if let bias {
                target.update(from: bias.values, count: 4 * hidden)
            } else {
                target.update(repeating: 0, count: 4 * hidden)
            }
        }
        try multiply(
            MatrixView(address: hiddens.floats, stride: hidden), stateWeights.transposed, rows: 1,
            columns: 4 * hidden, inner: hidden, adds: true,
            into: MatrixView(address: row, stride: 4 * hidden), layer: layer)
        for sample in 1..<max(batch, 1) {
            (row + sample * 4 * hidden).update(from: row, count: 4 * hidden)
        }
    }

    func backward() throws(EngineError) {
        guard let stateGradient, let cellGradient, let stepGradients, let gradient = output.gradient else {
            return
        }
        let state = batch * hidden
        stateGradient.floats.update(repeating: 0, count: state)
        cellGradient.floats.update(repeating: 0, count: state)
        if let states {
            for (source, target) in [(states.hidden, stateGradient), (states.cell, cellGradient)] {
                guard let gradient = source.gradient else { continue }
                ck_copy_columns(
                    gradient + column, Int64(source.shape.channels), target.floats, Int64(hidden),
                    Int64(hidden), Int64(batch), 0)
            }
        }
        let width = output.shape.channels
        for step in (0..<length).reversed() {
            ck_copy_columns(
                gradient + time(step) * width + column, Int64(length * width), stateGradient.floats,
                Int64(hidden), Int64(hidden), Int64(batch), 1)
            let gates = sums.floats + step * batch * 4 * hidden
            ck_cell_backward(
                &cell, gates, cells.floats + step * state, cells.floats + (step + 1) * state,
                stateGradient.floats, cellGradient.floats)
            // Nothing is in front of the first step.
            guard step > 0 else { continue }
            try multiply(
                MatrixView(address: gates, stride: 4 * hidden), stateWeights, rows: batch, columns: hidden,
                inner: 4 * hidden, adds: false,
                into: MatrixView(address: stateGradient.floats, stride: hidden), layer: layer)
        }
        try backwardWeights(stepGradients)
    }

    /// `sums` hold their gradients now.
    private func backwardWeights(_ stepGradients: Buffer) throws(EngineError) {
        let gates = MatrixView(address: sums.floats, stride: 4 * hidden)
        let rows = length * batch
        if let gradient = weight.gradient {
            try multiply(
                gates.transposed, MatrixView(address: steps.floats, stride: features), rows: 4 * hidden,
                columns: features, inner: rows, adds: false,
                into: MatrixView(address: gradient, stride: inputs), layer: layer)
            try stateWeightGradient(into: MatrixView(address: gradient + features, stride: inputs))
        }
        if let gradient = bias?.gradient {
            gradient.update(repeating: 0, count: 4 * hidden)
            for row in 0..<rows {
                ck_add(sums.floats + row * 4 * hidden, gradient, Int64(4 * hidden))
            }
        }
        guard let target else { return }
        try multiply(
            gates, inputWeights, rows: rows, columns: features, inner: 4 * hidden, adds: false,
            into: MatrixView(address: stepGradients.floats, stride: features), layer: layer)
        for step in 0..<length {
            ck_copy_columns(
                stepGradients.floats + step * batch * features, Int64(features),
                target.address + time(step) * features, Int64(length * features), Int64(features),
                Int64(batch), target.addsFlag)
        }
    }
}

extension LSTMKernel {
    /// Sets the gradient of the state's weights. In the first step all states are one number, so that a gate has the same
    /// gradient for all of them: it is computed once.
    private func stateWeightGradient(into gradient: MatrixView) throws(EngineError) {
        let gates = MatrixView(address: sums.floats, stride: 4 * hidden)
        let states = MatrixView(address: hiddens.floats, stride: hidden)
        try multiply(
            gates.transposed, states, rows: 4 * hidden, columns: 1, inner: batch, adds: false, into: gradient,
            layer: layer)
        for gate in 0..<4 * hidden {
            let row = gradient.address + gate * inputs
            (row + 1).update(repeating: row[0], count: hidden - 1)
        }
        guard length > 1 else { return }
        try multiply(
            MatrixView(address: sums.floats + batch * 4 * hidden, stride: 4 * hidden).transposed,
            MatrixView(address: hiddens.floats + batch * hidden, stride: hidden), rows: 4 * hidden,
            columns: hidden, inner: (length - 1) * batch, adds: true, into: gradient, layer: layer)
    }
}

extension LSTMKernel: QuantizingKernel {
    var completesOutput: Bool { column + hidden == output.shape.channels }
    var quantizedOutput: Tensor { output }
    /// The products in front of the last rounding are not kept; states are looked at as they are.
    var quantizedRange: (clip: Float, lower: Float)? { nil }
    var quantizedWeights: [(weight: ParameterView, quantizer: WeightQuantizer)] { [(weight, quantizer)] }

    func fillUnquantized(_ values: UnsafeMutablePointer<Float>) {
        values.update(from: output.values, count: batch * output.shape.elements)
    }
}
