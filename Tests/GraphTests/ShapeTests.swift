import Graph
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct ShapeTests {
    /// The shapes that a layer gives in a network of its own.
    private func outputs(of layer: Layer, _ inputs: Shape...) throws -> [Shape] {
        let sources = inputs.indices.map { Source("in\($0)") }
        let network = try Network(
            inputs: inputs.enumerated().map { Input("in\($0)", $1) },
            nodes: [Node("layer", layer, inputs: sources)])
        return try NetworkShapes(network, order: NetworkOrder(network)).outputs[0].get()
    }

    private static func map(_ channels: Int, _ height: Int, _ width: Int) -> Shape {
        .map(channels: channels, height: height, width: width)
    }

    @Test("each sample gives the shapes that were worked out by hand", arguments: OperatorSample.all)
    func samples(sample: OperatorSample) throws {
        let network = try sample.network()
        let shapes = NetworkShapes(network, order: NetworkOrder(network))
        #expect(try shapes.outputs[0].get() == sample.outputs)
        #expect(shapes.output(0) == sample.outputs.first && shapes.known(0) == sample.inputs)
        #expect(shapes.failure(0) == nil)
    }

    @Test("a shape has its axes in order and a size")
    func axes() {
        let map = Self.map(3, 32, 16)
        #expect(
            map.dimensions == [3, 32, 16] && map.channels == 3 && map.elements == 1536
                && "\(map)" == "3x32x16")
        let sequence = Shape.sequence(length: 7, features: 5)
        #expect(
            sequence.dimensions == [7, 5] && sequence.channels == 5 && sequence.elements == 35
                && "\(sequence)" == "7x5")
        #expect(
            Shape.vector(9).dimensions == [9] && Shape.vector(9).channels == 9 && "\(Shape.vector(9))" == "9")
        for shape in [map, sequence, .vector(9)] { #expect(Shape(dimensions: shape.dimensions) == shape) }
        #expect(Shape(dimensions: []) == nil && Shape(dimensions: [1, 2, 3, 4]) == nil)
        #expect(map.withChannels(8) == Self.map(8, 32, 16) && sequence.withChannels(8).elements == 56)
    }

    @Test("elements are held at the largest integer instead of overflowing")
    func saturation() {
        #expect(Self.map(1 << 31, 1 << 31, 1 << 31).elements == .max)
        #expect(Shape.sequence(length: 1 << 40, features: 1 << 40).elements == .max)
        #expect(Self.map(1 << 20, 1 << 20, 1 << 20).elements == 1 << 60)
    }

    @Test(
        "padding other than 0 is SAME: the input by the stride, rounded up",
        arguments: [
            (8, 3, 1, 1, 8), (8, 3, 2, 1, 4), (9, 3, 2, 1, 5), (7, 3, 2, 1, 4), (8, 2, 2, 1, 4),
            (9, 2, 2, 7, 5), (8, 5, 3, 2, 3),
            (1, 3, 2, 1, 1), (8, 64, 1, 1, 8), (20, 13, 1, 6, 20), (8, 3, 1, 0, 6), (8, 3, 2, 0, 3),
            (9, 3, 2, 0, 4), (7, 2, 2, 0, 3),
            (3, 3, 1, 0, 1), (8, 1, 2, 0, 4), (5, 1, 64, 0, 1),
        ])
    func windows(size: Int, kernel: Int, stride: Int, padding: Int, expected: Int) throws {
        var conv = Conv2D()
        (conv.outChannels, conv.stride, conv.padding) = (8, stride, padding)
        (conv.kernelHeight, conv.kernelWidth) = (kernel, 1)
        #expect(try outputs(of: conv.layer, Self.map(4, size, stride)) == [Self.map(8, expected, 1)])
        var depthwise = DepthwiseConv2D()
        (depthwise.stride, depthwise.padding, depthwise.kernelHeight, depthwise.kernelWidth) = (
            stride, padding, 1, kernel
        )
        #expect(try outputs(of: depthwise.layer, Self.map(4, stride, size)) == [Self.map(4, 1, expected)])
        for pool in [
            Self.pool(Maxpool2D(), kernel, stride, padding), Self.pool(Avgpool2D(), kernel, stride, padding),
        ] {
            #expect(try outputs(of: pool, Self.map(4, size, size)) == [Self.map(4, expected, expected)])
        }
    }

    private static func pool(_ pool: some Operator, _ kernel: Int, _ stride: Int, _ padding: Int) -> Layer {
        let window = Window(height: kernel, width: kernel, stride: stride, padding: padding)
        switch pool.layer {
        case .maxpool2D(var pool):
            pool.window = window
            return pool.layer
        case .avgpool2D(var pool):
            pool.window = window
            return pool.layer
        default: return pool.layer
        }
    }

    @Test(
        "a dilated kernel spreads its taps and is padded by the number given",
        arguments: [
            (9, 3, 2, 1, 0, 5), (9, 3, 2, 1, 2, 9), (9, 3, 2, 2, 2, 5), (9, 3, 4, 1, 0, 1),
            (9, 2, 8, 1, 0, 1), (9, 1, 64, 1, 0, 9),
            (9, 3, 4, 1, 4, 9), (8, 3, 3, 2, 1, 2),
        ])
    func dilation(size: Int, kernel: Int, dilation: Int, stride: Int, padding: Int, expected: Int) throws {
        var conv = Conv2D()
        (conv.outChannels, conv.stride, conv.padding, conv.dilation) = (8, stride, padding, dilation)
        (conv.kernelHeight, conv.kernelWidth) = (kernel, kernel)
        #expect(try outputs(of: conv.layer, Self.map(4, size, size)) == [Self.map(8, expected, expected)])
    }

    private static let refusals: [(Layer, [Shape], ShapeError)] = [
        (
            layer { (conv: inout Conv2D) in conv.kernelHeight = 9 }, [map(3, 8, 8)],
            .windowTooLarge(window: 9, available: 8)
        ),
        (
            layer { (conv: inout Conv2D) in (conv.dilation, conv.padding) = (4, 0) }, [map(3, 8, 8)],
            .windowTooLarge(window: 9, available: 8)
        ),
        (Maxpool2D().layer, [map(3, 1, 8)], .windowTooLarge(window: 2, available: 1)),
        (
            layer { (conv: inout Conv2D) in conv.groups = 2 }, [map(3, 8, 8)],
            .indivisible(name: "input channels", value: 3, by: 2)
        ),
        (
            layer { (conv: inout Conv2D) in (conv.groups, conv.outChannels) = (3, 32) }, [map(3, 8, 8)],
            .indivisible(name: "outChannels", value: 32, by: 3)
        ),
        (
            layer { (conv: inout Conv2D) in conv.focus = true }, [map(3, 7, 8)],
            .indivisible(name: "height", value: 7, by: 2)
        ),
        (
            layer { (conv: inout Conv2D) in conv.focus = true }, [map(3, 8, 7)],
            .indivisible(name: "width", value: 7, by: 2)
        ),
        (Conv2D().layer, [.vector(8)], .notMap(.vector(8))),
        (
            DepthwiseConv2D().layer, [.sequence(length: 2, features: 3)],
            .notMap(.sequence(length: 2, features: 3))
        ),
        (ConvTranspose2D().layer, [.vector(8)], .notMap(.vector(8))),
        (AdaptiveAvgpool2D().layer, [.vector(8)], .notMap(.vector(8))),
        (Unpool2D().layer, [.vector(8)], .notMap(.vector(8))),
        (FullConnected().layer, [map(8, 1, 1)], .notVector(map(8, 1, 1))),
        (LSTM().layer, [.vector(8)], .notSequence(.vector(8))),
        (LSTM().layer, [map(8, 1, 4)], .notSequence(map(8, 1, 4))),
        (layer { (lstm: inout LSTM) in lstm.useSqueeze = true }, [map(8, 2, 4)], .notSqueezable(height: 2)),
        (
            layer { (lstm: inout LSTM) in lstm.useSqueeze = true }, [.sequence(length: 4, features: 8)],
            .notMap(.sequence(length: 4, features: 8))
        ),
        (Embedding().layer, [map(1, 1, 4)], .notIndices(map(1, 1, 4))),
        (Embedding().layer, [.vector(4), .vector(5)], .unequal(.vector(4), .vector(5))),
        (Shortcut().layer, [map(8, 4, 4), map(8, 4, 5)], .unequal(map(8, 4, 4), map(8, 4, 5))),
        (Max().layer, [map(8, 4, 4), map(4, 4, 4)], .unequal(map(8, 4, 4), map(4, 4, 4))),
        (Mul().layer, [map(8, 4, 4), map(4, 1, 1)], .unequal(map(8, 4, 4), map(4, 1, 1))),
        (Mul().layer, [map(8, 4, 4), .vector(8)], .unequal(map(8, 4, 4), .vector(8))),
        (Mul().layer, [map(8, 4, 4), map(8, 1, 4)], .unequal(map(8, 4, 4), map(8, 1, 4))),
        (Route().layer, [map(8, 4, 4), map(8, 4, 5)], .unjoinable(map(8, 4, 4), map(8, 4, 5))),
        (Route().layer, [map(8, 1, 1), .vector(8)], .unjoinable(map(8, 1, 1), .vector(8))),
        (ChannelSplit().layer, [map(33, 4, 4)], .splitSum(parts: 32, channels: 33)),
        (PixelShuffle().layer, [map(6, 4, 4)], .indivisible(name: "input channels", value: 6, by: 4)),
        (SeBlock().layer, [map(7, 4, 4)], .indivisible(name: "input channels", value: 7, by: 2)),
        (Shortcut().layer, [map(8, 4, 4)], .inputCount(expected: 2...2, found: 1)),
        (Conv2D().layer, [map(8, 4, 4), map(8, 4, 4)], .inputCount(expected: 1...1, found: 2)),
        (Route().layer, [], .inputCount(expected: 1...256, found: 0)),
        (
            layer { (unpool: inout Unpool2D) in (unpool.kernelHeight, unpool.kernelWidth) = (64, 64) },
            [map(64, 64, 32)], .tooLarge(map(64, 4096, 2048))
        ),
    ]

    private static func layer<Settings: Operator>(_ change: (inout Settings) -> Void) -> Layer {
        var settings = Settings()
        change(&settings)
        return settings.layer
    }

    @Test("a layer says why it does not take its inputs", arguments: refusals)
    func refusal(layer: Layer, inputs: [Shape], error: ShapeError) throws {
        let sources = inputs.indices.map { Source("in\($0)") }
        let network = try Network(
            inputs: inputs.enumerated().map { Input("in\($0)", $1) },
            nodes: [Node("layer", layer, inputs: sources)])
        let shapes = NetworkShapes(network, order: NetworkOrder(network))
        #expect(shapes.failure(0) == error && shapes.output(0) == nil)
        #expect(!error.description.isEmpty)
    }

    @Test(
        "a Flatten covers all elements, with one free axis at most",
        arguments: [
            ([-1, 24], [24]), ([1, 24], [24]), ([1, -1], [24]), ([-1, 4, 6], [4, 6]), ([1, 4, -1], [4, 6]),
            ([-1, 2, 3, 4], [2, 3, 4]),
            ([1, -1, 3, 4], [2, 3, 4]), ([-1, 23], nil), ([-1, -1], nil), ([-1, -1, 6], nil),
            ([1, 5, -1], nil), ([-1, 0], nil),
            ([2, 12], nil), ([1, 24, 0], nil), ([0, 24], nil), ([-1, 25], nil), ([1, -1, 268_435_456], nil),
        ] as [([Int], [Int]?)])
    func flatten(list: [Int], expected: [Int]?) throws {
        var flatten = Flatten()
        flatten.shape = list
        for input in [Self.map(2, 3, 4), .vector(24), .sequence(length: 12, features: 2)] {
            if let expected {
                #expect(try outputs(of: flatten.layer, input).map(\.dimensions) == [expected])
            } else {
                #expect(throws: ShapeError.reshape(list: list, elements: 24)) {
                    try outputs(of: flatten.layer, input)
                }
            }
        }
    }

    @Test("a wire asks for an output that the layer has")
    func outputs() throws {
        let network = try Network(
            inputs: [Input("image", Self.map(32, 4, 4))],
            nodes: [
                Node("split", ChannelSplit().layer, inputs: ["image"]),
                Node("second", Maxpool2D().layer, inputs: [Source("split", output: 1)]),
                Node("third", Maxpool2D().layer, inputs: [Source("split", output: 2)]),
                Node("none", Maxpool2D().layer, inputs: [Source("image", output: 1)]),
            ])
        let shapes = NetworkShapes(network, order: NetworkOrder(network))
        #expect(shapes.output(1) == Self.map(16, 2, 2))
        #expect(
            shapes.failure(2)?.description == "reads output 2 of 'split', which has 2 outputs, counted from 0"
        )
        #expect(
            shapes.failure(3)?.description == "reads output 1 of 'image', which has 1 output, counted from 0")
        #expect(shapes.inputs[2] == [nil] && shapes.known(2) == nil)
    }

    @Test("a layer behind one without a shape waits for it, and is not to blame")
    func waiting() throws {
        let network = try Network(
            inputs: [Input("image", Self.map(3, 4, 4))],
            nodes: [
                Node("wrong", PixelShuffle().layer, inputs: ["image"]),
                Node("behind", Maxpool2D().layer, inputs: ["wrong"]),
                Node("loop", Max().layer, inputs: ["loop", "image"]),
                Node("after", Maxpool2D().layer, inputs: ["loop"]),
                Node("fine", Maxpool2D().layer, inputs: ["image"]),
            ])
        let shapes = NetworkShapes(network, order: NetworkOrder(network))
        #expect(shapes.failure(0) == .indivisible(name: "input channels", value: 3, by: 4))
        for (index, cause) in [(1, "wrong"), (2, "loop"), (3, "loop")] {
            #expect(throws: ShapeError.waits(on: cause)) { try shapes.outputs[index].get() }
            #expect(shapes.failure(index) == nil && shapes.output(index) == nil)
        }
        #expect(shapes.output(4) == Self.map(3, 2, 2))
        #expect(shapes.inputs[2] == [nil, nil])
    }
}
