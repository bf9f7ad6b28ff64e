public import Graph

/// What a chip makes of an operator that it has only as a composition of others.
public enum Decomposition {
    /// The operators that run in the layer's place, in order; nil where the chip has the operator itself.
    ///
    /// The manual's note on ConvTranspose2D: unpool and convolution on the NPU family; unpool, depthwise and convolution
    /// on the SIMD family. A chip that does not have it (T02) gets an empty list.
    public static func steps(of layer: Layer, on device: Device) -> [Layer]? {
        guard case .convTranspose2D(let transpose) = layer else { return nil }
        var unpool = Unpool2D()
        unpool.mode = .nearest
        unpool.quantizers.isEnabled = transpose.quantizers.isEnabled
        var convolution = Conv2D()
        convolution.outChannels = transpose.outChannels
        convolution.activationFunction = transpose.activationFunction
        convolution.batchNorm = transpose.batchNorm
        convolution.bias = transpose.bias
        convolution.quantizers = transpose.quantizers
        guard SupportRow.rows(for: layer).allSatisfy({ $0[device].severity == nil }) else { return [] }
        switch device.family {
        case .npu:
            convolution.padding = 1
            return [.unpool2D(unpool), .conv2D(convolution)]
        case .simd:
            convolution.kernelHeight = 1
            convolution.kernelWidth = 1
            var depthwise = DepthwiseConv2D()
            depthwise.padding = 1
            depthwise.bias = false
            depthwise.quantizers = transpose.quantizers
            return [.unpool2D(unpool), .depthwiseConv2D(depthwise), .conv2D(convolution)]
        }
    }

    /// The composition in words: "Unpool2D 2x2 nearest, Conv2D 3x3"; nil where there is none to tell.
    public static func summary(of layer: Layer, on device: Device) -> String? {
        guard let steps = steps(of: layer, on: device) else { return nil }
        guard !steps.isEmpty else { return "nothing that the manual names" }
        return steps.map { step in
            if case .unpool2D(let unpool) = step { return "\(step.title) \(unpool.mode.rawValue)" }
            return step.title
        }.joined(separator: ", ")
    }
}
