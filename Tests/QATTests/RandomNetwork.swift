import Graph
import TestSupport

/// Networks of random layers, and random edits of their settings.
struct RandomNetwork {
    private var random: SeededGenerator
    private var nodes: [Node] = []
    /// Maps that can be read, with their channels; all are 8 x 8, or 4 x 4 behind the pool.
    private var maps: [(name: String, channels: Int)] = []
    let family: ArithmeticFamily

    init(seed: UInt64, on family: ArithmeticFamily) {
        random = SeededGenerator(seed: seed)
        self.family = family
    }

    /// A network of two results over 3 x 8 x 8.
    mutating func network() throws -> Network {
        nodes = [Node("preprocess", Preprocess().layer, inputs: ["image"])]
        maps = [("preprocess", 3)]
        convolve()
        for _ in 0..<5 { addLayer() }
        let side = last
        add(Maxpool2D(), reading: [last.name], channels: last.channels)
        let pooled = last
        maps = [pooled]
        for _ in 0..<3 { addLayer() }
        var up = Unpool2D()
        up.mode = random.below(2) == 0 ? .zero : .nearest
        add(up, reading: [last.name], channels: last.channels)
        maps = [last]
        convolve()
        maps.append(side)
        add(Route(), reading: [last.name, maps[0].name], channels: last.channels + maps[0].channels)
        maps = [last]
        convolve()
        var flatten = Flatten()
        flatten.shape = [-1, 16 * pooled.channels]
        add(flatten, reading: [pooled.name], channels: pooled.channels)
        var scores = FullConnected()
        (scores.outChannels, scores.activationFunction, scores.quantizers) = (5, .none, quantizers())
        add(scores, reading: [last.name], channels: 5)
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: 8, width: 8))], nodes: nodes)
    }

    private var last: (name: String, channels: Int) { maps[maps.count - 1] }

    private mutating func addLayer() {
        let source = maps[random.below(maps.count)]
        switch random.below(6) {
        case 0:
            var product = DepthwiseConv2D()
            (product.padding, product.batchNorm) = (1, random.below(2) == 0)
            (product.bias, product.activationFunction) = (!product.batchNorm, .none)
            product.quantizers = quantizers()
            add(product, reading: [source.name], channels: source.channels)
        case 1:
            let other = maps.last { $0.channels == source.channels } ?? source
            var sum = Shortcut()
            (sum.quantizers.isEnabled, sum.quantizers.outputBits) = (true, 8)
            add(sum, reading: [source.name, other.name], channels: source.channels)
        case 2:
            add(Route(), reading: [source.name, last.name], channels: source.channels + last.channels)
        case 3:
            var norm = BatchNorm()
            (norm.activationFunction, norm.quantizers) = (.relu6, quantizers())
            add(norm, reading: [source.name], channels: source.channels)
        default: convolve()
        }
    }

    private mutating func convolve() {
        var product = Conv2D()
        product.outChannels = [4, 6, 8][random.below(3)]
        (product.padding, product.batchNorm) = (1, random.below(3) > 0)
        (product.bias, product.activationFunction) = (!product.batchNorm, .none)
        product.quantizers = quantizers()
        add(product, reading: [last.name], channels: product.outChannels)
    }

    private mutating func quantizers() -> Quantization {
        var quantizers = Quantization(outputBits: 8, clip: [2, 4, 6][random.below(3)])
        (quantizers.isEnabled, quantizers.weightBits) = (true, [4, 8][random.below(2)])
        return quantizers
    }

    private mutating func add(_ settings: some Operator, reading inputs: [String], channels: Int) {
        let name = "layer\(nodes.count)"
        nodes.append(Node(name, settings.layer, inputs: inputs.map { Source($0) }))
        maps.append((name, channels))
    }

    /// A change of one setting of a layer, which the network may refuse.
    mutating func edit(of network: Network) -> Edit {
        let settings: [(String, [FieldValue])] = [
            ("weightBits", [2, 4, 8].map { .integer($0) }), ("outputBits", [4, 8].map { .integer($0) }),
            ("clip", [1, 2, 6].map { .number($0) }), ("weightFactor", [1.5, 3].map { .number($0) }),
            ("batchNorm", [.flag(true), .flag(false)]), ("activation", [.choice("ReLU6"), .choice("None")]),
            ("quantize", [.flag(true), .flag(false)]), ("outChannels", [.integer(8), .integer(5)]),
        ]
        let layer = network.nodes[random.below(network.nodes.count)]
        // Bits and ranges come often, what changes the wiring's shapes seldom.
        let (field, values) = settings[min(random.below(settings.count), random.below(settings.count))]
        return .set(layer: layer.name, field: field, to: values[random.below(values.count)])
    }
}
