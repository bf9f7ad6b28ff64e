import CKernels
import COneDNN

/// The gradient of a depthwise product's weights by our own loop: each tap sums over the pairs of pixels that exist.
final class DepthwiseWeightPass: FloatPass {
    private let shape: onednn_convolution
    private let sums: Buffer
    private let block: Int
    private var runs: [ck_tap_run] = []
    /// By tap: where its runs begin; last, where they end.
    private var starts: [Int32] = []
    var bound: BoundFloats?

    private static let blockBytes = 256 << 10

    /// Nil where the shape has none.
    init?(_ direction: ProductDirection, _ room: ProductDirection.Room) {
        shape = direction.shape
        guard shape.groups == shape.in_channels, shape.groups == shape.out_channels, shape.dilation == 1,
            shape.groups % Int64(CK_TAP_LANES) == 0, shape.inImage < Int(Int32.max)
        else { return nil }
        sums = room(4 * shape.weights)
        block = max(
            1, min(Int(shape.batch), DepthwiseWeightPass.blockBytes / (4 * (shape.inImage + shape.outImage))))
        let pairs = TapPairs(shape: shape)
        for tap in 0..<Int(shape.taps) {
            starts.append(Int32(runs.count))
            let columns = pairs.columns(of: tap % Int(shape.kernel_width))
            runs += pairs.runs(tap, columns, hasInputVectors: true)
        }
        starts.append(Int32(runs.count))
    }

    func run() {
        guard let bound else { return }
        runs.withUnsafeBufferPointer { runs in
            starts.withUnsafeBufferPointer { starts in
                var product = ck_depthwise(
                    runs: runs.baseAddress, starts: starts.baseAddress, taps: shape.taps,
                    channels: shape.groups, in_image: Int64(shape.inImage), out_image: Int64(shape.outImage),
                    in_step: shape.stride * shape.groups, sums: sums.floats)
                ck_depthwise_gradient(&product, bound.source, bound.destination, shape.batch, Int64(block))
            }
        }
        ck_tap_weights_plain(sums.floats, shape.out_channels, 1, shape.taps, 0, bound.plain)
    }
}
