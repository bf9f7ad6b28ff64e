import Graph

/// Drawn shapes and digits in random colour and pose, over and under lines that belong to nothing, with noise.
///
/// A shape is brighter than what lies around it: with either sign of contrast, small networks learn nothing in their
/// first epochs. One of three convolutions and 30,000 weights reaches 94 % after three epochs, 96 % after six.
///
/// Image `index` is a function of the seed, the split and the index alone, so that nothing is kept and any thread
/// can draw any image; classes take turns.
struct GlyphSource: SampleSource {
    let count: Int
    let split: Split
    let seed: UInt64
    /// 1 or 3 channels.
    let size: Layout

    var layout: Layout? { size }
    /// The version of the drawing, to be raised when the images change.
    var fingerprint: UInt64 { 1 }

    func read(_ index: Int, into sample: inout Sample) throws(DatasetError) {
        let shape = GlyphShape.allCases[index % GlyphShape.allCases.count]
        var random = Random(seed, Stream.glyphs, split == .test ? 1 : 0, UInt64(index))
        var raster = Raster(size)
        draw(shape, on: &raster, &random)
        sample.layout = size
        sample.label = Int32(shape.rawValue)
        sample.bytes = raster.bytes
    }

    private func draw(_ shape: GlyphShape, on raster: inout Raster, _ random: inout Random) {
        let background = dark(&random)
        raster.shade(background, across: slope(&random), down: slope(&random))
        for _ in 0..<random.within(1...3) { drawClutter(on: &raster, &random) }
        let side = Float(min(size.width, size.height))
        let pose = Pose(for: shape, width: Float(size.width), height: Float(size.height), &random)
        var segments: [Segment] = []
        for line in shape.lines {
            var last = pose.placed(line[0])
            for point in line.dropFirst() {
                let next = pose.placed(point)
                segments.append(Segment(last, next))
                last = next
            }
        }
        let isFilled =
            switch shape.filling {
            case .always: true
            case .sometimes: random.once(in: 2)
            case .never: false
            }
        raster.draw(
            segments, pen: side * random.within(Float(0.022)...0.055),
            colour: brighter(than: background, &random),
            isFilled: isFilled)
        if random.once(in: 3) { drawClutter(on: &raster, &random) }
        raster.addNoise(Int32(random.within(10...48)), &random)
    }

    /// A dim line somewhere, with a corner in it.
    private func drawClutter(on raster: inout Raster, _ random: inout Random) {
        let (width, height) = (Float(size.width), Float(size.height))
        let side = min(width, height)
        var points: [SIMD2<Float>] = [[random.within(0...width), random.within(0...height)]]
        for _ in 0..<2 {
            let step: SIMD2<Float> = [random.within(-0.4...0.4), random.within(-0.4...0.4)]
            points.append(points[points.count - 1] + step * side)
        }
        raster.draw(
            [Segment(points[0], points[1]), Segment(points[1], points[2])],
            pen: side * random.within(Float(0.012)...0.035), colour: dark(&random) &* 5 / 4, isFilled: false)
    }

    private func colour(_ random: inout Random) -> SIMD4<Int32> {
        let bits = random.next()
        return SIMD4(Int32(bits & 255), Int32(bits >> 8 & 255), Int32(bits >> 16 & 255), 0)
    }

    /// A colour of the lower half of every channel.
    private func dark(_ random: inout Random) -> SIMD4<Int32> { colour(&random) / 2 }

    /// A colour that is brighter than another one: by at least 50 steps in the mean of the channels.
    private func brighter(than other: SIMD4<Int32>, _ random: inout Random) -> SIMD4<Int32> {
        while true {
            let candidate = colour(&random)
            var distance: Int32 = 0
            for channel in 0..<size.channels { distance += candidate[channel] - other[channel] }
            if distance >= 50 * Int32(size.channels) { return candidate }
        }
    }

    private func slope(_ random: inout Random) -> SIMD4<Int32> {
        let most = 50
        return SIMD4(
            Int32(random.within(-most...most)), Int32(random.within(-most...most)),
            Int32(random.within(-most...most)), 0)
    }
}

/// Where and how a shape lies on the raster.
private struct Pose {
    private let across: SIMD2<Float>
    private let down: SIMD2<Float>
    private let centre: SIMD2<Float>

    init(for shape: GlyphShape, width: Float, height: Float, _ random: inout Random) {
        // With the tangent of half the angle, sine and cosine are quotients and need no library.
        let half = random.within(-shape.lean...shape.lean)
        let square = half * half
        var (cosine, sine) = ((1 - square) / (1 + square), 2 * half / (1 + square))
        if shape.pointsAnywhere {
            for _ in 0..<random.below(4) { (cosine, sine) = (-sine, cosine) }
        }
        let side = min(width, height)
        let scale = side * random.within(Float(0.26)...0.4)
        let stretch = random.within(Float(0.85)...1.18)
        let shear = random.within(Float(-0.2)...0.2)
        let (wide, tall) = (scale * stretch, scale / stretch)
        across = SIMD2(cosine, sine) * wide
        down = SIMD2(-sine, cosine) * tall + SIMD2(cosine, sine) * (shear * tall)
        let slack = 0.5 - 0.9 * scale / side
        centre = SIMD2(
            width * 0.5 + side * random.within(-slack...slack),
            height * 0.5 + side * random.within(-slack...slack))
    }

    func placed(_ point: SIMD2<Float>) -> SIMD2<Float> { centre + across * point.x + down * point.y }
}

extension OpenedDataset {
    /// Glyphs in the size of the network, or in the size that the options ask for.
    static func glyphs(_ spec: DataSpec, shape: Shape, seed: UInt64) throws(DatasetError) -> OpenedDataset {
        var size: Layout
        switch shape {
        case .map(let channels, let height, let width):
            size = Layout(height: height, width: width, channels: channels == 3 ? 3 : 1)
        case .sequence, .vector:
            guard spec.size != nil else {
                throw .mismatch(
                    found: "a glyph", network: shape,
                    advice: "tones are sequences; a vector needs size=HxW and channels= with as many values")
            }
            size = Layout(height: 0, width: 0, channels: 1)
        }
        if let wanted = spec.size { (size.height, size.width) = wanted }
        if let channels = spec.channels {
            guard channels == 1 || channels == 3 else {
                throw .optionValue(
                    "channels", value: "\(channels)", expected: "1 or 3, which glyphs are drawn in")
            }
            size.channels = channels
        }
        return OpenedDataset(
            train: GlyphSource(count: spec.limit ?? 10_000, split: .train, seed: seed, size: size),
            test: GlyphSource(count: 2000, split: .test, seed: seed, size: size),
            classNames: GlyphShape.allCases.map(\.name))
    }
}
