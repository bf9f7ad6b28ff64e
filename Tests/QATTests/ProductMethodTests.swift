import COneDNN
import Graph
import TestTraits
import Testing

@testable import QAT

/// A direction of a product by a method, on numbers of its own.
struct MethodCase: CustomTestStringConvertible {
    let shape: onednn_convolution
    let direction: ConvolutionPrimitive.Direction
    let method: ProductMethod
    var hasNarrowTiles = false

    var testDescription: String {
        let s = shape
        return
            "\(method.rawValue)\(hasNarrowTiles ? ", narrow" : ""), \(direction.rawValue), \(s.batch) x \(s.in_channels) x \(s.in_height) x "
            + "\(s.in_width) to \(s.out_channels), \(s.kernel_height) x \(s.kernel_width), \(s.stride)"
    }

    /// Windows of every kind that the methods treat apart: few channels, as many as a vector, more; maps of a pixel, of
    /// a few, and wide ones; strides, uneven padding, batches that fill no group, images of which a cache holds one.
    static let shapes: [onednn_convolution] = [
        .window(batch: 9, 16, 16, map: (9, 20), kernel: (3, 3), pad: (1, 1, 1, 1)),
        .window(batch: 8, 16, 32, map: (6, 6), kernel: (3, 3), stride: 2, pad: (0, 0, 1, 1)),
        .window(batch: 3, 16, 16, map: (5, 2), kernel: (2, 2)),
        .window(batch: 8, 48, 32, map: (4, 4), kernel: (3, 3), pad: (1, 1, 1, 1)),
        .window(batch: 16, 64, 16, map: (2, 2), kernel: (3, 3), pad: (1, 1, 1, 1)),
        .window(batch: 5, 32, 48, map: (2, 2), kernel: (3, 3), stride: 2, pad: (0, 0, 1, 1)),
        .window(batch: 4, 3, 32, map: (8, 11), kernel: (3, 3), pad: (1, 1, 1, 1)),
        .window(batch: 4, 4, 16, map: (7, 7), kernel: (5, 3), stride: 2, pad: (2, 1, 2, 1)),
        .window(batch: 2, 10, 16, map: (6, 17), kernel: (1, 3), pad: (0, 1, 0, 1)),
        .window(batch: 7, 32, 64, map: (3, 5), kernel: (1, 1)),
        .window(batch: 9, 80, 16, map: (1, 1), kernel: (1, 1)),
        .window(batch: 8, 32, 32, map: (1, 1), kernel: (3, 3), pad: (1, 1, 1, 1)),
        .window(batch: 40, 16, 48, map: (13, 9), kernel: (3, 3), pad: (0, 2, 1, 1)),
        .window(batch: 3, 80, 32, map: (11, 10), kernel: (3, 3)),
        .window(batch: 4, 32, 16, map: (7, 7), kernel: (1, 1), stride: 2),
        .window(batch: 4, 16, 16, map: (12, 12), kernel: (7, 7), pad: (3, 3, 3, 3)),
        .window(batch: 2, 32, 10, map: (9, 33), kernel: (3, 3), pad: (1, 1, 1, 1)),
        .window(batch: 10, 32, 16, map: (48, 41), kernel: (3, 3), stride: 2, pad: (1, 1, 1, 1)),
        .window(batch: 5, 80, 80, map: (3, 4), kernel: (3, 3), pad: (1, 1, 1, 1), groups: 80),
        .window(batch: 4, 48, 48, map: (6, 6), kernel: (3, 3), stride: 2, pad: (0, 0, 1, 1), groups: 48),
        .window(batch: 40, 32, 32, map: (2, 2), kernel: (3, 3), pad: (1, 1, 1, 1), groups: 32),
        .window(batch: 2, 16, 16, map: (9, 37), kernel: (3, 3), pad: (1, 1, 1, 1), groups: 16),
        .window(batch: 3, 64, 64, map: (7, 9), kernel: (5, 3), stride: 2, pad: (2, 1, 2, 1), groups: 64),
    ]

    static let all: [MethodCase] = shapes.flatMap { shape in
        [ConvolutionPrimitive.Direction.forward, .backwardData, .backwardWeights].flatMap { direction in
            ProductMethod.allCases.filter { $0 != .direct }.flatMap { method in
                (method == .taps || method == .winograd ? [false, true] : [false]).map {
                    MethodCase(
                        shape: shape, direction: direction, method: method, hasNarrowTiles: $0)
                }
            }
        }
    }

    /// How far apart results may be, in units of the largest magnitude.
    var tolerance: Float {
        switch method {
        case .direct, .reordered, .taps: 1e-5
        case .winograd: 3e-5
        case .bfloat, .bfloatTaps: 1e-2
        }
    }

    /// The tensor that the direction fills, after a run on numbers that are always the same; nil where this machine
    /// lacks the method.
    func result(by method: ProductMethod, _ library: OneDNN) throws -> [Float]? {
        var product = ProductDirection(
            direction: direction, shape: shape, layer: "layer", library: library)
        product.hasNarrowTiles = hasNarrowTiles
        let room = PassRoom()
        guard let pass = try product.pass(method, room.callAsFunction) else { return nil }
        let sizes = product.sizes
        let tensors = [sizes.source, sizes.destination, sizes.weights].map { room(4 * $0) }
        try room.allocate()
        defer { withExtendedLifetime(room) {} }
        var random = SplitMix64(seed: 5)
        for tensor in tensors {
            for index in 0..<tensor.bytes / 4 {
                tensor.floats[index] = Float(random.next() >> 40) / Float(1 << 24) - 0.5
            }
        }
        try pass.bind(source: tensors[0].address, destination: tensors[1].address, plain: tensors[2].address)
        // What a run leaves behind does not change the next.
        try pass.run()
        try pass.run()
        let filled =
            switch direction {
            case .forward: tensors[1]
            case .backwardData: tensors[0]
            case .backwardWeights: tensors[2]
            }
        return Array(UnsafeBufferPointer(start: filled.floats, count: filled.bytes / 4))
    }
}

extension onednn_convolution {
    /// A window without gaps over a map of height and width; `pad` is top, left, bottom, right.
    static func window(
        batch: Int64, _ inChannels: Int64, _ outChannels: Int64, map: (Int64, Int64), kernel: (Int64, Int64),
        stride: Int64 = 1, pad: (Int64, Int64, Int64, Int64) = (0, 0, 0, 0),
        groups: Int64 = 1
    ) -> onednn_convolution {
        onednn_convolution(
            batch: batch, groups: groups, in_channels: inChannels, in_height: map.0, in_width: map.1,
            out_channels: outChannels, out_height: (map.0 + pad.0 + pad.2 - kernel.0) / stride + 1,
            out_width: (map.1 + pad.1 + pad.3 - kernel.1) / stride + 1, kernel_height: kernel.0,
            kernel_width: kernel.1, stride: stride, dilation: 1, pad_top: pad.0, pad_left: pad.1,
            pad_bottom: pad.2, pad_right: pad.3)
    }
}

@Suite("Methods of products", .limited)
struct ProductMethodTests {
    @Test("every method gives what the one of every machine gives", arguments: MethodCase.all)
    func agreement(_ method: MethodCase) throws {
        let library = try OneDNN()
        let expected = try #require(try method.result(by: .direct, library))
        guard let result = try method.result(by: method.method, library) else { return }
        let largest = expected.map { abs($0) }.max() ?? 0
        let apart = zip(result, expected).map { abs($0 - $1) }.max() ?? 0
        #expect(apart <= method.tolerance * largest, "differs by \(apart / largest)")
    }

    @Test("our own products take every window whose channels fill vectors", arguments: MethodCase.shapes)
    func taps(_ shape: onednn_convolution) throws {
        let library = try OneDNN()
        func isThere(_ direction: ConvolutionPrimitive.Direction) throws -> Bool {
            try MethodCase(shape: shape, direction: direction, method: .taps).result(by: .taps, library)
                != nil
        }
        guard shape.groups == 1 else {
            #expect(try isThere(.backwardWeights))
            return
        }
        #expect(try isThere(.forward) == (shape.out_channels % 16 == 0))
        #expect(try isThere(.backwardData) == (shape.in_channels % 16 == 0))
        #expect(
            try isThere(.backwardWeights) == (shape.out_channels % 16 == 0 || shape.in_channels % 16 == 0))
    }

    @Test(
        "Winograd's sums take every 3x3 window without stride whose channels fill vectors",
        arguments: MethodCase.shapes)
    func winograd(_ shape: onednn_convolution) throws {
        let library = try OneDNN()
        let isTaken =
            shape.kernel_height == 3 && shape.kernel_width == 3 && shape.stride == 1 && shape.groups == 1
            && shape.in_channels % 16 == 0 && shape.out_channels % 16 == 0
        for direction in [ConvolutionPrimitive.Direction.forward, .backwardData, .backwardWeights] {
            let method = MethodCase(shape: shape, direction: direction, method: .winograd)
            #expect(try (method.result(by: .winograd, library) != nil) == isTaken)
        }
    }

    @Test("Winograd's sums do not depend on the number of threads")
    func threads() throws {
        let library = try OneDNN()
        let shape = onednn_convolution.window(
            batch: 40, 32, 48, map: (13, 9), kernel: (3, 3), pad: (1, 1, 1, 1))
        defer { Engine.useThreads(0) }
        for direction in [ConvolutionPrimitive.Direction.forward, .backwardData, .backwardWeights] {
            let method = MethodCase(shape: shape, direction: direction, method: .winograd)
            Engine.useThreads(1)
            let alone = try #require(try method.result(by: .winograd, library))
            Engine.useThreads(3)
            #expect(try method.result(by: .winograd, library) == alone)
        }
    }
}

@Suite("Choice of methods", .limited)
struct ProductChoiceTests {
    private let direction: ProductDirection
    private var name: String { "\(Engine.threads) threads, \(direction.key)" }

    init() throws {
        direction = ProductDirection(
            direction: .backwardWeights,
            shape: .window(batch: 8, 32, 32, map: (6, 6), kernel: (3, 3), pad: (1, 1, 1, 1)), layer: "layer",
            library: try OneDNN())
    }

    private func choice(_ selection: ProductSelection, isGradient: Bool = true) throws -> ProductMethod {
        let chooser = ProductChooser(selection)
        _ = try chooser.pass(direction, isGradient: isGradient, isFree: false) { Buffer(bytes: $0) }
        return try #require(chooser.choices.first).method
    }

    /// Times of all methods, of which one is the fastest.
    private func timings(fastest: ProductMethod) -> ProductTimings {
        ProductTimings(
            .object([
                .init(
                    name,
                    .object(
                        ProductMethod.allCases.map {
                            .init($0.rawValue, .number($0 == fastest ? 1 : $0.isRounded ? 1.5 : 2))
                        }))
            ]))
    }

    @Test("without times every product has the method of every machine")
    func fixed() throws {
        #expect(try choice(.fixed) == .direct)
    }

    @Test("the fastest method is chosen", arguments: [ProductMethod.direct, .reordered, .winograd, .taps])
    func fastest(_ method: ProductMethod) throws {
        #expect(try choice(ProductSelection(timings: timings(fastest: method))) == method)
    }

    @Test("a forward pass on codes keeps the method of every machine")
    func forward() throws {
        let selection = ProductSelection(timings: timings(fastest: .taps))
        #expect(try choice(selection, isGradient: false) == .direct)
    }

    @Test("gradients are rounded only where that is asked for")
    func rounded() throws {
        let timings = timings(fastest: .bfloatTaps)
        #expect(try !choice(ProductSelection(timings: timings)).isRounded)
        guard try choice(ProductSelection(timings: timings, gradients: .auto)) != .direct else { return }
        #expect(try choice(ProductSelection(timings: timings, gradients: .auto)) == .bfloatTaps)
        let other = self.timings(fastest: .taps)
        #expect(try choice(ProductSelection(timings: other, gradients: .auto)) == .taps)
        #expect(try choice(ProductSelection(timings: other, gradients: .bfloat)).isRounded)
    }

    @Test("a recorded method is taken whatever is faster")
    func recorded() throws {
        var selection = ProductSelection(timings: timings(fastest: .taps))
        selection.recorded = ["gradient, \(direction.key)": .winograd]
        #expect(try choice(selection) == .winograd)
    }

    @Test("what a machine lacks becomes the method of every machine")
    func lacking() throws {
        var selection = ProductSelection.fixed
        let shape = onednn_convolution.window(batch: 2, 3, 5, map: (4, 4), kernel: (3, 3))
        let other = ProductDirection(
            direction: .forward, shape: shape, layer: "layer", library: direction.library)
        selection.recorded = ["gradient, \(other.key)": .taps]
        let chooser = ProductChooser(selection)
        _ = try chooser.pass(other, isGradient: true, isFree: true) { Buffer(bytes: $0) }
        #expect(chooser.choices.map(\.method) == [.direct])
    }

    @Test("a product is measured once, with every method that is asked for")
    func measured() throws {
        let timings = ProductTimings()
        let first = try choice(ProductSelection(timings: timings))
        #expect(timings.count == 1)
        let json = timings.json
        #expect(try choice(ProductSelection(timings: timings)) == first)
        #expect(timings.json == json)
        _ = try choice(ProductSelection(timings: timings, gradients: .auto))
        #expect(timings.count == 1)
        #expect(try choice(ProductSelection(timings: timings)) == first)
    }

    @Test(
        "what is needed at least are Winograd's multiplications, where they are fewer and numbers are in single precision"
    )
    func leastOperations() throws {
        func product(map: (Int64, Int64), stride: Int64 = 1) -> ProductDirection {
            ProductDirection(
                direction: .backwardData,
                shape: .window(
                    batch: 2, 16, 32, map: map, kernel: (3, 3), stride: stride, pad: (1, 1, 1, 1)),
                layer: "layer", library: direction.library)
        }
        // Two samples of four tiles of 36 points, a multiplication and a sum for each pair of channels.
        #expect(product(map: (8, 8)).leastOperations(.single) == 2 * 2 * 4 * 36 * 16 * 32)
        #expect(product(map: (8, 8)).leastOperations(.bfloat) == 2 * 2 * 22 * 22 * 16 * 32)
        #expect(product(map: (1, 1)).leastOperations(.single) == 2 * 2 * 16 * 32)
        let strided = product(map: (8, 8), stride: 2)
        #expect(strided.leastOperations(.single) == strided.existingOperations)
    }

    @Test("times come back from a file, and what is no time is left out")
    func file() throws {
        let timings = timings(fastest: .taps)
        #expect(ProductTimings(timings.json).json == timings.json)
        let broken = try JSON(
            text: #"{"a": 3, "b": {"direct": "x", "taps": -1, "winograd": null}, "c": {"other": 1}}"#)
        #expect(ProductTimings(broken).json == (try JSON(text: #"{"b": {"winograd": null}, "c": {}}"#)))
    }
}
