import CKernels
import COneDNN

/// The tiles of a product, or of the gradient of its input, and the taps that they sum over.
struct TapPlan {
    /// Units of an input's pixel, of its image, and from one pixel of a tile to the next.
    let inner, inImage, inStep: Int
    /// Numbers of a result's pixel, of its image, and from one pixel of a tile to the next.
    let outChannels, outImage, outStep: Int
    /// Units of the weights of an output channel.
    let window: Int
    private let tapUnits: Int
    private(set) var sources: [ck_tap_source] = []
    private(set) var tiles: [ck_pixel_tile] = []

    /// Whether no tile has more than one vector, and each fewer pixels.
    let isNarrow: Bool

    private static let lanes = Int(CK_TAP_LANES)

    /// Pixels of a row of the result that the same taps reach: the first, how many, and by tap where its first source is.
    private struct Segment {
        var first: Int
        var count: Int
        var sources: [(tap: Int, place: Int)]
    }

    /// One axis of the maps, from the input of the pass to its result.
    private struct Axis {
        let taps, stride, pad, size, places: Int
        let isBackward: Bool

        /// The taps that reach a place of the result, and where in the input each reads.
        func sources(of place: Int) -> [(tap: Int, place: Int)] {
            (0..<taps).compactMap { tap in
                let at = isBackward ? place + pad - tap : place * stride + tap - pad
                guard isBackward else { return (0..<size).contains(at) ? (tap, at) : nil }
                guard at >= 0, at % stride == 0, at / stride < size else { return nil }
                return (tap, at / stride)
            }
        }
    }

    /// Nil where the result's channels do not fill vectors, or the input's no units, or the window has gaps, or groups of
    /// more than a channel.
    init?(
        _ shape: onednn_convolution, isBackward: Bool, _ units: TapUnits,
        isNarrow: Bool
    ) {
        self.isNarrow = isNarrow
        let ends = (Int(shape.in_channels), Int(shape.out_channels))
        let channels = isBackward ? ends.1 : ends.0
        outChannels = isBackward ? ends.0 : ends.1
        let groups = units == .depthwise ? shape.in_channels : 1
        guard shape.groups == groups, shape.in_channels == shape.out_channels || groups == 1,
            shape.dilation == 1, outChannels % TapPlan.lanes == 0,
            channels % units.numbers == 0 || units.takePartialUnits, shape.weights < Int(Int32.max),
            shape.inImage < Int(Int32.max), shape.outImage < Int(Int32.max)
        else { return nil }
        inner = (channels + units.numbers - 1) / units.numbers
        tapUnits = units == .depthwise ? 1 : inner
        window = Int(shape.taps) * tapUnits
        inImage = (isBackward ? shape.outImage : shape.inImage) / channels * inner
        outImage = isBackward ? shape.inImage : shape.outImage
        let stride = Int(shape.stride)
        inStep = isBackward ? inner : stride * inner
        outStep = isBackward ? stride * outChannels : outChannels
        let heights = (Int(shape.in_height), Int(shape.out_height))
        let widths = (Int(shape.in_width), Int(shape.out_width))
        let down = Axis(
            taps: Int(shape.kernel_height), stride: stride, pad: Int(shape.pad_top),
            size: isBackward ? heights.1 : heights.0, places: isBackward ? heights.0 : heights.1,
            isBackward: isBackward)
        let across = Axis(
            taps: Int(shape.kernel_width), stride: stride, pad: Int(shape.pad_left),
            size: isBackward ? widths.1 : widths.0, places: isBackward ? widths.0 : widths.1,
            isBackward: isBackward)
        fill(down, across, batch: Int(shape.batch))
    }

    private mutating func fill(_ down: Axis, _ across: Axis, batch: Int) {
        let segments = TapPlan.segments(across)
        // Weights of a few vectors stay in the cache for all pixels.
        let pairs = isNarrow ? 0 : outChannels / (2 * TapPlan.lanes)
        let wide = pairs > 0 ? parts(segments, down, across, batch: batch, vectors: 2) : []
        for pair in 0..<pairs { addTiles(wide, vector: 2 * TapPlan.lanes * pair) }
        let rest = stride(from: 2 * TapPlan.lanes * pairs, to: outChannels, by: TapPlan.lanes)
        guard rest.underestimatedCount > 0 else { return }
        let single = parts(segments, down, across, batch: batch, vectors: 1)
        for vector in rest { addTiles(single, vector: vector) }
    }

    private mutating func addTiles(_ parts: [ck_pixel_tile], vector: Int) {
        for part in parts {
            var tile = part
            tile.vector = Int32(vector)
            tiles.append(tile)
        }
    }

    /// The tiles of the first vectors.
    private mutating func parts(
        _ segments: [Segment], _ down: Axis, _ across: Axis, batch: Int, vectors: Int
    ) -> [ck_pixel_tile] {
        let most = isNarrow ? Int(CK_NARROW_PIXELS) : Int(CK_IMAGES_A_TILE) / vectors
        var parts: [ck_pixel_tile] = []
        for y in 0..<down.places {
            let rows = down.sources(of: y)
            for segment in segments {
                let start = sources.count
                for row in rows {
                    for column in segment.sources {
                        sources.append(
                            ck_tap_source(
                                input: Int32((row.place * across.size + column.place) * inner),
                                weights: Int32((row.tap * across.taps + column.tap) * tapUnits)))
                    }
                }
                let range = start..<sources.count
                let result = (y * across.places + segment.first) * outChannels
                let isByImage = batch >= most && (across.places <= 8 || segment.count < (isNarrow ? 12 : 4))
                for chunk in chunks(of: segment.count, most: isByImage ? 1 : most) {
                    let moved = addSources(range, movedBy: chunk.lowerBound * inStep)
                    parts.append(
                        ck_pixel_tile(
                            first: Int32(moved.lowerBound), last: Int32(moved.upperBound), vector: 0,
                            vectors: Int32(vectors), count: isByImage ? 0 : Int32(chunk.count),
                            result: Int32(result + chunk.lowerBound * outStep)))
                }
            }
        }
        return parts
    }

    /// The same taps some way on; the range itself where there is no way.
    private mutating func addSources(_ range: Range<Int>, movedBy way: Int) -> Range<Int> {
        guard way > 0 else { return range }
        let start = sources.count
        for index in range {
            sources.append(
                ck_tap_source(input: sources[index].input + Int32(way), weights: sources[index].weights))
        }
        return start..<sources.count
    }

    private func chunks(of count: Int, most: Int) -> [Range<Int>] {
        let parts = (count + most - 1) / most
        return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
    }

    /// The places of a row in segments, the pixels of which are a step of the result apart and read a step of the input
    /// apart.
    private static func segments(_ axis: Axis) -> [Segment] {
        let step = axis.isBackward ? axis.stride : 1
        let advance = axis.isBackward ? 1 : axis.stride
        var found: [Segment] = []
        for residue in 0..<min(step, axis.places) {
            var open: Segment?
            for place in stride(from: residue, to: axis.places, by: step) {
                let sources = axis.sources(of: place)
                if var segment = open, segment.sources.count == sources.count,
                    zip(segment.sources, sources).allSatisfy({ before, now in
                        before.tap == now.tap && before.place + segment.count * advance == now.place
                    })
                {
                    segment.count += 1
                    open = segment
                } else {
                    if let open { found.append(open) }
                    open = Segment(first: place, count: 1, sources: sources)
                }
            }
            if let open { found.append(open) }
        }
        return found
    }
}
