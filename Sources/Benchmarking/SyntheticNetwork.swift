import Devices
import Graph

/// A network as people build them, of any number of layers, with a few settings that the chips complain about.
///
/// Residual blocks, inverted ones with a depthwise convolution, joins of two branches, pools, and a head.
struct SyntheticNetwork {
    private var nodes: [Node] = []
    private var channels = 32

    /// Builds a network of exactly `count` layers, at least 8.
    static func network(layers count: Int) throws(EditError) -> Network {
        var builder = SyntheticNetwork()
        builder.add("data", Preprocess(), reading: ["image"])
        builder.convolve("stem", channels: 32, stride: 2)
        var block = 0
        while builder.nodes.count + 8 <= count {
            builder.addBlock(block)
            block += 1
        }
        while builder.nodes.count + 3 < count {
            builder.convolve("fill\(builder.nodes.count)", channels: builder.channels)
        }
        builder.addQuantized("pool", AdaptiveAvgpool2D())
        var flatten = Flatten()
        flatten.shape = [-1, builder.channels]
        builder.add("flatten", flatten)
        builder.addQuantized("dense", FullConnected())
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: 224, width: 224))], nodes: builder.nodes)
    }

    private mutating func addBlock(_ number: Int) {
        let name = "b\(number)"
        let entrance = last
        switch number % 6 {
        case 0, 3:
            convolve("\(name).conv1", channels: channels)
            convolve("\(name).conv2", channels: channels)
            addQuantized("\(name).add", Shortcut(), reading: [entrance, last])
        case 1:
            convolve("\(name).expand", channels: channels * 2, kernel: 1)
            convolveDepthwise("\(name).dw")
            convolve("\(name).project", channels: channels / 2, kernel: 1)
            addQuantized("\(name).add", Shortcut(), reading: [entrance, last])
        case 2:
            convolve("\(name).left", channels: channels, kernel: 1)
            let left = last
            convolve("\(name).right", channels: channels, kernel: 1, reading: entrance)
            add("\(name).join", Route(), reading: [left, last])
            convolve("\(name).merge", channels: channels, kernel: 1)
        case 4:
            // Once in a while no multiple of 32.
            let width = channels
            convolve("\(name).narrow", channels: number.isMultiple(of: 4) ? width - 8 : width)
            convolve("\(name).wide", channels: width)
        default:
            if number == 5 { add("\(name).pool", Maxpool2D()) } else { convolveDepthwise("\(name).dw") }
        }
    }

    private var last: String { nodes.last?.name ?? "image" }

    private mutating func add(_ name: String, _ settings: some Operator, reading inputs: [String]? = nil) {
        nodes.append(Node(name, settings.layer, inputs: (inputs ?? [last]).map { Source($0) }))
    }

    private mutating func addQuantized(
        _ name: String, _ settings: some Quantized, reading inputs: [String]? = nil
    ) {
        var settings = settings
        settings.quantizers.isEnabled = true
        settings.quantizers.weightBits = 8
        add(name, settings, reading: inputs)
    }

    private mutating func convolve(
        _ name: String, channels: Int, kernel: Int = 3, stride: Int = 1, reading input: String? = nil
    ) {
        var conv = Conv2D()
        conv.outChannels = channels
        conv.stride = stride
        conv.padding = kernel / 2
        conv.kernelHeight = kernel
        conv.kernelWidth = kernel
        conv.batchNorm = true
        conv.bias = false
        conv.activationFunction = .none
        conv.quantizers.outputBits = 8
        addQuantized(name, conv, reading: input.map { [$0] })
        self.channels = channels
    }

    private mutating func convolveDepthwise(_ name: String) {
        var conv = DepthwiseConv2D()
        conv.padding = 1
        conv.batchNorm = true
        conv.bias = false
        conv.activationFunction = .none
        conv.quantizers.outputBits = 8
        addQuantized(name, conv)
    }
}
