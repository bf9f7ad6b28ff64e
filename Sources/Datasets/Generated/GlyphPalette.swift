/// The colours of generated pictures, in one channel or three: a dark background, brighter glyphs, dim lines between them.
struct GlyphPalette {
    let channels: Int

    /// A dim line somewhere, with a corner in it.
    func drawClutter(on raster: inout Raster, _ random: inout Random) {
        let width = Float(raster.layout.width)
        let height = Float(raster.layout.height)
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
    func dark(_ random: inout Random) -> SIMD4<Int32> { colour(&random) / 2 }

    /// A colour that is brighter than another one: by at least 50 steps in the mean of the channels.
    func brighter(than other: SIMD4<Int32>, _ random: inout Random) -> SIMD4<Int32> {
        while true {
            let candidate = colour(&random)
            var distance: Int32 = 0
            for channel in 0..<channels { distance += candidate[channel] - other[channel] }
            if distance >= 50 * Int32(channels) { return candidate }
        }
    }

    /// How a colour changes over a picture, in each channel.
    func slope(_ random: inout Random) -> SIMD4<Int32> {
        let most = 50
        return SIMD4(
            Int32(random.within(-most...most)), Int32(random.within(-most...most)),
            Int32(random.within(-most...most)), 0)
    }
}
