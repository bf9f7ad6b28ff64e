import CKernels
import COneDNN
import TestTraits
import Testing

@testable import QAT

/// The gradient of an input of few channels, beside its definition in double precision.
@Suite("Gradients of inputs of few channels", .limited)
struct ThinGradientTests {
    /// Rows of less than a vector, of several groups of columns, and with a rest; windows of a pixel, uneven ones, and some whose
    /// padding is uneven; channels that fill no group, one, and more.
    static let shapes: [onednn_convolution] = [
        .window(batch: 3, 3, 32, map: (9, 33), kernel: (3, 3), pad: (1, 1, 1, 1)),
        .window(batch: 2, 1, 8, map: (28, 28), kernel: (5, 5), pad: (2, 2, 2, 2)),
        .window(batch: 2, 2, 40, map: (4, 70), kernel: (1, 3), pad: (0, 1, 0, 1)),
        .window(batch: 17, 4, 16, map: (3, 5), kernel: (3, 2), pad: (1, 0, 0, 1)),
        .window(batch: 1, 3, 72, map: (20, 16), kernel: (7, 7), pad: (3, 3, 3, 3)),
        .window(batch: 2, 4, 24, map: (6, 49), kernel: (1, 1)),
        .window(batch: 2, 3, 16, map: (40, 20), kernel: (16, 16)),
        .window(batch: 1, 1, 16, map: (2, 2), kernel: (3, 3), pad: (2, 2, 2, 2)),
    ]

    @Test("they are sums over the windows that reach a pixel", arguments: shapes)
    func definition(_ shape: onednn_convolution) throws {
        var window = shape.window
        try #require(ck_is_thin(&window, shape.out_channels) != 0)
        let ins = shape.inImage * Int(shape.batch)
        let outs = shape.outImage * Int(shape.batch)
        let room = PassRoom()
        let tensors = [outs, shape.weights, shape.weights, ins].map { room(4 * $0) }
        try room.allocate()
        defer { withExtendedLifetime(room) {} }
        var random = SplitMix64(seed: 7)
        for index in 0..<outs { tensors[0].floats[index] = Float(random.next() >> 40) / Float(1 << 24) - 0.5 }
        for index in 0..<shape.weights {
            tensors[1].floats[index] = Float(random.next() >> 40) / Float(1 << 24) - 0.5
        }
        for index in 0..<ins { tensors[3].floats[index] = .nan }
        ck_thin_gradient(
            &window, shape.out_channels, tensors[0].floats, tensors[1].floats, tensors[2].floats,
            tensors[3].floats)
        let expected = gradient(shape, tensors[0].floats, tensors[1].floats)
        let apart = (0..<ins).map { abs(Double(tensors[3].floats[$0]) - expected[$0]) }
        let largest = expected.map(abs).max() ?? 0
        #expect(apart.allSatisfy { $0 <= 1e-5 * largest }, "differs by \(apart.max() ?? 0) of \(largest)")
    }

    /// The gradient of the input, channels last.
    private func gradient(
        _ s: onednn_convolution, _ results: UnsafePointer<Float>, _ weights: UnsafePointer<Float>
    ) -> [Double] {
        let (ins, outs) = (Int(s.in_channels), Int(s.out_channels))
        let (rows, columns) = (Int(s.kernel_height), Int(s.kernel_width))
        var gradient = [Double](repeating: 0, count: s.inImage * Int(s.batch))
        for pixel in 0..<Int(s.batch * s.out_height * s.out_width) {
            let image = pixel / Int(s.out_height * s.out_width)
            let place = pixel % Int(s.out_height * s.out_width)
            for tap in 0..<rows * columns {
                let row = place / Int(s.out_width) + tap / columns - Int(s.pad_top)
                let column = place % Int(s.out_width) + tap % columns - Int(s.pad_left)
                guard (0..<Int(s.in_height)).contains(row), (0..<Int(s.in_width)).contains(column) else {
                    continue
                }
                let first = ((image * Int(s.in_height) + row) * Int(s.in_width) + column) * ins
                for channel in 0..<ins {
                    for out in 0..<outs {
                        gradient[first + channel] +=
                            Double(results[pixel * outs + out])
                            * Double(weights[(out * ins + channel) * rows * columns + tap])
                    }
                }
            }
        }
        return gradient
    }
}
