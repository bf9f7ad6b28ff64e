import COneDNN

/// The three passes of a product on floats, each with weights in the library's own order.
final class FloatProduct {
    private let library: OneDNN
    private let forwardPass, dataPass, weightPass: Pass?

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
    init(
        _ builder: Builder, layer: String, _ shape: onednn_convolution, hasForward: Bool,
        wantsInputGradient: Bool
    ) throws(EngineError) {
        library = builder.library
        let library = library
        let forward = try ConvolutionPrimitive(.forward, shape, library: library, layer: layer)
        forwardPass = hasForward ? Pass(builder, forward, .forward) : nil
        guard builder.isTraining else {
            (weightPass, dataPass) = (nil, nil)
            return
        }
        weightPass = Pass(
            builder,
            try ConvolutionPrimitive(.backwardWeights, shape, hint: forward, library: library, layer: layer),
            .backward)
        dataPass =
            wantsInputGradient
            ? Pass(
                builder,
                try ConvolutionPrimitive(
                    .backwardData, shape, hint: forward, library: library, layer: layer), .backward) : nil
    }

    /// Says where everything lies; weights and their gradient in the order of files.
    func bind(
        input: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>,
        raw: UnsafeMutablePointer<Float>, outputGradient: UnsafeMutablePointer<Float>?,
        weightGradient: UnsafeMutablePointer<Float>?, inputGradient: UnsafeMutablePointer<Float>?
    ) throws(EngineError) {
        try forwardPass?.bind(source: input, destination: raw, plain: weights, library: library)
        guard let outputGradient, let weightGradient else { return }
        try weightPass?.bind(
            source: input, destination: outputGradient, plain: weightGradient, library: library)
        guard let inputGradient else { return }
        try dataPass?.bind(
            source: inputGradient, destination: outputGradient, plain: weights, library: library)
    }

    /// Fills the raw sums.
    func forward() throws(EngineError) {
        try forwardPass?.reorder?.run()
        try forwardPass?.primitive.run()
    }

    /// Sets the gradients of weights and input.
    func backward() throws(EngineError) {
        try weightPass?.primitive.run()
        try weightPass?.reorder?.run()
        try dataPass?.reorder?.run()
        try dataPass?.primitive.run()
    }
}
