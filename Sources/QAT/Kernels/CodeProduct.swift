import CKernels
import COneDNN
import Graph

/// The forward pass of a product on whole codes, one byte each: its sums are exact.
///
/// A sum of the layer is `steps` x raw + `offsets` by channel.
final class CodeProduct {
    private let pass: any ProductPass
    private let grid: QuantizationGrid
    private let shape: onednn_convolution
    private let input, plain, channels: Buffer
    /// Where a weight's code stands for 2 code + 1 steps, a sum lacks that of the window's inputs: the sums of each
    /// pixel's channels, and of each window.
    private let sums: (pixels: Buffer, windows: Buffer)?

    /// Nil where the layer has no codes, or this machine no fast products of them.
    init?(
        _ builder: Builder, layer: String, _ shape: onednn_convolution,
        _ geometry: ConvolutionKernel.Geometry,
        input: Tensor, quantizer: WeightQuantizer, weights: Int
    ) throws(EngineError) {
        guard let grid = QuantizationGrid(input.signal, on: builder.family), builder.usesCodes,
            !quantizer.isFloat, quantizer.bits <= 8, input.holdsCodes,
            input.signal.bits <= 8, geometry.groups == 1, geometry.window.dilation == 1,
            // What the library pads with is the code 0.
            grid.hasExactZero || !geometry.hasPadding
        else { return nil }
        let direction = ProductDirection(
            direction: .forward, shape: shape, layer: layer, library: builder.library,
            factors: .codes(areSigned: grid.hasSignedCodes))
        // Where the backward pass computes the sums again it has the weights' codes still.
        let span = builder.restoresValues ? Builder.Span.again : .forward
        guard let pass = try builder.products.codesPass(direction, { builder.buffer(bytes: $0, span) })
        else { return nil }
        if let library = pass as? LibraryPass, library.isReference { return nil }
        self.pass = pass
        self.grid = grid
        self.shape = shape
        let rows = Int(shape.out_channels)
        self.input = builder.buffer(bytes: builder.batch * input.shape.elements, span)
        plain = builder.buffer(bytes: weights, builder.restoresValues ? .both : .forward)
        channels = builder.floats(4 * rows, builder.restoresValues ? .both : .forward)
        var weightGrid = quantizer.grid(rows: rows, count: weights)
        sums =
            ck_halves_codes(&weightGrid) != 0
            ? (
                builder.floats(shape.inputPixels, span), builder.floats(shape.outputPixels, span)
            ) : nil
    }

    private var rows: Int { Int(shape.out_channels) }

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
        try pass.bind(source: input.address, destination: raw, plain: plain.address)
    }

    /// By pixel of the result: what twice the raw sums lack; nil where they are whole.
    var lacking: UnsafeMutablePointer<Float>? { sums?.windows.floats }

    /// Fills the raw sums from values on the input's grid; the weights' codes are there.
    func forward(_ values: UnsafeMutablePointer<Float>) throws(EngineError) {
        ck_encode(
            values, Optional(grid).kernelKind, Float(grid.levels), Int64(shape.inputPixels),
            shape.in_channels, input.codes,
            sums?.pixels.floats)
        try pass.run()
        if let sums {
            var window = shape.window
            ck_window_sums(&window, sums.pixels.floats, sums.windows.floats)
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
}
