import Devices
import Editing
public import Graph
public import Sessions

/// Networks that train in moments, for tests of training.
public enum SmallNetwork {
    /// Two convolutions with batch norm and a matrix, on grey images of 8x8, of 10 classes.
    public static func images(bits: Int = 8) throws -> Network {
        var nodes = [Node("preprocess", Preprocess().layer, inputs: ["image"])]
        for (index, channels) in [4, 8].enumerated() {
            var product = Conv2D()
            (product.outChannels, product.stride, product.padding) = (channels, 2, 1)
            (product.batchNorm, product.bias) = (true, false)
            product.quantizers = quantizers(bits)
            let source = index == 0 ? "preprocess" : "conv\(index - 1)"
            nodes.append(Node("conv\(index)", product.layer, inputs: [Source(source)]))
        }
        var flatten = Flatten()
        flatten.shape = [-1, 32]
        nodes.append(Node("flatten", flatten.layer, inputs: ["conv1"]))
        var scores = FullConnected()
        (scores.outChannels, scores.activationFunction) = (10, .none)
        scores.quantizers = quantizers(bits, clips: [6, 3, 2])
        nodes.append(Node("scores", scores.layer, inputs: ["flatten"]))
        return try Network(inputs: [Input("image", .map(channels: 1, height: 8, width: 8))], nodes: nodes)
    }

    /// A block with a sum, a route, pools, a depthwise convolution and a matrix, behind quantized products of so many
    /// bits; reads 3 x 6 x 6.
    public static func block(bits: Int, signed: Bool) throws -> Network {
        let activation: Activation = signed ? .linear : .none
        func convolution(_ name: String, _ source: Source, channels: Int, kernel: Int = 3) -> Node {
            var product = Conv2D()
            (product.outChannels, product.kernelHeight, product.kernelWidth) = (channels, kernel, kernel)
            (product.padding, product.batchNorm, product.bias) = (1, true, false)
            (product.activationFunction, product.quantizers) = (activation, quantizers(bits))
            return Node(name, product.layer, inputs: [source])
        }
        var depthwise = DepthwiseConv2D()
        (depthwise.padding, depthwise.batchNorm, depthwise.bias) = (1, true, false)
        (depthwise.activationFunction, depthwise.quantizers) = (activation, quantizers(bits))
        var sum = Shortcut()
        (sum.quantizers.isEnabled, sum.quantizers.outputBits) = (true, bits)
        var mean = AdaptiveAvgpool2D()
        (mean.keepDimensions, mean.quantizers.isEnabled, mean.quantizers.outputBits) = (false, true, bits)
        var scores = FullConnected()
        (scores.outChannels, scores.activationFunction) = (5, .none)
        scores.quantizers = quantizers(bits)
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: 6, width: 6))],
            nodes: [
                convolution("stem", "image", channels: 8),
                convolution("left", "stem", channels: 8),
                Node("depthwise", depthwise.layer, inputs: ["stem"]),
                Node("sum", sum.layer, inputs: ["left", "depthwise"]),
                Node("route", Route().layer, inputs: ["sum", "stem"]),
                Node("pool", Maxpool2D().layer, inputs: ["route"]),
                convolution("narrow", "pool", channels: 6, kernel: 1),
                Node("mean", mean.layer, inputs: ["narrow"]),
                Node("scores", scores.layer, inputs: ["mean"]),
            ])
    }

    /// A session that holds the network for images.
    public static func session(in folder: String, named name: String = "small") throws -> Session {
        try Session.create(folder + "/\(name)", Document(network: try images(), device: .t40))
    }

    /// Quantizers of so many bits with the recommended clip: of 5, of 3 and of 2 bits or more.
    private static func quantizers(_ bits: Int, clips: [Double] = [6, 4, 2]) -> Quantization {
        var quantizers = Quantization(outputBits: bits, clip: clips[bits >= 5 ? 0 : bits >= 3 ? 1 : 2])
        (quantizers.isEnabled, quantizers.weightBits) = (true, bits)
        return quantizers
    }
}
