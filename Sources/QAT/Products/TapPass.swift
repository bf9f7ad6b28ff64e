import CKernels
import COneDNN

/// A product, or the gradient of its input, by our own products of pixels: each pixel of the result sums over the taps
/// that reach it from inside the map.
final class TapPass: ProductPass {
    private let shape: onednn_convolution
    private let plan: TapPlan
    private let isBackward: Bool
    private let weights: Buffer
    private let packed: Buffer?
    private let units: TapUnits
    /// Images that are worked on at a time, so that they stay in the cache.
    private let block: Int
    /// Tasks that share the images.
    private let tasks: Int
    private let keepsWhole: Bool
    private var input, plain: UnsafeMutableRawPointer?
    private var result: UnsafeMutablePointer<Float>?

    private static let blockBytes = 512 << 10

    /// Nil where the shape has none. With `keepsWhole` the results of words are 32-bit numbers.
    init?(
        _ direction: ProductDirection, _ units: TapUnits, keepsWhole: Bool = false,
        _ room: ProductDirection.Room
    ) {
        self.keepsWhole = keepsWhole
        shape = direction.shape
        isBackward = direction.direction == .backwardData
        self.units = units
        guard
            let plan = TapPlan(
                shape, isBackward: isBackward, units, isNarrow: direction.hasNarrowTiles)
        else { return nil }
        self.plan = plan
        weights = room(4 * plan.window * plan.outChannels)
        let bytes = 4 * (plan.inImage + plan.outImage)
        // Whole tiles of images.
        let tile = plan.isNarrow ? Int(CK_NARROW_PIXELS) : Int(CK_IMAGES_A_TILE)
        block = max(tile, min(Int(shape.batch), TapPass.blockBytes / bytes) / tile * tile)
        tasks = Engine.threads
        // Few images are divided by their tiles, and packed together.
        let isByImage = Int(shape.batch) >= tasks * Int(CK_IMAGES_A_TILE)
        let images = isByImage ? tasks * block : min(block, Int(shape.batch))
        packed = units.arePacked ? room(4 * images * plan.inImage) : nil
    }

    func bind(
        source: UnsafeMutableRawPointer, destination: UnsafeMutableRawPointer, plain: UnsafeMutableRawPointer
    ) {
        input = isBackward ? destination : source
        result = (isBackward ? source : destination).assumingMemoryBound(to: Float.self)
        self.plain = plain
    }

    func run() {
        guard let plain else { return }
        pack(plain)
        multiply()
    }

    /// Multiplies with the weights that were packed last.
    func multiply() {
        guard let input, let result else { return }
        plan.sources.withUnsafeBufferPointer { sources in
            plan.tiles.withUnsafeBufferPointer { tiles in
                var product = ck_tap_pixels(
                    sources: sources.baseAddress, tiles: tiles.baseAddress, count: Int64(tiles.count),
                    in_channels: isBackward ? shape.out_channels : shape.in_channels,
                    inner: Int64(plan.inner), in_image: Int64(plan.inImage), in_step: Int64(plan.inStep),
                    out_channels: Int64(plan.outChannels), out_image: Int64(plan.outImage),
                    out_step: Int64(plan.outStep), weights: weights.address, window: Int64(plan.window),
                    result: result, kind: units.kind, is_narrow: plan.isNarrow ? 1 : 0,
                    keeps_whole: keepsWhole ? 1 : 0)
                ck_tap_product(
                    &product, input, shape.batch, Int64(block),
                    packed?.address.assumingMemoryBound(to: UInt32.self), Int64(tasks))
            }
        }
    }

    /// Brings the weights to the order of the loops.
    func pack(_ plain: UnsafeMutableRawPointer) {
        let together: Int64 = plan.isNarrow ? 1 : 2
        if units.areCodes {
            // Backward is a transposed product: those of codes have no gradients.
            let (ins, outs) = (shape.in_channels, shape.out_channels)
            return ck_tap_weights_packed(
                plain, isBackward ? ins : outs, isBackward ? outs : ins, shape.taps, isBackward ? 1 : 0,
                units.kind, together, weights.address)
        }
        // Weights of depthwise products have one input channel, and their vectors are the same in both directions.
        ck_tap_weights_packed(
            plain, shape.out_channels, shape.in_channels / shape.groups, shape.taps,
            isBackward && shape.groups == 1 ? 1 : 0,
            shape.groups == 1 ? units.kind : Int32(CK_TAP_FLOATS), together, weights.address)
    }
}
