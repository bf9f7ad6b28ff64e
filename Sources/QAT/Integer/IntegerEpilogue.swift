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
    private let activation: Int32
    private let channels, period: Int
    /// By channel, for float results: what sums are multiplied with, and what is added.
    private let scale, shift: ChannelNumbers<Double>
    /// As the float loops read them: ones, zeros and slopes.
    private let plain: ChannelNumbers<Float>

    var outputs: [IntegerValues] { codes.map { [$0.values] } ?? [] }

    /// The end of a layer that gives `output`. `activation` is that of the float loops; `slopes` has one a channel.
    init(
        _ tensors: IntegerTensors, output: Tensor, affine: Requantizer.Affine, activation: Int32,
        slopes: [Double]? = nil, clip: Double
    ) throws(NoIntegerForm) {
        self.activation = activation
        channels = affine.scale.count
        period = Requantizer.period(channels)
        scale = ChannelNumbers(affine.scale, period: period)
        shift = ChannelNumbers(affine.shift, period: period)
        let slopes =
            switch activation {
            case Int32(CK_LEAKYRELU): affine.scale.map { _ in Double(Float(0.01)) }
            case Int32(CK_PRELU): slopes
            default: [Double]?.none
            }
        guard let grid = QuantizationGrid(output.signal, on: tensors.options.family),
            let values = tensors.codes(output)
        else {
            codes = nil
            floatResult = tensors.floatResult(output, units: affine.scale)
            let own = slopes ?? affine.scale.map { _ in 1 }
            let rows = [
                affine.scale.map { _ in Float(1) }, affine.scale.map { _ in 0 }, own.map { Float($0) },
            ]
            plain = ChannelNumbers(rows: rows, period: period)
            return
        }
        floatResult = nil
        plain = ChannelNumbers(rows: [], period: period)
        var moved = affine
        switch activation {
        case Int32(CK_IDENTITY), Int32(CK_LEAKYRELU), Int32(CK_PRELU): break
        case Int32(CK_OFFSET): moved.shift = affine.shift.map { $0 + 3 }
        default: throw NoIntegerForm("Hswish has no quantized form in the training kit: x times a ramp of x")
        }
        codes = (try Requantizer(moved, slopes: slopes, grid: grid, clip: clip), values)
    }

    /// Ends from sums that `body` hands on, and puts them into `sums` where they are kept; gives their largest magnitude.
    func run(
        keeping sums: UnsafeMutablePointer<Int32>?,
        _ body: (inout ck_integer_end) throws(EngineError) -> Int64
    ) throws(EngineError) -> Int {
        var end = ck_integer_end()
        end.period = Int64(period)
        end.sums = sums
        guard let codes else {
            end.scale = UnsafePointer(scale.address)
            end.shift = UnsafePointer(shift.address)
            end.values = floatResult?.values
            let peak = try body(&end)
            activate()
            return Int(peak)
        }
        end.codes = codes.values.view
        var finish = codes.finish.description
        return try withUnsafePointer(to: &finish) { finish throws(EngineError) in
            end.finish = finish
            return Int(try body(&end))
        }
    }

    /// What follows a float result's scale and shift.
    private func activate() {
        guard let floatResult, activation != Int32(CK_IDENTITY) else { return }
        var epilogue = ck_epilogue(
            activation: activation, grid: Int32(CK_FLOAT), clip: 1, levels: 1, period: Int64(period),
            scale: plain.address, shift: plain.address + period, slope: plain.address + 2 * period)
        ck_epilogue_forward(&epilogue, floatResult.values, floatResult.values, Int64(floatResult.count))
    }

    /// How far the sum of an element lies from where its rounding changes, in codes.
    func distanceToBoundary(_ element: Int, sum: Int32) -> Double? {
        guard let finish = codes?.finish else { return nil }
        return IntegerRounding.distanceToBoundary(
            finish.code(of: sum, channel: element % channels).unrounded)
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
