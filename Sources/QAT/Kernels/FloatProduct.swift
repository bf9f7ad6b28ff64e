import CKernels
import COneDNN

/// The three passes of a product on floats.
final class FloatProduct {
    private let shape: onednn_convolution
    private let isTransposed: Bool
    private let forwardPass, dataPass, weightPass: (any ProductPass)?
    /// Weights and their gradient with the axes and the taps of the transpose.
    private let mirrored, mirroredGradient: Buffer?
    private var weights, weightGradient: UnsafeMutablePointer<Float>?
    /// Where the input has so few channels that a loop of our own finds its gradient: room for the weights.
    private let packed: Buffer?
    private var inputGradient, outputGradient: UnsafeMutablePointer<Float>?

    /// Prepares the backward passes where the builder trains, and the forward one where it is wanted.
    ///
    /// With `isTransposed` the shape is that of the product's transpose, from its sums to its input: what computes the
    /// gradient of the one is the forward pass of the other, and weights are mirrored.
    init(
        _ builder: Builder, layer: String, _ shape: onednn_convolution, isTransposed: Bool = false,
        hasForward: Bool, recomputesForward: Bool, wantsInputGradient: Bool
    ) throws(EngineError) {
        self.shape = shape
        self.isTransposed = isTransposed
        func pass(
            _ direction: ConvolutionPrimitive.Direction, isGradient: Bool
        ) throws(EngineError) -> any ProductPass {
            let span = isGradient ? Builder.Span.backward : recomputesForward ? .again : .forward
            return try builder.products.pass(
                ProductDirection(
                    direction: direction, shape: shape, layer: layer, library: builder.library),
                isGradient: isGradient, isFree: builder.isTraining && !builder.isQuantized
            ) { builder.buffer(bytes: $0, span) }
        }
        let wantsWeights = builder.isTraining
        var wantsData = builder.isTraining && wantsInputGradient
        var window = shape.window
        let isThin = wantsData && shape.dilation == 1 && ck_is_thin(&window, shape.out_channels) != 0
        packed = isThin && !isTransposed && shape.groups == 1 ? builder.floats(shape.weights, .backward) : nil
        if packed != nil { wantsData = false }
        weightPass = wantsWeights ? try pass(.backwardWeights, isGradient: true) : nil
        forwardPass = hasForward ? try pass(isTransposed ? .backwardData : .forward, isGradient: false) : nil
        dataPass = wantsData ? try pass(isTransposed ? .forward : .backwardData, isGradient: true) : nil
        mirrored = isTransposed ? builder.floats(shape.weights, .both) : nil
        mirroredGradient = isTransposed && wantsWeights ? builder.floats(shape.weights, .backward) : nil
    }

    /// Says where everything lies; weights and their gradient in the order of files.
    func bind(
        input: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>,
        raw: UnsafeMutablePointer<Float>, outputGradient: UnsafeMutablePointer<Float>?,
        weightGradient: UnsafeMutablePointer<Float>?, inputGradient: UnsafeMutablePointer<Float>?
    ) throws(EngineError) {
        self.weights = weights
        self.weightGradient = weightGradient
        self.inputGradient = inputGradient
        self.outputGradient = outputGradient
        func bind(
            _ pass: (any ProductPass)?, _ input: UnsafeMutablePointer<Float>,
            _ sums: UnsafeMutablePointer<Float>, _ plain: UnsafeMutablePointer<Float>
        ) throws(EngineError) {
            try pass?.bind(
                source: isTransposed ? sums : input, destination: isTransposed ? input : sums, plain: plain)
        }
        let own = mirrored?.floats ?? weights
        try bind(forwardPass, input, raw, own)
        guard let outputGradient, let weightGradient else { return }
        try bind(weightPass, input, outputGradient, mirroredGradient?.floats ?? weightGradient)
        guard let inputGradient else { return }
        try bind(dataPass, inputGradient, outputGradient, own)
    }

    private func mirror() {
        guard let mirrored, let weights else { return }
        ck_mirror(weights, shape.in_channels, shape.out_channels, shape.taps, mirrored.floats)
    }

    /// Fills the raw sums.
    func forward() throws(EngineError) {
        mirror()
        try forwardPass?.run()
    }

    /// Sets the gradients of weights and input.
    func backward() throws(EngineError) {
        if forwardPass == nil { mirror() }
        try weightPass?.run()
        if let mirroredGradient, let weightGradient {
            ck_mirror(
                mirroredGradient.floats, shape.out_channels, shape.in_channels, shape.taps, weightGradient)
        }
        if let packed, let weights, let inputGradient, let outputGradient {
            var window = shape.window
            ck_thin_gradient(
                &window, shape.out_channels, outputGradient, weights, packed.floats, inputGradient)
        }
        try dataPass?.run()
    }
}

extension onednn_convolution {
    /// The window over the input, without dilation.
    var window: ck_window {
        ck_window(
            batch: batch, channels: in_channels, in_height: in_height, in_width: in_width,
            out_height: out_height, out_width: out_width, kernel_height: kernel_height,
            kernel_width: kernel_width, stride: stride, top: pad_top, left: pad_left, pad: 0, steps: 0)
    }
}
