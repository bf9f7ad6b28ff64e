import CKernels
import Foundation
import Graph

/// How a layer ends in integers: with codes, or with floats where its result has no quantizer.
///
/// A float result is sum x scale + shift and the activation, in float: the sums are whole, nothing is rounded to a grid.
final class IntegerEpilogue {
    /// What makes codes, and where they go.
    private let codes: (finish: Requantizer, values: IntegerValues)?
    let floatResult: FloatResult?
    private let affine: Requantizer.Affine
    private let activation: Int32
    /// By channel, repeated over a period: ones, zeros and slopes, as the float loops read them.
    private let arrays: [Float]
    private let period: Int

    var outputs: [IntegerValues] { codes.map { [$0.values] } ?? [] }

    /// The end of a layer that gives `output`. `activation` is that of the float loops; `slopes` has one a channel.
    init(
        _ tensors: IntegerTensors, output: Tensor, affine: Requantizer.Affine, activation: Int32,
        slopes: [Double]? = nil, clip: Double
    ) throws(NoIntegerForm) {
        self.affine = affine
        self.activation = activation
        let channels = affine.scale.count
        period = Epilogue.period(channels)
        let slopes =
            switch activation {
            case Int32(CK_LEAKYRELU): affine.scale.map { _ in Double(Float(0.01)) }
            case Int32(CK_PRELU): slopes
            default: [Double]?.none
            }
        guard let grid = QuantizationGrid(output.signal, on: tensors.family),
            let values = tensors.codes(output)
        else {
            codes = nil
            floatResult = FloatResult(output, batch: tensors.batch, units: affine.scale)
            let own = slopes ?? affine.scale.map { _ in 1 }
            arrays =
                [Float](repeating: 1, count: period) + [Float](repeating: 0, count: period)
                + (0..<period).map { Float(own[$0 % channels]) }
            return
        }
        floatResult = nil
        arrays = []
        var moved = affine
        switch activation {
        case Int32(CK_IDENTITY), Int32(CK_LEAKYRELU), Int32(CK_PRELU): break
        case Int32(CK_OFFSET): moved.shift = affine.shift.map { $0 + 3 }
        default: throw NoIntegerForm("Hswish has no quantized form in the training kit: x times a ramp of x")
        }
        codes = (try Requantizer(moved, slopes: slopes, grid: grid, clip: clip), values)
    }

    /// Ends from whole sums, axes rows, channels.
    func run(_ sums: UnsafePointer<Int32>, count: Int) {
        if let codes { return codes.finish.run(sums, count: count, into: codes.values.steps) }
        guard let floatResult else { return }
        let channels = affine.scale.count
        for index in 0..<count {
            let channel = index % channels
            floatResult.values[index] = Float(
                Double(sums[index]) * affine.scale[channel] + affine.shift[channel])
        }
        guard activation != Int32(CK_IDENTITY) else { return }
        arrays.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var plain = ck_epilogue(
                activation: activation, grid: Int32(CK_FLOAT), clip: 1, levels: 1, period: Int64(period),
                scale: base, shift: base + period, slope: base + 2 * period)
            ck_epilogue_forward(&plain, floatResult.values, floatResult.values, Int64(count))
        }
    }

    /// How far the sum of an element lies from where its rounding changes, in codes.
    func distanceToBoundary(_ element: Int, _ sums: UnsafePointer<Int32>) -> Double? {
        guard let finish = codes?.finish else { return nil }
        let unrounded = finish.code(of: sums[element], channel: element % finish.channels).unrounded
        return IntegerRounding.distanceToBoundary(unrounded)
    }
}

extension Epilogue {
    /// The end of the layer in integers: batch norm with its running statistics and bias, over sums whose unit has a value
    /// for each channel.
    func integerEpilogue(
        _ tensors: IntegerTensors, output: Tensor, units: [Double]
    ) throws(NoIntegerForm) -> IntegerEpilogue {
        var affine = Requantizer.Affine(scale: units, shift: units.map { _ in 0 })
        for channel in units.indices {
            let bias = bias?.values[channel] ?? 0
            guard let gamma, let beta, let runningMean, let runningVariance else {
                affine.shift[channel] = Double(bias)
                continue
            }
            let scale =
                max(gamma.values[channel], BatchNorm.leastGamma)
                / (runningVariance[channel] + BatchNorm.epsilon).squareRoot()
            affine.scale[channel] *= Double(scale)
            affine.shift[channel] =
                Double(beta.values[channel]) + Double(scale) * (Double(bias) - Double(runningMean[channel]))
        }
        let slopes = slope.map { slope in units.indices.map { Double(slope.values[$0]) } }
        return try IntegerEpilogue(
            tensors, output: output, affine: affine, activation: activation, slopes: slopes,
            clip: Double(clip))
    }
}
