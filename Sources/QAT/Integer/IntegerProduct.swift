import CKernels
import COneDNN
import Graph

/// A convolution or matrix product of whole steps, with its end.
///
/// The accumulator holds the sum of activation steps times weight steps, 32 bits wide; the sum wraps around where it leaves
/// them, and the peak says so. Weight steps are the odd numbers 2k - L on the NPU and k - H on SIMD and in depthwise
/// convolutions; nothing is added for where zero lies.
final class IntegerProduct: IntegerForm {
    let inputs: [IntegerValues]
    var outputs: [IntegerValues] { end.outputs }
    var floatResult: FloatResult? { end.floatResult }
    private let end: IntegerEpilogue
    private let sums: any IntegerSums
    /// All sums of the last run, where they are looked at.
    private let kept: Buffer?
    private(set) var accumulator: IntegerReport.Accumulator?

    init(
        _ sums: any IntegerSums, input: IntegerValues, kept: Buffer?, bound: Int, end: IntegerEpilogue
    ) {
        self.sums = sums
        self.end = end
        self.kept = kept
        inputs = [input]
        accumulator = IntegerReport.Accumulator(peak: 0, bound: bound)
    }

    func run() throws(EngineError) {
        let peak = try end.run(keeping: kept?.words32) { end throws(EngineError) in
            try sums.run(inputs[0], into: &end)
        }
        accumulator?.raise(to: peak)
    }

    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double? {
        kept.flatMap { end.distanceToBoundary(element, sum: $0.words32[element]) }
    }
}

/// The sums of a product: with weights of the moment when they were prepared.
protocol IntegerSums: AnyObject {
    /// Computes all sums and hands them to the end; gives the largest magnitude.
    func run(_ input: IntegerValues, into end: inout ck_integer_end) throws(EngineError) -> Int64
}

/// The sums in plain loops, of steps and weights of up to 16 bits.
final class PlainSums: IntegerSums {
    private var product: ck_integer_product
    private let isDepthwise: Bool
    private let weights: [Int16]
    private var scratch: [Int16]
    private let sums: Buffer

    /// `weights` in the order of files: out, in / groups, taps.
    init(_ tensors: IntegerTensors, _ product: ck_integer_product, weights: [Int16]) {
        self.product = product
        isDepthwise =
            product.groups > 1 && product.groups == product.window.channels
            && product.groups == product.out_channels
        let taps = Int(product.window.kernel_height * product.window.kernel_width)
        let width = Int(product.window.channels / product.groups)
        let rows = Int(product.out_channels)
        // From axes out, in, tap to out, tap, in; depthwise to tap, channel.
        var moved = [Int16](repeating: 0, count: weights.count)
        for row in 0..<rows {
            for channel in 0..<width {
                for tap in 0..<taps {
                    let target = isDepthwise ? tap * rows + row : (row * taps + tap) * width + channel
                    moved[target] = weights[(row * width + channel) * taps + tap]
                }
            }
        }
        self.weights = moved
        var own = product
        scratch = [Int16](repeating: 0, count: Int(ck_integer_scratch(&own)))
        sums = tensors.buffer(bytes: 4 * product.outputs)
    }

    func run(_ input: IntegerValues, into end: inout ck_integer_end) -> Int64 {
        var view = input.view
        let peak = scratch.withUnsafeMutableBufferPointer { scratch in
            ck_integer_sums(
                &product, isDepthwise ? 1 : 0, &view, weights, scratch.baseAddress, sums.words32)
        }
        return max(peak, ck_integer_end_sums(&end, sums.words32, 0, Int64(product.outputs)))
    }
}

extension Buffer {
    /// The bytes as 32-bit numbers.
    var words32: UnsafeMutablePointer<Int32> { address.assumingMemoryBound(to: Int32.self) }
}

extension WeightQuantizer {
    /// The whole steps of weights and the value of a step by row; throws where they are float or not finite.
    func integerSteps(
        of weight: ParameterView, rows: Int, _ partials: Builder.Partials
    ) throws(NoIntegerForm) -> (steps: [Int16], units: [Double]) {
        guard !isFloat else { throw NoIntegerForm("its weights are not quantized") }
        var grid = grid(rows: rows, count: weight.count)
        var codes = [Int8](repeating: 0, count: weight.count)
        var units = [Float](repeating: 0, count: rows)
        guard
            ck_quantize_weights(&grid, weight.values, nil, &codes, &units, nil, partials.doubles) < 0
        else { throw NoIntegerForm("the scale of its weights is not a finite number") }
        let halves = ck_halves_codes(&grid) != 0
        return (codes.map { halves ? 2 * Int16($0) + 1 : Int16($0) }, units.map(Double.init))
    }
}

extension ConvolutionKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        _ = tensors.codes(output)
        let steps = try tensors.steps(of: input)
        let (weights, units) = try quantizer.integerSteps(of: weight, rows: rows, partials)
        guard steps.bound <= Int(Int16.max) else {
            throw NoIntegerForm("it reads steps up to \(steps.bound), more than 16 bits")
        }
        var product = ck_integer_product()
        product.window = shape.window
        if isTransposed {
            // The shape is that of the transpose: from the sums to the map without zeros.
            product.window = ck_window(
                batch: shape.batch, channels: shape.out_channels, in_height: shape.out_height,
                in_width: shape.out_width, out_height: shape.in_height, out_width: shape.in_width,
                kernel_height: shape.kernel_height, kernel_width: shape.kernel_width, stride: 1, top: 1,
                left: 1, pad: 0, steps: 0)
        }
        product.groups = shape.groups
        product.dilation = max(1, shape.dilation)
        product.out_channels = Int64(rows)
        product.steps_over = isTransposed ? 1 : 0
        product.block = Int64(max(1, Int(Int32.max) / max(1, steps.bound * quantizer.grid.levels)))
        let end = try epilogue.integerEpilogue(
            tensors, output: output, units: units.map { $0 / steps.levels })
        let sums: any IntegerSums =
            ByteSums(
                tensors, layer: layer, product, input: steps, weights: weights,
                largestWeight: quantizer.grid.levels)
            ?? PlainSums(tensors, product, weights: weights)
        return IntegerProduct(
            sums, input: steps, kept: tensors.keptSums(product.outputs),
            bound: accumulatorBound ?? IntegerReport.Accumulator.bits32, end: end)
    }
}

extension ck_integer_product {
    var outputs: Int { Int(window.batch * window.out_height * window.out_width * out_channels) }
    /// The products that a sum has.
    var columns: Int { Int(window.kernel_height * window.kernel_width * (window.channels / groups)) }
}
