import CKernels
import COneDNN

/// A product of 3x3 windows, or the gradient of its input, by Winograd's sums.
final class WinogradPass: FloatPass {
    private let product: ck_winograd
    private let isBackward: Bool
    /// The window's values at all points.
    private let values: Buffer
    private let scratch: Buffer
    /// Tasks that share the tiles.
    private let tasks: Int
    var bound: BoundFloats?

    /// Nil where the shape has none.
    init?(_ direction: ProductDirection, _ room: ProductDirection.Room) {
        isBackward = direction.direction == .backwardData
        guard
            let product = ck_winograd(
                direction.shape, isBackward: isBackward, isNarrow: direction.hasNarrowTiles)
        else { return nil }
        self.product = product
        let matrix = ck_winograd_matrix(product.in_channels * product.out_channels)
        values = room(4 * Int(CK_WINOGRAD_POINTS) * Int(matrix))
        tasks = min(Engine.threads, product.tiles)
        scratch = room(4 * tasks * Int(ck_winograd_room(product.in_channels, product.out_channels)))
    }

    func run() {
        guard let bound else { return }
        var product = product
        ck_winograd_weights(&product, bound.plain, isBackward ? 1 : 0, values.floats)
        ck_winograd_product(
            &product, isBackward ? bound.destination : bound.source, values.floats,
            isBackward ? bound.source : bound.destination, Int64(tasks), scratch.floats)
    }
}

extension ck_winograd {
    /// The convolution, or the gradient of its input, for which both tensors change places; nil where Winograd's sums do not
    /// compute it: another window, a stride, gaps, groups, or channels that do not fill vectors.
    init?(_ shape: onednn_convolution, isBackward: Bool, isNarrow: Bool = false) {
        let lanes = Int64(CK_TAP_LANES)
        guard shape.kernel_height == 3, shape.kernel_width == 3, shape.stride == 1, shape.dilation == 1,
            shape.groups == 1, shape.in_channels % lanes == 0, shape.out_channels % lanes == 0
        else { return nil }
        self = ck_winograd(
            batch: shape.batch, in_height: shape.in_height, in_width: shape.in_width,
            in_channels: shape.in_channels, out_height: shape.out_height, out_width: shape.out_width,
            out_channels: shape.out_channels, pad_top: shape.pad_top, pad_left: shape.pad_left,
            is_narrow: isNarrow ? 1 : 0)
        guard isBackward else { return }
        swap(&in_height, &out_height)
        swap(&in_width, &out_width)
        swap(&in_channels, &out_channels)
        pad_top = 2 - pad_top
        pad_left = 2 - pad_left
    }

    /// Tiles of all images.
    var tiles: Int {
        var product = self
        return Int(ck_winograd_tiles(&product))
    }
}
