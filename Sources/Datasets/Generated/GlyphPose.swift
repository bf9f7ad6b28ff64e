/// Where and how a glyph lies on the raster.
struct Pose {
    private let across: SIMD2<Float>
    private let down: SIMD2<Float>
    private let centre: SIMD2<Float>

    /// A random pose of a glyph that fills much of a picture.
    init(for shape: GlyphShape, width: Float, height: Float, _ random: inout Random) {
        let turn = Self.turn(of: shape, &random)
        let side = min(width, height)
        let scale = side * random.within(Float(0.26)...0.4)
        (across, down) = Self.axes(turn, scale, &random)
        let slack = 0.5 - 0.9 * scale / side
        centre = SIMD2(
            width * 0.5 + side * random.within(-slack...slack),
            height * 0.5 + side * random.within(-slack...slack))
    }

    /// A random pose of a glyph of a size, in pixels from its centre to its sides, at a place.
    init(for shape: GlyphShape, scale: Float, centre: SIMD2<Float>, _ random: inout Random) {
        let turn = Self.turn(of: shape, &random)
        (across, down) = Self.axes(turn, scale, &random)
        self.centre = centre
    }

    /// A point of the glyph's square in pixels.
    func placed(_ point: SIMD2<Float>) -> SIMD2<Float> { centre + across * point.x + down * point.y }

    /// Cosine and sine of how far a glyph leans.
    private static func turn(of shape: GlyphShape, _ random: inout Random) -> (cosine: Float, sine: Float) {
        // With the tangent of half the angle, sine and cosine are quotients and need no library.
        let half = random.within(-shape.lean...shape.lean)
        let square = half * half
        var cosine = (1 - square) / (1 + square)
        var sine = 2 * half / (1 + square)
        if shape.pointsAnywhere {
            for _ in 0..<random.below(4) { (cosine, sine) = (-sine, cosine) }
        }
        return (cosine, sine)
    }

    private static func axes(
        _ turn: (cosine: Float, sine: Float), _ scale: Float, _ random: inout Random
    ) -> (across: SIMD2<Float>, down: SIMD2<Float>) {
        let stretch = random.within(Float(0.85)...1.18)
        let shear = random.within(Float(-0.2)...0.2)
        let wide = scale * stretch
        let tall = scale / stretch
        return (
            SIMD2(turn.cosine, turn.sine) * wide,
            SIMD2(-turn.sine, turn.cosine) * tall + SIMD2(turn.cosine, turn.sine) * (shear * tall)
        )
    }
}

extension GlyphShape {
    /// The lines of the glyph in a pose, in pixels.
    func segments(in pose: Pose) -> [Segment] {
        var segments: [Segment] = []
        for line in lines {
            var last = pose.placed(line[0])
            for point in line.dropFirst() {
                let next = pose.placed(point)
                segments.append(Segment(last, next))
                last = next
            }
        }
        return segments
    }

    /// Whether the inside is drawn this time.
    func isFilled(_ random: inout Random) -> Bool {
        switch filling {
        case .always: true
        case .sometimes: random.once(in: 2)
        case .never: false
        }
    }
}
