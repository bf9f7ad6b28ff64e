import CKernels
import COneDNN
import Graph

/// The forward pass of a product on whole codes, one byte each: its sums are exact.
///
/// A sum of the layer is `steps` x raw + `offsets` by channel.
final class CodeProduct {
    private let pass: any ProductPass
    private let grid: QuantizationGrid
    /// The window over the input, or over the map with zeros between its pixels.
    private let window: ck_window
    private let isTransposed: Bool
    private let rows, inputChannels, inputPixels: Int
    /// The pixels of all results.
    let outputPixels: Int
    private let input, plain, channels: Buffer
    /// Where a weight's code stands for 2 code + 1 steps, a sum lacks that of the window's inputs: the sums of each
    /// pixel's channels, and of each window.
    private let sums: (pixels: Buffer, windows: Buffer)?
    /// The pixels' sums with zeros between.
    private let spread: Buffer?

    /// Nil where the layer has no codes, or this machine no fast products of them.
    ///
    /// With `isTransposed` the shape is that of the product's transpose, from its sums to its input.
    init?(
        _ builder: Builder, layer: String, _ shape: onednn_convolution,
        _ geometry: ConvolutionKernel.Geometry,
        input: Tensor, isTransposed: Bool, quantizer: WeightQuantizer, weights: Int
    ) throws(EngineError) {
        guard let grid = QuantizationGrid(input.signal, on: builder.family), builder.usesCodes,
            !quantizer.isFloat, quantizer.bits <= 8, input.holdsCodes,
            input.signal.bits <= 8, geometry.groups == 1, geometry.window.dilation == 1,
            // What the library pads with is the code 0.
            grid.hasExactZero || !(geometry.hasPadding || isTransposed)
        else { return nil }
        let direction = ProductDirection(
            direction: isTransposed ? .backwardData : .forward, shape: shape, layer: layer,
            library: builder.library,
            factors: .codes(areSigned: grid.hasSignedCodes))
        // Where the backward pass computes the sums again it has the weights' codes still.
        let span = builder.restoresValues ? Builder.Span.again : .forward
        guard let pass = try builder.products.codesPass(direction, { builder.buffer(bytes: $0, span) })
        else { return nil }
        if let library = pass as? LibraryPass, library.isReference { return nil }
        self.pass = pass
        self.grid = grid
        self.isTransposed = isTransposed
        rows = Int(isTransposed ? shape.in_channels : shape.out_channels)
        inputChannels = Int(isTransposed ? shape.out_channels : shape.in_channels)
        inputPixels = isTransposed ? shape.outputPixels : shape.inputPixels
        outputPixels = isTransposed ? shape.inputPixels : shape.outputPixels
        window = isTransposed ? shape.windowOverZeros : shape.window
        self.input = builder.buffer(bytes: builder.batch * input.shape.elements, span)
        plain = builder.buffer(bytes: weights, builder.restoresValues ? .both : .forward)
        channels = builder.floats(4 * rows, builder.restoresValues ? .both : .forward)
        var weightGrid = quantizer.grid(rows: rows, count: weights)
        let halves = ck_halves_codes(&weightGrid) != 0
        sums =
            halves ? (builder.floats(inputPixels, span), builder.floats(outputPixels, span)) : nil
        spread = halves && isTransposed ? builder.floats(4 * inputPixels, span) : nil
    }

    /// Where the weights' codes go, in the order of files.
    var weightCodes: UnsafeMutablePointer<Int8> { plain.address.assumingMemoryBound(to: Int8.self) }
    /// By output channel: the value of a weight's step.
    var units: UnsafeMutablePointer<Float> { channels.floats }
    /// By output channel: the sum of its weights' steps, where the input's zero needs it.
    var weightSums: UnsafeMutablePointer<Float>? { grid.hasExactZero ? nil : channels.floats + rows }
    /// By output channel: the value of a step of the raw sums.
    var steps: UnsafeMutablePointer<Float> { channels.floats + 2 * rows }
    /// By output channel: what the input's zero adds.
    var offsets: UnsafeMutablePointer<Float> { channels.floats + 3 * rows }

    func bind(raw: UnsafeMutableRawPointer) throws(EngineError) {
        try pass.bind(
            source: isTransposed ? raw : input.address, destination: isTransposed ? input.address : raw,
            plain: plain.address)
    }

    /// By pixel of the result: what twice the raw sums lack; nil where they are whole.
    var lacking: UnsafeMutablePointer<Float>? { sums?.windows.floats }

    /// Fills the raw sums from values on the input's grid; the weights' codes are there.
    func forward(_ values: UnsafeMutablePointer<Float>) throws(EngineError) {
        ck_encode(
            values, Optional(grid).kernelKind, Float(grid.levels), Int64(inputPixels),
            Int64(inputChannels), input.codes, sums?.pixels.floats)
        try pass.run()
        if let sums {
            var window = window
            if let spread {
                ck_spread_pixels(
                    sums.pixels.floats, window.batch, window.in_height / 2, window.in_width / 2, spread.floats
                )
            }
            ck_window_sums(&window, (spread ?? sums.pixels).floats, sums.windows.floats)
        }
        for row in 0..<rows {
            steps[row] = units[row] * Float(grid.step)
            offsets[row] = weightSums.map { units[row] * Float(grid.zero) * $0[row] } ?? 0
        }
    }
}

extension onednn_convolution {
    fileprivate var inputPixels: Int { Int(batch * in_height * in_width) }
    fileprivate var outputPixels: Int { Int(batch * out_height * out_width) }

    /// The window of the transpose: over its input with zeros between the pixels, 3x3 and padded by 1.
    fileprivate var windowOverZeros: ck_window {
        ck_window(
            batch: batch, channels: out_channels, in_height: in_height, in_width: in_width,
            out_height: in_height, out_width: in_width, kernel_height: kernel_height,
            kernel_width: kernel_width, stride: 1, top: 1, left: 1, pad: 0, steps: 0)
    }
}
