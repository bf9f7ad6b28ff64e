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
    private var product: ck_integer_product
    private let isDepthwise: Bool
    private let weights: [Int16]
    private var scratch: [Int16]
    private let sums: UnsafeMutablePointer<Int32>
    private let count: Int
    private(set) var accumulator: IntegerReport.Accumulator?

    init(
        _ product: ck_integer_product, input: IntegerValues, weights: [Int16], count: Int, bound: Int,
        end: IntegerEpilogue
    ) {
        self.product = product
        self.end = end
        self.count = count
        inputs = [input]
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
        sums = .allocate(capacity: count)
        sums.initialize(repeating: 0, count: count)
        accumulator = IntegerReport.Accumulator(peak: 0, bound: bound)
    }

    deinit { sums.deallocate() }

    func run() {
        let peak = scratch.withUnsafeMutableBufferPointer { scratch in
            ck_integer_sums(
                &product, isDepthwise ? 1 : 0, inputs[0].steps, weights, scratch.baseAddress, sums)
        }
        accumulator?.raise(to: Int(peak))
        end.run(sums, count: count)
    }

    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double? {
        end.distanceToBoundary(element, sums)
    }
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
        (product.groups, product.dilation) = (shape.groups, max(1, shape.dilation))
        product.out_channels = Int64(rows)
        product.steps_over = isTransposed ? 1 : 0
        product.block = Int64(max(1, Int(Int32.max) / max(1, steps.bound * quantizer.grid.levels)))
        return IntegerProduct(
            product, input: steps, weights: weights, count: product.outputs,
            bound: accumulatorBound ?? IntegerReport.Accumulator.bits32,
            end: try epilogue.integerEpilogue(tensors, output: output, units: units.map { $0 / steps.levels })
        )
    }
}

extension ck_integer_product {
    fileprivate var outputs: Int {
        Int(window.batch * window.out_height * window.out_width * out_channels)
    }
}
