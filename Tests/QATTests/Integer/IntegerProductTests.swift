import CKernels
import Graph
import TestTraits
import Testing

@testable import QAT

/// A window over drawn steps, with drawn weights.
private struct DrawnProduct {
    let product: ck_integer_product
    let steps: [Int32]
    let weights: [Int16]

    init(
        _ geometry: ProductGeometry, features: QuantizationGrid, weights grid: QuantizationGrid,
        isExtreme: Bool = false
    ) {
        var random = SplitMix64(seed: 7)
        func draw(_ grid: QuantizationGrid) -> Int {
            let code =
                isExtreme
                ? grid.codes.upperBound : grid.codes.lowerBound + Int(random.next() % UInt64(grid.codeCount))
            return grid.kind == .offset ? 2 * code - grid.levels : code
        }
        let made = geometry.product
        steps = (0..<geometry.inputs).map { _ in Int32(draw(features)) }
        weights = (0..<made.columns * geometry.outputs).map { _ in Int16(draw(grid)) }
        product = made
    }

    /// The sums in loops over every index.
    var sums: [Int32] {
        let window = product.window
        let (width, rows) = (Int(window.channels / product.groups), Int(product.out_channels))
        let (tall, wide) = (Int(window.kernel_height), Int(window.kernel_width))
        let isSpread = product.steps_over != 0
        /// Where a tap reads along an axis; nil outside and between pixels.
        func place(_ out: Int, _ tap: Int, _ start: Int64, _ size: Int64) -> Int? {
            let at = out * Int(window.stride) - Int(start) + tap * Int(product.dilation)
            guard !isSpread || at % 2 == 0 else { return nil }
            let inside = isSpread ? at / 2 : at
            return at >= 0 && inside < size ? inside : nil
        }
        var found: [Int32] = []
        for image in 0..<Int(window.batch) {
            for row in 0..<Int(window.out_height) {
                for column in 0..<Int(window.out_width) {
                    for output in 0..<rows {
                        var sum = 0
                        for y in 0..<tall {
                            for x in 0..<wide {
                                guard let line = place(row, y, window.top, window.in_height),
                                    let pixel = place(column, x, window.left, window.in_width)
                                else { continue }
                                let first =
                                    ((image * Int(window.in_height) + line) * Int(window.in_width) + pixel)
                                    * Int(window.channels) + output / (rows / Int(product.groups)) * width
                                for channel in 0..<width {
                                    let weight = ((output * width + channel) * tall + y) * wide + x
                                    sum += Int(steps[first + channel]) * Int(weights[weight])
                                }
                            }
                        }
                        found.append(Int32(sum))
                    }
                }
            }
        }
        return found
    }
}

/// How a window slides.
struct ProductGeometry: CustomTestStringConvertible, Sendable {
    var channels = 6, outputs = 8, groups = 1, height = 5, width = 7, tall = 3, wide = 3
    var stride = 1, dilation = 1, top = 1, left = 1, bottom = 1, right = 1
    var stepsOver = false

    var testDescription: String {
        "\(channels) to \(outputs) in \(groups), \(height)x\(width), window \(tall)x\(wide), stride \(stride), dilation \(dilation), padding \([top, left, bottom, right])\(stepsOver ? ", between zeros" : "")"
    }

    static let all: [ProductGeometry] = [
        ProductGeometry(),
        ProductGeometry(channels: 3, stride: 2, top: 0, left: 0),
        ProductGeometry(channels: 16, outputs: 5, tall: 1, wide: 1, top: 0, left: 0, bottom: 0, right: 0),
        ProductGeometry(
            channels: 33, outputs: 10, height: 1, width: 1, tall: 1, wide: 1, top: 0, left: 0, bottom: 0,
            right: 0),
        ProductGeometry(
            channels: 8, outputs: 6, groups: 2, dilation: 2, top: 2, left: 2, bottom: 2, right: 2),
        ProductGeometry(channels: 20, outputs: 20, groups: 20, stride: 2),
        ProductGeometry(
            channels: 20, outputs: 20, groups: 20, tall: 5, wide: 5, top: 2, left: 2, bottom: 2, right: 2),
        ProductGeometry(channels: 6, outputs: 12, groups: 6),
        ProductGeometry(
            channels: 4, outputs: 9, tall: 2, wide: 4, stride: 3, top: 0, left: 3, bottom: 1, right: 0),
        ProductGeometry(channels: 5, outputs: 4, stepsOver: true),
        ProductGeometry(channels: 7, outputs: 16),
        ProductGeometry(channels: 16, outputs: 48, stride: 2, top: 0, left: 0),
        ProductGeometry(channels: 6, outputs: 16, stepsOver: true),
        ProductGeometry(
            channels: 24, outputs: 24, groups: 24, dilation: 2, top: 2, left: 2, bottom: 2, right: 2),
        ProductGeometry(
            channels: 17, outputs: 17, groups: 17, height: 2, width: 16, tall: 5, wide: 13, top: 2, left: 5,
            bottom: 2, right: 5),
        ProductGeometry(channels: 9, outputs: 9, groups: 9, stepsOver: true),
    ]

    /// Whether this processor has fast sums of bytes: those of words take vectors of channels.
    var hasFastSums: Bool {
        OneDNN.hasExactBytes || ck_has_words() != 0 && outputs % 16 == 0 && groups == 1 && dilation == 1
    }

    private static let batch = 5

    var inputs: Int { ProductGeometry.batch * channels * height * width }

    var product: ck_integer_product {
        func places(_ size: Int, _ window: Int, _ padding: Int) -> Int64 {
            Int64(((stepsOver ? 2 * size : size) + padding - (window - 1) * dilation - 1) / stride + 1)
        }
        var product = ck_integer_product()
        product.window = ck_window(
            batch: Int64(ProductGeometry.batch), channels: Int64(channels), in_height: Int64(height),
            in_width: Int64(width), out_height: places(height, tall, top + bottom),
            out_width: places(width, wide, left + right), kernel_height: Int64(tall),
            kernel_width: Int64(wide),
            stride: Int64(stride), top: Int64(top), left: Int64(left), pad: 0, steps: 0)
        (product.groups, product.dilation) = (Int64(groups), Int64(dilation))
        (product.out_channels, product.steps_over) = (Int64(outputs), stepsOver ? 1 : 0)
        product.block = 64
        return product
    }
}

@Suite("Products of whole steps", .limited)
struct IntegerProductTests {
    private static let grids = QuantizationGrid.Kind.allCases

    /// The sums of one form; nil where there is no such form.
    private func sums(
        _ drawn: DrawnProduct, features: QuantizationGrid,
        _ make: (IntegerTensors, IntegerValues) -> (any IntegerSums)?
    ) throws -> (values: [Int32], peak: Int)? {
        let tensors = IntegerTensors(.init(batch: 1, family: .npu, keepsValues: false), library: try OneDNN())
        let storage = Tensor.Storage(values: Buffer(bytes: 0), gradient: nil)
        let signal = Signal(bits: features.bits, isSigned: features.kind != .unsigned)
        let input = tensors.make(
            Tensor(shape: .vector(drawn.steps.count), signal: signal, storage: storage),
            levels: Double(features.levels), stride: features.stride, bound: features.levels,
            bytes: features.stepBytes)
        guard let form = make(tensors, input) else { return nil }
        let arena = try tensors.plan(kernels: 1)
        defer { withExtendedLifetime(arena) {} }
        var view = input.view
        ck_steps_write(&view, 0, Int64(drawn.steps.count), drawn.steps)
        var values = [Int32](repeating: -1, count: drawn.product.outputs)
        var floats = [Float](repeating: 0, count: values.count)
        let period = Int(drawn.product.out_channels)
        let (ones, zeros) = (
            ChannelNumbers([Double](repeating: 1, count: period), period: period),
            ChannelNumbers([Double](repeating: 0, count: period), period: period)
        )
        let peak = try values.withUnsafeMutableBufferPointer { values in
            try floats.withUnsafeMutableBufferPointer { floats in
                var end = ck_integer_end()
                end.period = Int64(period)
                end.scale = UnsafePointer(ones.address)
                end.shift = UnsafePointer(zeros.address)
                end.values = floats.baseAddress
                end.sums = values.baseAddress
                return try form.run(input, into: &end)
            }
        }
        #expect(floats == values.map { Float($0) })
        return (values, Int(peak))
    }

    @Test(
        "sums of bytes and plain loops are the sums, over all bits, signs and windows",
        arguments: ProductGeometry.all, [2, 4, 6, 8])
    func agree(_ geometry: ProductGeometry, weightBits: Int) throws {
        for kind in [QuantizationGrid.Kind.offset, .twosComplement] {
            let weights = QuantizationGrid(kind, bits: weightBits)
            for featureKind in IntegerProductTests.grids {
                for featureBits in [2, 3, 4, 5, 6, 7, 8, 10] {
                    let features = QuantizationGrid(featureKind, bits: featureBits)
                    let drawn = DrawnProduct(geometry, features: features, weights: weights)
                    let expected = drawn.sums
                    let peak = expected.map { Int($0.magnitude) }.max()
                    let plain = try sums(drawn, features: features) { tensors, _ in
                        PlainSums(tensors, drawn.product, weights: drawn.weights)
                    }
                    #expect(plain?.values == expected && plain?.peak == peak, "\(features) x \(weights)")
                    // Two images at a time, of five.
                    let cache = 8 * drawn.product.outputs / 5
                    let bytes = try sums(drawn, features: features) { tensors, input in
                        ByteSums(
                            tensors, layer: "product", drawn.product, input: input, weights: drawn.weights,
                            largestWeight: weights.levels, cacheBytes: cache)
                    }
                    #expect((bytes != nil) == (geometry.hasFastSums && featureBits <= 8), "\(features)")
                    guard let bytes else { continue }
                    #expect(bytes.values == expected && bytes.peak == peak, "\(features) x \(weights)")
                }
            }
        }
    }

    @Test(
        "sums beyond what single precision holds are whole too",
        .enabled(if: OneDNN.hasExactBytes || ck_has_words() != 0))
    func large() throws {
        let features = QuantizationGrid(.unsigned, bits: 8)
        let weights = QuantizationGrid(.offset, bits: 8)
        let wide = ProductGeometry(channels: 513, outputs: 16, height: 4, width: 4)
        let drawn = DrawnProduct(wide, features: features, weights: weights, isExtreme: true)
        let expected = drawn.sums
        #expect(expected.contains { $0 > 1 << 24 && $0 % 2 != 0 })
        let found = try sums(drawn, features: features) { tensors, input in
            ByteSums(
                tensors, layer: "product", drawn.product, input: input, weights: drawn.weights,
                largestWeight: weights.levels)
        }
        #expect(found?.values == expected)
    }

    @Test("sums that could leave 32 bits are left to plain loops")
    func beyond() throws {
        let features = QuantizationGrid(.unsigned, bits: 8)
        let drawn = DrawnProduct(
            ProductGeometry(), features: features, weights: QuantizationGrid(.offset, bits: 8))
        let found = try sums(drawn, features: features) { tensors, input in
            ByteSums(
                tensors, layer: "product", drawn.product, input: input, weights: drawn.weights,
                largestWeight: 1 << 24)
        }
        #expect(found == nil)
    }
}
