import CKernels
import COneDNN
import TestTraits
import Testing

@testable import QAT

/// A product on codes of one byte, on numbers of its own.
private struct CodeCase {
    let shape: onednn_convolution
    let areSigned: Bool
    /// Axes batch, height, width, channels; unsigned codes have their bits.
    var input: [Int8]
    /// Axes out, in, height, width.
    let weights: [Int8]

    init(_ shape: onednn_convolution, areSigned: Bool) {
        self.shape = shape
        self.areSigned = areSigned
        var random = SplitMix64(seed: 7)
        func codes(_ count: Int) -> [Int8] {
            (0..<count).map { _ in Int8(truncatingIfNeeded: Int(random.next() >> 56)) }
        }
        let pixels = Int(shape.batch * shape.in_height * shape.in_width)
        // The largest codes of all must not overflow anything.
        input = codes(pixels * Int(shape.in_channels)).map { $0 % 3 == 0 ? (areSigned ? -128 : -1) : $0 }
        weights = codes(shape.weights).map { $0 % 3 == 0 ? -128 : $0 }
    }

    private func value(_ code: Int8) -> Int { areSigned ? Int(code) : Int(UInt8(bitPattern: code)) }

    /// The sums by definition, axes batch, height, width, channels.
    var expected: [Float] {
        let s = shape
        let (ins, outs) = (Int(s.in_channels), Int(s.out_channels))
        let (tall, wide) = (Int(s.kernel_height), Int(s.kernel_width))
        var sums: [Float] = []
        for image in 0..<Int(s.batch) {
            for y in 0..<Int(s.out_height) {
                for x in 0..<Int(s.out_width) {
                    for out in 0..<outs {
                        var sum = 0
                        for row in 0..<tall {
                            for column in 0..<wide {
                                let top = y * Int(s.stride) + row - Int(s.pad_top)
                                let left = x * Int(s.stride) + column - Int(s.pad_left)
                                guard (0..<Int(s.in_height)).contains(top),
                                    (0..<Int(s.in_width)).contains(left)
                                else { continue }
                                let pixel = (image * Int(s.in_height) + top) * Int(s.in_width) + left
                                for channel in 0..<ins {
                                    let weight = ((out * ins + channel) * tall + row) * wide + column
                                    sum += value(input[pixel * ins + channel]) * Int(weights[weight])
                                }
                            }
                        }
                        sums.append(Float(sum))
                    }
                }
            }
        }
        return sums
    }

    /// The same product with zeros at all places of the input that are not even.
    var withZeros: CodeCase {
        var product = self
        let (width, channels) = (Int(shape.in_width), Int(shape.in_channels))
        for index in input.indices {
            let pixel = index / channels
            let row = pixel / width % Int(shape.in_height)
            if row % 2 != 0 || pixel % width % 2 != 0 { product.input[index] = 0 }
        }
        return product
    }

    /// The sums by a transposed product of the places that are even, padded by 1 in front; nil where it does not take the
    /// shape.
    func transposedSums(_ units: TapUnits, hasNarrowTiles: Bool) throws -> [Float]? {
        let (width, channels) = (Int(shape.in_width), Int(shape.in_channels))
        let even = input.indices.filter { index in
            let pixel = index / channels
            return pixel / width % Int(shape.in_height) % 2 == 0 && pixel % width % 2 == 0
        }
        let transpose = onednn_convolution.window(
            batch: shape.batch, shape.out_channels, shape.in_channels,
            map: (shape.out_height, shape.out_width), kernel: (3, 3), stride: 2, pad: (1, 1, 0, 0))
        return try sums(
            units, hasNarrowTiles: hasNarrowTiles, .backwardData, of: transpose, even.map { input[$0] })
    }

    /// The sums by products of pixels; nil where they do not take the shape.
    func sums(_ units: TapUnits, hasNarrowTiles: Bool) throws -> [Float]? {
        try sums(units, hasNarrowTiles: hasNarrowTiles, .forward, of: shape, input)
    }

    private func sums(
        _ units: TapUnits, hasNarrowTiles: Bool, _ way: ConvolutionPrimitive.Direction,
        of shape: onednn_convolution, _ input: [Int8]
    ) throws -> [Float]? {
        var direction = ProductDirection(
            direction: way, shape: shape, layer: "layer", library: try OneDNN(),
            factors: .codes(areSigned: areSigned))
        direction.hasNarrowTiles = hasNarrowTiles
        let room = PassRoom()
        guard let pass = TapPass(direction, units, room.callAsFunction) else { return nil }
        let source = room(input.count)
        let plain = room(weights.count)
        let count = way == .forward ? direction.sizes.destination : direction.sizes.source
        let result = room(4 * count)
        try room.allocate()
        defer { withExtendedLifetime(room) {} }
        for (codes, buffer) in [(input, source), (weights, plain)] {
            buffer.address.assumingMemoryBound(to: Int8.self).update(from: codes, count: codes.count)
        }
        let ends = way == .forward ? (source, result) : (result, source)
        pass.bind(source: ends.0.address, destination: ends.1.address, plain: plain.address)
        pass.run()
        return Array(UnsafeBufferPointer(start: result.floats, count: count))
    }
}

@Suite("Products of codes", .limited)
struct CodeProductTests {
    /// Products without groups whose output's channels fill vectors.
    private static let shapes = MethodCase.shapes.filter { $0.groups == 1 && $0.out_channels % 16 == 0 }
    /// Of those, products whose input's channels fill units of four bytes.
    private static let byteShapes = shapes.filter { $0.in_channels % 4 == 0 }
    private static let overZeros: [onednn_convolution] = [
        .window(batch: 3, 6, 16, map: (8, 12), kernel: (3, 3), pad: (1, 1, 1, 1)),
        .window(batch: 40, 64, 48, map: (4, 4), kernel: (3, 3), pad: (1, 1, 1, 1)),
        .window(batch: 2, 3, 32, map: (2, 34), kernel: (3, 3), pad: (1, 1, 1, 1)),
    ]

    @Test(
        "sums of words are those of the definition", .enabled(if: ck_has_words() != 0),
        arguments: shapes, [false, true])
    func words(_ shape: onednn_convolution, areSigned: Bool) throws {
        let product = CodeCase(shape, areSigned: areSigned)
        for isNarrow in [false, true] {
            let sums = try #require(try product.sums(.words(areSigned: areSigned), hasNarrowTiles: isNarrow))
            #expect(sums == product.expected)
        }
    }

    @Test(
        "sums of bytes are those of the definition", .enabled(if: ck_has_bytes() != 0), arguments: byteShapes)
    func bytes(_ shape: onednn_convolution) throws {
        let product = CodeCase(shape, areSigned: false)
        #expect(try product.sums(.bytes, hasNarrowTiles: false) == product.expected)
    }

    @Test(
        "sums over a map with zeros between its pixels are those of the transposed product",
        .enabled(if: ck_has_words() != 0), arguments: overZeros, [false, true])
    func transposed(_ shape: onednn_convolution, areSigned: Bool) throws {
        let product = CodeCase(shape, areSigned: areSigned)
        let expected = product.withZeros.expected
        for isNarrow in [false, true] {
            #expect(
                try product.transposedSums(.words(areSigned: areSigned), hasNarrowTiles: isNarrow) == expected
            )
        }
        guard !areSigned, ck_has_bytes() != 0, shape.in_channels % 4 == 0 else { return }
        #expect(try product.transposedSums(.bytes, hasNarrowTiles: false) == expected)
    }
}
