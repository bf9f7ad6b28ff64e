import CKernels
import COneDNN

/// The gradient of a product's weights by our own products of pixels: each tap multiplies the pairs of an input's and an
/// output's pixel that exist. Registers of 256 bits hold its sums where taps share them, else `PanelWeightPass` takes its place.
final class TapWeightPass: FloatPass {
    private let shape: onednn_convolution
    private let plan: TapWeightPlan
    private let sums: Buffer
    private let packed: Buffer?
    /// Images, or pairs of images, that are worked on at a time, so that they stay in the cache.
    private let block: Int
    var bound: BoundFloats?

    /// Pairs of images that are rounded at a time.
    private let packedBlock: Int

    private static let blockBytes = 384 << 10
    /// Threads wait for each other after each such block.
    private static let packedBytes = 4 << 20

    /// Nil where the shape has none.
    init?(_ direction: ProductDirection, isRounded: Bool, _ room: ProductDirection.Room) {
        shape = direction.shape
        guard let plan = TapWeightPlan(shape, isNarrow: direction.hasNarrowTiles) else { return nil }
        self.plan = plan
        sums = room(4 * shape.weights)
        let units = plan.vectorImage + plan.scalarImage
        let most = isRounded ? (Int(shape.batch) + 1) / 2 : Int(shape.batch)
        block = max(1, min(most, TapWeightPass.blockBytes / (4 * units)))
        packedBlock = max(block, min(most, TapWeightPass.packedBytes / (4 * units)))
        packed = isRounded ? room(4 * packedBlock * units) : nil
    }

    func run() {
        guard let bound else { return }
        plan.runs.withUnsafeBufferPointer { runs in
            plan.tiles.withUnsafeBufferPointer { tiles in
                var product = ck_tap_weights(
                    runs: runs.baseAddress, tiles: tiles.baseAddress, inner: Int64(plan.inner),
                    count: Int64(tiles.count), vector_image: Int64(plan.vectorImage),
                    scalar_image: Int64(plan.scalarImage), vector_step: Int64(plan.vectorStep),
                    scalar_step: Int64(plan.scalarStep), vector_apart: Int64(plan.vectorApart),
                    result_apart: Int64(plan.resultApart), result_row: Int64(plan.vectorChannels),
                    sums: sums.floats)
                ck_tap_weight_gradient(
                    &product, plan.hasInputVectors ? bound.source : bound.destination,
                    plan.hasInputVectors ? bound.destination : bound.source, shape.batch, Int64(block),
                    packed?.address.assumingMemoryBound(to: UInt32.self), Int64(packedBlock))
            }
        }
        ck_tap_weights_plain(
            sums.floats, shape.out_channels, shape.in_channels, shape.taps, plan.hasInputVectors ? 1 : 0,
            bound.plain)
    }
}

/// The tiles of a gradient of weights, and the pairs of pixels that they sum over.
///
/// The result has axes taps, scalar channels, vector channels. Where an input has few channels, or as many as a vector,
/// the taps of a row share a tile, for a pixel's neighbours lie beside it.
struct TapWeightPlan {
    let hasInputVectors: Bool
    let vectorChannels, scalarChannels: Int
    /// Numbers of an image, and from one pair of a run to the next.
    let vectorImage, scalarImage, vectorStep, scalarStep: Int
    private(set) var vectorApart = lanes
    private(set) var resultApart = lanes
    private(set) var runs: [ck_tap_run] = []
    private(set) var tiles: [ck_weight_tile] = []
    /// Tiles in front that meet no other.
    private(set) var inner = 0

    private let shape: onednn_convolution

    private static let lanes = Int(CK_TAP_LANES)
    private static let scalarsATile = 8
    /// Whether a tile has one vector: registers of 256 bits hold no more sums.
    private let isNarrow: Bool

    /// Nil where neither tensor's channels fill vectors, or the window has gaps or groups.
    init?(_ shape: onednn_convolution, isNarrow: Bool) {
        self.isNarrow = isNarrow
        let ins = Int(shape.in_channels)
        let outs = Int(shape.out_channels)
        hasInputVectors = ins % TapWeightPlan.lanes == 0
        guard shape.groups == 1, shape.dilation == 1, hasInputVectors || outs % TapWeightPlan.lanes == 0,
            shape.weights < Int(Int32.max), shape.inImage < Int(Int32.max), shape.outImage < Int(Int32.max)
        else { return nil }
        self.shape = shape
        vectorChannels = hasInputVectors ? ins : outs
        scalarChannels = hasInputVectors ? outs : ins
        vectorImage = hasInputVectors ? shape.inImage : shape.outImage
        scalarImage = hasInputVectors ? shape.outImage : shape.inImage
        let steps = (Int(shape.stride) * ins, outs)
        vectorStep = hasInputVectors ? steps.0 : steps.1
        scalarStep = hasInputVectors ? steps.1 : steps.0
        fill()
    }

    private var width: Int { Int(shape.kernel_width) }
    private var taps: Int { Int(shape.taps) }

    /// Whether the taps of a row share tiles: as vectors beside each other, or as scalars.
    private var sharesVectors: Bool {
        !isNarrow && hasInputVectors && vectorChannels == TapWeightPlan.lanes && (2...3).contains(width)
    }
    private var sharesScalars: Bool {
        if isNarrow { return TapWeightPlan.sharesNarrowTiles(shape) }
        let together = width * scalarChannels
        return !hasInputVectors && width > 1 && (together <= 9 || together == 12)
    }

    /// Whether the taps of a row share narrow tiles, for they have few scalars.
    static func sharesNarrowTiles(_ shape: onednn_convolution) -> Bool {
        shape.in_channels % Int64(lanes) != 0 && shape.kernel_width > 1
            && shape.kernel_width * shape.in_channels <= CK_NARROW_PIXELS
    }

    private mutating func fill() {
        guard sharesVectors || sharesScalars else {
            for tap in 0..<taps {
                let range = addRuns(tap, columns(of: tap % width))
                addTiles(range, firstTap: tap)
            }
            inner = tiles.count
            return
        }
        // Where no tap of a row leaves the map.
        let shared = columns(of: 0).clamped(to: columns(of: width - 1))
        if sharesVectors { resultApart = scalarChannels * vectorChannels }
        for row in 0..<taps / width {
            let range = addRuns(row * width, shared)
            if sharesVectors {
                addTiles(range, firstTap: row * width, vectors: width)
            } else {
                addTiles(range, firstTap: row * width, scalars: width * scalarChannels)
            }
        }
        inner = tiles.count
        for tap in 0..<taps {
            let all = columns(of: tap % width)
            let first = runs.count
            if shared.isEmpty {
                _ = addRuns(tap, all)
            } else {
                _ = addRuns(tap, all.lowerBound..<shared.lowerBound)
                _ = addRuns(tap, shared.upperBound..<all.upperBound)
            }
            if first < runs.count { addTiles(first..<runs.count, firstTap: tap, adds: true) }
        }
    }

    private func columns(of column: Int) -> Range<Int> { TapPairs(shape: shape).columns(of: column) }

    private mutating func addRuns(_ tap: Int, _ columns: Range<Int>) -> Range<Int> {
        let start = runs.count
        runs += TapPairs(shape: shape).runs(tap, columns, hasInputVectors: hasInputVectors)
        return start..<runs.count
    }

    /// Adds the tiles of a tap, or of a row of them from `firstTap` on, which share vectors or scalars.
    private mutating func addTiles(
        _ range: Range<Int>, firstTap: Int, vectors shared: Int? = nil, scalars: Int? = nil,
        adds: Bool = false
    ) {
        let lanes = TapWeightPlan.lanes
        let result = firstTap * scalarChannels * vectorChannels
        let count = scalars ?? scalarChannels
        for scalar in scalars == nil ? chunks(of: count) : [0..<count] {
            var vector = 0
            while vector < vectorChannels {
                // Vectors of a tile are those of a pixel, unless a vector of each neighbour takes their place.
                let isPair =
                    !isNarrow && shared == nil && !sharesVectors && vector + 2 * lanes <= vectorChannels
                tiles.append(
                    ck_weight_tile(
                        first: Int32(range.lowerBound), last: Int32(range.upperBound),
                        vector: Int32(vector), scalar: Int32(scalar.lowerBound),
                        vectors: Int32(shared ?? (isPair ? 2 : 1)), count: Int32(scalar.count),
                        result: Int32(result + scalar.lowerBound * vectorChannels + vector),
                        adds: adds ? 1 : 0))
                vector += isPair ? 2 * lanes : lanes
            }
        }
    }

    /// Scalar channels in tiles of nearly equal size.
    private func chunks(of count: Int) -> [Range<Int>] {
        let parts = (count + TapWeightPlan.scalarsATile - 1) / TapWeightPlan.scalarsATile
        return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
    }
}
