import CKernels
import COneDNN

/// The three passes of a product on floats, each with weights in the library's own order.
final class FloatProduct {
    private let library: OneDNN
    private let shape: onednn_convolution
    private let isTransposed: Bool
    private let forwardPass, dataPass, weightPass: Pass?
    /// Weights and their gradient with the axes and the taps of the transpose.
    private let mirrored, mirroredGradient: Buffer?
    private var weights, weightGradient: UnsafeMutablePointer<Float>?
    /// Where the input has so few channels that a loop of our own finds its gradient: room for the weights.
    private let packed: Buffer?
    private var inputGradient, outputGradient: UnsafeMutablePointer<Float>?

    /// One direction, what moves its weights, and its memory.
    private final class Pass {
        let primitive: ConvolutionPrimitive
        let weights: Buffer
        let scratch: Buffer?
        var reorder: WeightReorder?

        init(_ builder: Builder, _ primitive: ConvolutionPrimitive, _ span: Builder.Span) {
            self.primitive = primitive
            weights = builder.buffer(bytes: primitive.weightBytes, span)
            let bytes = primitive.scratchBytes
            scratch = bytes > 0 ? builder.buffer(bytes: bytes, span) : nil
        }

        func bind(
            source: UnsafeMutablePointer<Float>, destination: UnsafeMutablePointer<Float>,
            plain: UnsafeMutablePointer<Float>, library: OneDNN
        ) throws(EngineError) {
            try primitive.bind(
                source: source, weights: weights.address, destination: destination, scratch: scratch?.address)
            reorder = try WeightReorder(
                primitive, plainType: .float, fromPlain: primitive.direction != .backwardWeights,
                library: library, plain: plain, own: weights.address)
        }
    }

    /// Prepares the backward passes where the builder trains, and the forward one where it is wanted.
    ///
    /// With `isTransposed` the shape is that of the product's transpose, from its sums to its input: what computes the
    /// gradient of the one is the forward pass of the other, and weights are mirrored.
    init(
        _ builder: Builder, layer: String, _ shape: onednn_convolution, isTransposed: Bool = false,
        hasForward: Bool, recomputesForward: Bool, wantsInputGradient: Bool
    ) throws(EngineError) {
        library = builder.library
        self.shape = shape
        self.isTransposed = isTransposed
        let library = library
        let plain = try ConvolutionPrimitive(.forward, shape, library: library, layer: layer)
        func backward(
            _ direction: ConvolutionPrimitive.Direction, _ span: Builder.Span
        ) throws(EngineError) -> Pass {
            Pass(
                builder,
                try ConvolutionPrimitive(direction, shape, library: library, layer: layer), span)
        }
        let wantsWeights = builder.isTraining
        var wantsData = builder.isTraining && wantsInputGradient
        var window = shape.window
        let isThin = wantsData && shape.dilation == 1 && ck_is_thin(&window, shape.out_channels) != 0
        packed = isThin && !isTransposed && shape.groups == 1 ? builder.floats(shape.weights, .backward) : nil
        if packed != nil { wantsData = false }
        weightPass = wantsWeights ? try backward(.backwardWeights, .backward) : nil
        if isTransposed {
            forwardPass = hasForward ? try backward(.backwardData, .forward) : nil
            dataPass = wantsData ? Pass(builder, plain, .backward) : nil
        } else {
            forwardPass =
                hasForward ? Pass(builder, plain, recomputesForward ? .both : .forward) : nil
            dataPass = wantsData ? try backward(.backwardData, .backward) : nil
        }
        mirrored = isTransposed ? builder.floats(shape.weights, .both) : nil
        mirroredGradient = isTransposed && wantsWeights ? builder.floats(shape.weights, .backward) : nil
    }

    /// Says where everything lies; weights and their gradient in the order of files.
    func bind(
        input: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>,
        raw: UnsafeMutablePointer<Float>, outputGradient: UnsafeMutablePointer<Float>?,
        weightGradient: UnsafeMutablePointer<Float>?, inputGradient: UnsafeMutablePointer<Float>?
    ) throws(EngineError) {
        (self.weights, self.weightGradient) = (weights, weightGradient)
        (self.inputGradient, self.outputGradient) = (inputGradient, outputGradient)
        func bind(
            _ pass: Pass?, _ input: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Float>,
            _ plain: UnsafeMutablePointer<Float>
        ) throws(EngineError) {
            try pass?.bind(
                source: isTransposed ? sums : input, destination: isTransposed ? input : sums, plain: plain,
                library: library)
        }
        let own = mirrored?.floats ?? weights
        try bind(forwardPass, input, raw, own)
        guard let outputGradient, let weightGradient else { return }
        try bind(weightPass, input, outputGradient, mirroredGradient?.floats ?? weightGradient)
        guard let inputGradient else { return }
        try bind(dataPass, inputGradient, outputGradient, own)
    }

    /// Fills the raw sums.
    func forward() throws(EngineError) {
        if let mirrored, let weights {
            ck_mirror(weights, shape.in_channels, shape.out_channels, shape.taps, mirrored.floats)
        }
        try forwardPass?.reorder?.run()
        try forwardPass?.primitive.run()
    }

    /// Sets the gradients of weights and input.
    func backward() throws(EngineError) {
        try weightPass?.primitive.run()
        try weightPass?.reorder?.run()
        if let mirroredGradient, let weightGradient {
            ck_mirror(
                mirroredGradient.floats, shape.out_channels, shape.in_channels, shape.taps, weightGradient)
        }
        if let packed, let weights, let inputGradient, let outputGradient {
            var window = shape.window
            ck_thin_gradient(
                &window, shape.out_channels, outputGradient, weights, packed.floats, inputGradient)
        }
        try dataPass?.reorder?.run()
        try dataPass?.primitive.run()
    }
}

extension onednn_convolution {
    fileprivate var taps: Int64 { kernel_height * kernel_width }
    fileprivate var weights: Int { Int(out_channels * in_channels / groups * taps) }

    /// The window over the input, without dilation.
    var window: ck_window {
        ck_window(
            batch: batch, channels: in_channels, in_height: in_height, in_width: in_width,
            out_height: out_height, out_width: out_width, kernel_height: kernel_height,
            kernel_width: kernel_width, stride: stride, top: pad_top, left: pad_left, pad: 0, steps: 0)
    }
}
