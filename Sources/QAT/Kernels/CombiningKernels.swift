import CKernels
import Graph

/// The sum or product of two, with its activation or quantizer.
final class CombineKernel: Kernel {
    enum Operation {
        case add, multiply

        fileprivate var code: Int32 { self == .add ? Int32(CK_ADD) : Int32(CK_MULTIPLY) }
    }

    let layer: String
    let operation: Operation
    let first, second, output: Tensor
    private let firstGradient, secondGradient: GradientTarget?
    private let count: Int64
    let channels, pixels: Int64
    private let steps: Float
    private(set) var epilogue: ck_epilogue

    /// `second` may be a gate: one row of channels for each sample.
    init(
        _ builder: Builder, layer: String, _ operation: Operation, first: Tensor, second: Tensor,
        output: Tensor, activation: Activation, clip: Double
    ) {
        self.layer = layer
        self.operation = operation
        self.first = first
        self.second = second
        self.output = output
        let grid = QuantizationGrid(output.signal, on: builder.family)
        epilogue = ck_epilogue(
            activation: grid == nil ? activation.kernelCode(on: nil) : Int32(CK_IDENTITY),
            grid: grid.kernelKind,
            clip: Float(clip), levels: grid.kernelLevels, period: 0, scale: nil, shift: nil, slope: nil)
        let levels = [first, second].map {
            $0.holdsCodes ? QuantizationGrid($0.signal, on: builder.family).kernelLevels : 0
        }
        steps = levels[0] == levels[1] ? levels[0] : 0
        count = Int64(builder.batch * output.shape.elements)
        channels = Int64(output.shape.channels)
        pixels = first.shape == second.shape ? 1 : Int64(first.rows)
        firstGradient = builder.read(first, keeping: true)
        secondGradient = builder.read(second, keeping: true)
        output.storage.gradient?.isNeeded(.backward(builder.next))
    }

    func forward(_ pass: Pass) {
        ck_combine_forward(
            &epilogue, operation.code, steps, first.values, second.values, count, channels, pixels,
            output.values)
    }

    func backward() {
        guard let gradient = output.gradient else { return }
        ck_combine_backward(
            &epilogue, operation.code, steps, first.values, second.values, gradient, count, channels, pixels,
            firstGradient?.addsFlag ?? 0, firstGradient?.address, secondGradient?.addsFlag ?? 0,
            secondGradient?.address)
    }
}

extension CombineKernel: QuantizingKernel {
    var quantizedOutput: Tensor { output }

    var quantizedRange: (clip: Float, lower: Float)? {
        epilogue.grid == Int32(CK_FLOAT)
            ? nil : (epilogue.clip, epilogue.grid == Int32(CK_UNSIGNED) ? 0 : -1)
    }

    func fillUnquantized(_ values: UnsafeMutablePointer<Float>) {
        var plain = epilogue
        plain.grid = Int32(CK_FLOAT)
        ck_combine_forward(
            &plain, operation.code, 0, first.values, second.values, count, channels, pixels, values)
    }
}

/// The larger of two; equals share the gradient.
final class MaxKernel: Kernel {
    let layer: String
    let first, second, output: Tensor
    private let firstGradient, secondGradient: GradientTarget?
    private let count: Int64

    init(_ builder: Builder, layer: String, first: Tensor, second: Tensor, output: Tensor) {
        self.layer = layer
        self.first = first
        self.second = second
        self.output = output
        count = Int64(builder.batch * output.shape.elements)
        firstGradient = builder.read(first, keeping: true)
        secondGradient = builder.read(second, keeping: true)
        output.storage.gradient?.isNeeded(.backward(builder.next))
    }

    func forward(_ pass: Pass) { ck_max_forward(first.values, second.values, output.values, count) }

    func backward() {
        guard let gradient = output.gradient else { return }
        ck_max_backward(
            first.values, second.values, gradient, count, firstGradient?.addsFlag ?? 0,
            firstGradient?.address, secondGradient?.addsFlag ?? 0, secondGradient?.address)
    }
}

/// Joins tensors on channels, or cuts one into parts: columns of rows, copied.
final class ColumnsKernel: Kernel {
    let layer: String
    let narrow: [Tensor]
    let wide: Tensor
    let joins: Bool
    private let targets: [GradientTarget?]
    private let rows: Int64

    /// `joins` copies the narrow tensors side by side into the wide one; else the other way round.
    init(_ builder: Builder, layer: String, narrow: [Tensor], wide: Tensor, joins: Bool) {
        self.layer = layer
        self.narrow = narrow
        self.wide = wide
        self.joins = joins
        rows = Int64(builder.batch * wide.rows)
        targets = (joins ? narrow : [wide]).map { builder.read($0, keeping: false) }
        for output in joins ? [wide] : narrow {
            output.storage.gradient?.isNeeded(.backward(builder.next))
        }
    }

    func forward(_ pass: Pass) {
        var column = 0
        for part in narrow {
            let width = part.shape.channels
            if joins {
                copy(part.values, width, wide.values + column, wide.shape.channels, width, adds: false)
            } else {
                copy(wide.values + column, wide.shape.channels, part.values, width, width, adds: false)
            }
            column += width
        }
    }

    func backward() {
        var column = 0
        for (index, part) in narrow.enumerated() {
            let width = part.shape.channels
            if joins, let target = targets[index], let gradient = wide.gradient {
                copy(
                    gradient + column, wide.shape.channels, target.address, width, width, adds: target.adds)
            } else if !joins, let target = targets[0], let gradient = part.gradient {
                copy(
                    gradient, width, target.address + column, wide.shape.channels, width, adds: target.adds)
            }
            column += width
        }
    }

    private func copy(
        _ source: UnsafeMutablePointer<Float>, _ sourceStride: Int, _ target: UnsafeMutablePointer<Float>,
        _ targetStride: Int, _ columns: Int, adds: Bool
    ) {
        ck_copy_columns(
            source, Int64(sourceStride), target, Int64(targetStride), Int64(columns), rows, adds ? 1 : 0)
    }
}
