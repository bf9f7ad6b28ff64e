package import Devices
package import Graph
import QAT
package import Weights

/// A network whose layers hold odd numbers of channels, put together layer by layer.
package struct CarryNetwork: Sendable, CustomStringConvertible {
    package let description: String
    package let network: Network

    /// Layers with a name, a description of each, and what they read; the first reads the Preprocess.
    private init(
        _ description: String, input: Shape = .map(channels: 3, height: 8, width: 8), _ layers: [Node]
    ) throws {
        self.description = description
        network = try Network(
            inputs: [Input("image", input)],
            nodes: [Node("preprocess", Preprocess().layer, inputs: ["image"])] + layers)
    }

    /// One network of each kind of tie between channels.
    package static var all: [CarryNetwork] {
        get throws {
            try [
                residual, dense, halves, gated, squeezed, shuffled, focused, flattened, transposed, grouped,
                larger, recurrent, ends,
            ]
        }
    }

    private static func conv(
        _ name: String, _ source: Source, _ channels: Int, kernel: Int = 3, groups: Int = 1,
        _ activation: Activation = .relu, batchNorm: Bool = false, focus: Bool = false
    ) -> Node {
        var conv = Conv2D()
        (conv.outChannels, conv.kernelHeight, conv.kernelWidth) = (channels, kernel, kernel)
        (conv.groups, conv.activationFunction, conv.batchNorm) = (groups, activation, batchNorm)
        (conv.padding, conv.bias, conv.focus) = (1, !batchNorm, focus)
        return Node(name, conv.layer, inputs: [source])
    }

    private static func depthwise(_ name: String, _ source: Source) -> Node {
        var conv = DepthwiseConv2D()
        (conv.padding, conv.activationFunction) = (1, .relu)
        return Node(name, conv.layer, inputs: [source])
    }

    private static func dense(
        _ name: String, _ source: Source, _ channels: Int, _ activation: Activation
    ) -> Node {
        var product = FullConnected()
        (product.outChannels, product.activationFunction) = (channels, activation)
        return Node(name, product.layer, inputs: [source])
    }

    private static func split(_ name: String, _ source: Source, _ parts: [Int]) -> Node {
        var split = ChannelSplit()
        split.split = parts
        return Node(name, split.layer, inputs: [source])
    }

    package static var residual: CarryNetwork {
        get throws {
            var sum = Shortcut()
            sum.activationFunction = .relu
            return try CarryNetwork(
                "sums of a convolution, a depthwise one and what they read",
                [
                    conv("stem", "preprocess", 12, batchNorm: true), conv("a", "stem", 12, .prelu),
                    Node("add", sum.layer, inputs: ["a", "stem"]), depthwise("dw", "add"),
                    Node("add2", sum.layer, inputs: ["dw", "add"]), conv("head", "add2", 5, .none),
                ])
        }
    }

    package static var dense: CarryNetwork {
        get throws {
            var mean = AdaptiveAvgpool2D()
            mean.keepDimensions = false
            return try CarryNetwork(
                "joins of joins",
                [
                    conv("c0", "preprocess", 10), conv("c1", "c0", 6),
                    Node("r1", Route().layer, inputs: ["c0", "c1"]), conv("c2", "r1", 7),
                    Node("r2", Route().layer, inputs: ["c2", "r1", "c0"]),
                    Node("pool", Maxpool2D().layer, inputs: ["r2"]), conv("c3", "pool", 9, kernel: 1),
                    Node("mean", mean.layer, inputs: ["c3"]), dense("scores", "mean", 4, .none),
                ])
        }
    }

    package static var halves: CarryNetwork {
        get throws {
            try CarryNetwork(
                "halves that part and join again",
                [
                    conv("stem", "preprocess", 24), split("split", "stem", [10, 14]),
                    conv("left", "split", 14, kernel: 1), depthwise("right", Source("split", output: 1)),
                    Node("add", Shortcut().layer, inputs: ["left", "right"]),
                    Node("route", Route().layer, inputs: ["split", "add"]),
                    split("again", "route", [12, 12]),
                    Node("max", Max().layer, inputs: ["again", Source("again", output: 1)]),
                    conv("head", "max", 3, kernel: 1, .none),
                ])
        }
    }

    package static var gated: CarryNetwork {
        get throws {
            try CarryNetwork(
                "a product with a gate",
                [
                    conv("body", "preprocess", 20), Node("mean", AdaptiveAvgpool2D().layer, inputs: ["body"]),
                    conv("gate", "mean", 20, kernel: 1, .hsigmoid),
                    Node("mul", Mul().layer, inputs: ["body", "gate"]), conv("head", "mul", 5, .none),
                ])
        }
    }

    package static var squeezed: CarryNetwork {
        get throws {
            var gate = SeBlock()
            (gate.rate, gate.batchNorm) = (4, true)
            return try CarryNetwork(
                "squeeze and excite",
                [
                    conv("body", "preprocess", 40), Node("se", gate.layer, inputs: ["body"]),
                    conv("head", "se", 5, .none),
                ])
        }
    }

    package static var shuffled: CarryNetwork {
        get throws {
            try CarryNetwork(
                "channels to space",
                [
                    conv("body", "preprocess", 24), Node("shuffle", PixelShuffle().layer, inputs: ["body"]),
                    conv("head", "shuffle", 3, .none),
                ])
        }
    }

    package static var focused: CarryNetwork {
        get throws {
            try CarryNetwork(
                "space to depth in front",
                [conv("stem", "preprocess", 10, focus: true), conv("head", "stem", 4, .none)])
        }
    }

    package static var flattened: CarryNetwork {
        get throws {
            var flatten = Flatten()
            flatten.shape = [-1, 6 * 3 * 3]
            var pool = Maxpool2D()
            pool.window = Window(height: 3, width: 3, stride: 3, padding: 1)
            return try CarryNetwork(
                "a matrix behind a map",
                [
                    conv("body", "preprocess", 6, .leakyReLU), Node("pool", pool.layer, inputs: ["body"]),
                    Node("flatten", flatten.layer, inputs: ["pool"]), dense("hidden", "flatten", 11, .relu),
                    dense("scores", "hidden", 4, .none),
                ])
        }
    }

    package static var transposed: CarryNetwork {
        get throws {
            var up = ConvTranspose2D()
            (up.outChannels, up.activationFunction) = (7, .relu)
            return try CarryNetwork(
                "upsampling",
                [
                    conv("body", "preprocess", 9), Node("up", up.layer, inputs: ["body"]),
                    Node("wide", Unpool2D().layer, inputs: ["up"]), conv("head", "wide", 3, .none),
                ])
        }
    }

    package static var grouped: CarryNetwork {
        get throws {
            try CarryNetwork(
                "convolutions in groups",
                [
                    conv("stem", "preprocess", 24), conv("groups", "stem", 12, groups: 3),
                    conv("alone", "groups", 12, groups: 12), conv("head", "alone", 5, .none),
                ])
        }
    }

    package static var ends: CarryNetwork {
        get throws {
            try CarryNetwork(
                "results of depthwise convolutions and of one in groups",
                [
                    conv("stem", "preprocess", 32), conv("scores", "stem", 4, kernel: 1, .none),
                    depthwise("last", "scores"), conv("boxes", "stem", 8, kernel: 1, .none),
                    conv("groups", "boxes", 6, groups: 2, .none),
                ])
        }
    }

    package static var larger: CarryNetwork {
        get throws {
            var norm = BatchNorm()
            norm.activationFunction = .relu
            return try CarryNetwork(
                "the larger of two, and batch norm alone",
                [
                    conv("a", "preprocess", 9, .prelu), conv("b", "preprocess", 9, .linear),
                    Node("max", Max().layer, inputs: ["a", "b"]),
                    Node("norm", norm.layer, inputs: ["max"]),
                    Node("pool", Avgpool2D().layer, inputs: ["norm"]), conv("head", "pool", 5, .none),
                ])
        }
    }

    package static var recurrent: CarryNetwork {
        get throws {
            var lstm = LSTM()
            (lstm.hiddenSize, lstm.bidirectional, lstm.useSqueeze) = (6, true, true)
            var flatten = Flatten()
            flatten.shape = [-1, 12 * 8]
            return try CarryNetwork(
                "a sequence", input: .map(channels: 3, height: 1, width: 8),
                [
                    conv("body", "preprocess", 10, kernel: 1), Node("lstm", lstm.layer, inputs: ["body"]),
                    Node("flatten", flatten.layer, inputs: ["lstm"]), dense("hidden", "flatten", 7, .relu),
                    dense("scores", "hidden", 4, .none),
                ])
        }
    }
}

extension CarryNetwork {
    /// Drawn weights of a network, with batch norms that do something.
    package static func weights(
        of network: Network, on device: Device, seed: UInt64 = 7
    ) throws -> Safetensors {
        let store = ParameterStore(Analysis(network, on: device.family))
        store.initialize(seed: seed)
        var random = SplitMix64(seed: seed)
        for entry in store.layout.parameters + store.layout.statistics {
            func draw(_ low: Float, _ high: Float) throws {
                let values = (0..<entry.count).map { _ in
                    low + (high - low) * Float(random.next() >> 40) * 0x1p-24
                }
                try store.set(entry.name, to: values)
            }
            switch entry.role {
            case .parameter(.scale): try draw(0.5, 1.5)
            case .parameter(.shift), .mean: try draw(-0.5, 0.5)
            case .variance: try draw(0.3, 2)
            case .parameter(.slope): try draw(0.1, 0.4)
            case .parameter(.weight), .parameter(.bias), .logClip: break
            }
        }
        return Checkpoint.weights(store, digest: network.digest)
    }

    /// The float results of a network on drawn inputs, by layer.
    package static func results(
        of network: Network, on device: Device, _ weights: Safetensors
    ) throws -> [[Float]] {
        let analysis = Analysis(network, on: device.family)
        let store = ParameterStore(analysis)
        try Checkpoint.load(weights, into: store)
        var options = Program.Options(batch: 2)
        (options.isQuantized, options.padsBothSides) = (false, device == .t02)
        let program = try Program(analysis, store: store, options: options)
        var random = SplitMix64(seed: 3)
        for input in program.inputs {
            for index in input.values.indices {
                input.values[index] = Float(random.next() >> 40) * 0x1p-23 - 1
            }
        }
        try program.forward(.evaluation)
        return program.outputs.map { Array($0.values) }
    }

    /// The largest difference between results, in units of the largest magnitude; infinite where shapes differ.
    package static func difference(_ found: [[Float]], _ expected: [[Float]]) -> Float {
        guard found.map(\.count) == expected.map(\.count) else { return .infinity }
        let scale = max(expected.joined().map(abs).max() ?? 0, 1e-3)
        return (zip(found.joined(), expected.joined()).map { abs($0 - $1) }.max() ?? 0) / scale
    }
}
