import Graph

/// A picture and where it goes in the network's input.
struct PlacedPicture {
    /// The picture, with the channels of the network; its boxes are in its own pixels.
    let picture: Sample
    /// Input pixels for each of its own.
    let scale: Float
    /// Where its left side is in the input.
    let left: Float
    /// Where its upper side is in the input.
    let top: Float
}

/// Which pictures make one sample of an epoch, and where they are: one picture, or four around a place (Bochkovskiy et al.
/// 2020, "mosaic"), scaled and moved together.
struct Composition {
    /// How often a mosaic is made: once in so many samples.
    private static let mosaicOnceIn = 2
    /// How often another picture is mixed in: once in so many samples.
    private static let mixupOnceIn = 4

    /// The pictures beside the sample's own, by their index in the split.
    let others: [Int]
    /// The picture that is mixed in afterwards, half of each (Zhang et al. 2018).
    let mixed: Int?
    private let target: Layout
    /// What everything is scaled by around the middle of the input.
    private let scale: Float
    /// How far everything moves then.
    private let shift: SIMD2<Float>
    /// Where the four pictures of a mosaic meet, from the middle of the input.
    private let meeting: SIMD2<Float>
    /// The quarter of a mosaic that the first picture fills.
    private let first: Int

    /// What the seed, the epoch and the sample say, of so many samples.
    init(
        _ augmentation: Augmentation, target: Layout, seed: UInt64, epoch: Int, index: Int, count: Int
    ) {
        self.target = target
        var random = Random(seed, Stream.composition, UInt64(epoch), UInt64(index))
        let size = SIMD2(Float(target.width), Float(target.height))
        var mixing = Random(seed, Stream.mixing, UInt64(epoch), UInt64(index))
        mixed =
            augmentation.contains(.mixup) && mixing.once(in: Self.mixupOnceIn) ? mixing.below(count) : nil
        var scale = Float(1)
        var shift = SIMD2<Float>.zero
        if augmentation.contains(.scale) {
            scale = random.within(Augmentation.scales)
            let shifts = -Augmentation.shift...Augmentation.shift
            shift = SIMD2(random.within(shifts), random.within(shifts)) * size
        }
        self.scale = scale
        self.shift = shift
        guard augmentation.contains(.mosaic), random.once(in: Self.mosaicOnceIn) else {
            others = []
            meeting = .zero
            first = 0
            return
        }
        meeting = SIMD2(random.within(Float(-0.5)...0.5), random.within(Float(-0.5)...0.5)) * size
        first = random.below(4)
        others = (0..<3).map { _ in random.below(count) }
    }

    /// Where the pictures go: the sample's own, then the others.
    func placed(_ pictures: [Sample]) -> [PlacedPicture] {
        pictures.enumerated().map { place, picture in
            let size = SIMD2(Float(picture.layout.width), Float(picture.layout.height))
            let middle = SIMD2(Float(target.width), Float(target.height)) / 2
            // The corner of the picture, from the middle of the input.
            var corner: SIMD2<Float>
            if pictures.count == 1 {
                // On whole pixels, as without augmentation.
                corner = SIMD2(
                    Float((target.width - picture.layout.width) / 2),
                    Float((target.height - picture.layout.height) / 2))
                corner -= middle
            } else {
                let quarter = (first + place) % 4
                corner = meeting
                if quarter % 2 == 0 { corner.x -= size.x }
                if quarter < 2 { corner.y -= size.y }
            }
            corner = corner * scale + middle + shift
            return PlacedPicture(picture: picture, scale: scale, left: corner.x, top: corner.y)
        }
    }
}

/// Draws pictures into the network's input, linear between pixels, on grey.
struct Composer {
    /// What is where no picture is.
    static let grey: UInt8 = 114

    private let target: Layout
    private var columns: [Tap] = []

    /// Two neighbouring pixels along an axis, and the share of the second one in 256.
    private struct Tap {
        var first: Int
        var second: Int
        var share: Int32
    }

    init(_ target: Layout) { self.target = target }

    /// Fills the sample with pictures that do not overlap, and with those of their boxes that are left.
    mutating func draw(_ pictures: [PlacedPicture], into sample: inout Sample) {
        sample.prepareBytes(target)
        sample.bytes.withUnsafeMutableBufferPointer { $0.update(repeating: Self.grey) }
        sample.answer = pictures.first?.picture.answer ?? SampleAnswer()
        sample.answer.boxes = []
        if !sample.answer.mask.isEmpty {
            let count = target.height * target.width
            sample.answer.mask = [UInt8](repeating: SampleAnswer.notJudged, count: count)
        }
        for placed in pictures {
            draw(placed, into: &sample.bytes)
            let movement = Movement(
                scaleX: placed.scale, scaleY: placed.scale, left: placed.left, top: placed.top)
            let mask = placed.picture.answer.mask
            if !mask.isEmpty {
                movement.draw(mask, of: placed.picture.layout, into: &sample.answer.mask, of: target)
            }
            for box in placed.picture.answer.boxes {
                let moved = movement.moved(box).cut(height: target.height, width: target.width)
                if let moved { sample.answer.boxes.append(moved) }
            }
        }
    }

    private mutating func draw(_ placed: PlacedPicture, into output: inout [UInt8]) {
        let layout = placed.picture.layout
        let channels = target.channels
        precondition(layout.channels == channels, "other channels")
        let across = Self.range(from: placed.left, placed.scale * Float(layout.width), below: target.width)
        let down = Self.range(from: placed.top, placed.scale * Float(layout.height), below: target.height)
        guard !across.isEmpty, !down.isEmpty else { return }
        columns.removeAll(keepingCapacity: true)
        for column in across {
            var tap = Self.tap(column, from: placed.left, scale: placed.scale, count: layout.width)
            tap.first *= channels
            tap.second *= channels
            columns.append(tap)
        }
        let width = target.width * channels
        let stored = layout.width * channels
        columns.withUnsafeBufferPointer { columns in
            placed.picture.bytes.withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    for row in down {
                        let tap = Self.tap(row, from: placed.top, scale: placed.scale, count: layout.height)
                        let upper = tap.first * stored
                        let lower = tap.second * stored
                        var place = row * width + across.lowerBound * channels
                        for column in columns {
                            for channel in 0..<channels {
                                let a = Int32(input[upper + column.first + channel])
                                let b = Int32(input[upper + column.second + channel])
                                let c = Int32(input[lower + column.first + channel])
                                let d = Int32(input[lower + column.second + channel])
                                let above = a << 8 &+ (b &- a) &* column.share
                                let below = c << 8 &+ (d &- c) &* column.share
                                let sum = above << 8 &+ (below &- above) &* tap.share
                                output[place] = UInt8(truncatingIfNeeded: (sum &+ 32768) >> 16)
                                place &+= 1
                            }
                        }
                    }
                }
            }
        }
    }

    /// The pixels whose middle lies in an interval.
    private static func range(from start: Float, _ length: Float, below limit: Int) -> Range<Int> {
        func first(_ edge: Float) -> Int { Int(held: Double((edge - 0.5).rounded(.up))) }
        let lower = min(limit, max(0, first(start)))
        return lower..<max(lower, min(limit, first(start + length)))
    }

    private static func tap(_ pixel: Int, from start: Float, scale: Float, count: Int) -> Tap {
        let place = max(0, min(Float(count - 1), (Float(pixel) + 0.5 - start) / scale - 0.5))
        let first = min(count - 1, Int(place))
        return Tap(
            first: first, second: min(count - 1, first + 1),
            share: Int32(((place - Float(first)) * 256).rounded()))
    }
}

extension Sample {
    /// Becomes the mean of itself and another sample of the same size, with the boxes of both.
    mutating func mix(with other: Sample) {
        precondition(bytes.count == other.bytes.count, "another size")
        bytes.withUnsafeMutableBufferPointer { bytes in
            other.bytes.withUnsafeBufferPointer { other in
                for place in bytes.indices {
                    let sum = UInt16(bytes[place]) + UInt16(other[place]) + 1
                    bytes[place] = UInt8(truncatingIfNeeded: sum >> 1)
                }
            }
        }
        answer.boxes += other.answer.boxes
    }
}
