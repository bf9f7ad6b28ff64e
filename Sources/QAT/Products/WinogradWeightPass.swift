import CKernels
import COneDNN

/// The gradient of a product's weights by Winograd's sums.
final class WinogradWeightPass: FloatPass {
    private let product: ck_winograd
    private let sums: Buffer
    private let scratch: Buffer
    /// Shares of the tiles, each with sums of its own; their number depends on the shape alone, for the result depends on it.
    private let slices: Int
    /// Parts of the output channels, so that every thread has a task.
    private let parts: Int
    var bound: BoundFloats?

    /// Fewer tiles are not worth sums of their own.
    private static let leastTiles = 128
    private static let mostSlices = 8
    /// Sums of all slices together stay below so many bytes.
    private static let mostBytes = 16 << 20

    /// Nil where the shape has none.
    init?(_ direction: ProductDirection, _ room: ProductDirection.Room) {
        guard
            let product = ck_winograd(
                direction.shape, isBackward: false, isNarrow: direction.hasNarrowTiles)
        else { return nil }
        self.product = product
        let matrix = ck_winograd_matrix(product.in_channels * product.out_channels)
        let bytes = 4 * Int(CK_WINOGRAD_POINTS) * Int(matrix)
        slices = max(
            1,
            min(
                WinogradWeightPass.mostSlices, product.tiles / WinogradWeightPass.leastTiles,
                WinogradWeightPass.mostBytes / bytes))
        parts = min(
            (Engine.threads + slices - 1) / slices, Int(product.out_channels) / Int(CK_TAP_LANES))
        sums = room(slices * bytes)
        let widest = ck_winograd_widest(product.out_channels, Int64(parts))
        scratch = room(4 * slices * parts * Int(ck_winograd_room(product.in_channels, widest)))
    }

    func run() {
        guard let bound else { return }
        var product = product
        ck_winograd_gradient(
            &product, bound.source, bound.destination, Int64(slices), Int64(parts), sums.floats,
            scratch.floats, bound.plain)
    }
}
