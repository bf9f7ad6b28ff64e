/// A picture of bytes, channels last, that lines are drawn on with soft edges.
///
/// The result is the same on every machine: it takes only sums, products, quotients and roots of 32-bit numbers,
/// which IEEE 754 defines to the last bit, and Swift neither reorders nor fuses them.
struct Raster {
    let layout: Layout
    private(set) var bytes: [UInt8]
    /// The squared distance of every pixel of the current row to the lines.
    private var distances: [SIMD8<Float>]

    init(_ layout: Layout) {
        self.layout = layout
        bytes = [UInt8](repeating: 0, count: layout.elements)
        distances = [SIMD8<Float>](repeating: .zero, count: (layout.width + 7) / 8)
    }

    /// Fills the picture with a colour that changes evenly by `across` from left to right and by `down` from top to
    /// bottom.
    mutating func shade(_ colour: SIMD4<Int32>, across: SIMD4<Int32>, down: SIMD4<Int32>) {
        let height = layout.height
        let width = layout.width
        let channels = layout.channels
        bytes.withUnsafeMutableBufferPointer { bytes in
            for channel in 0..<channels {
                let step = (across[channel] << 16) / Int32(width)
                for row in 0..<height {
                    var value = (colour[channel] - across[channel] / 2 - down[channel] / 2) << 16
                    value += (down[channel] << 16) / Int32(height) * Int32(row)
                    var place = row * width * channels + channel
                    for _ in 0..<width {
                        bytes[place] = UInt8(clamping: value >> 16)
                        value &+= step
                        place += channels
                    }
                }
            }
        }
    }

    /// Draws segments with a round pen; `isFilled` fills what they enclose, by the even-odd rule.
    mutating func draw(_ segments: [Segment], pen: Float, colour: SIMD4<Int32>, isFilled: Bool) {
        guard let first = segments.first else { return }
        let reach = pen + 1
        var box = first.box
        for segment in segments { box.formUnion(segment.box) }
        let rows = span(box.top - reach, box.bottom + reach, layout.height)
        let columns = span(box.left - reach, box.right + reach, layout.width)
        guard !rows.isEmpty, !columns.isEmpty else { return }
        let blocks = columns.lowerBound / 8..<(columns.upperBound + 7) / 8
        let far = SIMD8<Float>(repeating: 1e9)
        let layout = layout
        distances.withUnsafeMutableBufferPointer { distances in
            bytes.withUnsafeMutableBufferPointer { bytes in
                for row in rows {
                    for block in blocks { distances[block] = far }
                    let y = Float(row) + 0.5
                    for segment in segments where segment.reaches(y, reach) {
                        let near = span(segment.box.left - reach, segment.box.right + reach, layout.width)
                        guard !near.isEmpty else { continue }
                        segment.measure(
                            y: y, blocks: near.lowerBound / 8..<(near.upperBound + 7) / 8, into: distances)
                    }
                    if isFilled { Self.fill(segments, y: y, width: layout.width, into: distances) }
                    Self.blend(
                        colour, pen, layout, row: row, blocks: blocks, distances: distances, into: bytes)
                }
            }
        }
    }

    /// Adds noise of up to `strength` to every byte, small values more often than large ones.
    mutating func addNoise(_ strength: Int32, _ random: inout Random) {
        bytes.withUnsafeMutableBufferPointer { Datasets.addNoise(strength, to: $0, &random) }
    }

    /// Sets the distance of the pixels inside to zero.
    private static func fill(
        _ segments: [Segment], y: Float, width: Int, into distances: UnsafeMutableBufferPointer<SIMD8<Float>>
    ) {
        var crossings: [Float] = []
        for segment in segments {
            if let x = segment.crossing(y) { crossings.append(x) }
        }
        crossings.sort()
        for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
            for column in span(crossings[pair], crossings[pair + 1], width) {
                let x = Float(column) + 0.5
                if x >= crossings[pair], x <= crossings[pair + 1] { distances[column / 8][column % 8] = 0 }
            }
        }
    }

    private static func blend(
        _ colour: SIMD4<Int32>, _ pen: Float, _ layout: Layout, row: Int, blocks: Range<Int>,
        distances: UnsafeMutableBufferPointer<SIMD8<Float>>, into bytes: UnsafeMutableBufferPointer<UInt8>
    ) {
        let channels = layout.channels
        let edge = SIMD8<Float>(repeating: pen + 0.5)
        for block in blocks {
            let depth = edge - distances[block].squareRoot()
            guard any(depth .> 0) else { continue }
            let cover = SIMD8<Int32>(depth.clamped(lowerBound: .zero, upperBound: .one) * 256)
            for lane in 0..<min(8, layout.width - block * 8) where cover[lane] > 0 {
                let place = (row * layout.width + block * 8 + lane) * channels
                for channel in 0..<channels {
                    let below = Int32(bytes[place + channel])
                    bytes[place + channel] = UInt8(
                        truncatingIfNeeded: below + ((colour[channel] - below) * cover[lane]) >> 8)
                }
            }
        }
    }
}

/// Adds noise of up to `strength` to bytes, small values more often than large ones.
func addNoise(_ strength: Int32, to bytes: UnsafeMutableBufferPointer<UInt8>, _ random: inout Random) {
    var place = 0
    while place < bytes.count {
        var first = random.next()
        var second = random.next()
        for index in place..<min(place + 8, bytes.count) {
            let noise = Int32(first & 255) + Int32(second & 255) - 255
            bytes[index] = UInt8(clamping: Int32(bytes[index]) + (noise &* strength) >> 8)
            first = first >> 8
            second = second >> 8
        }
        place += 8
    }
}

/// The pixels that an interval touches.
private func span(_ low: Float, _ high: Float, _ limit: Int) -> Range<Int> {
    let first = max(0, Int(max(low, 0)))
    let end = min(limit, Int(max(high, -1)) + 1)
    return first..<max(first, high < 0 ? first : end)
}

extension SIMD8<Float> {
    fileprivate static let one = SIMD8<Float>(repeating: 1)
}

/// A straight piece of a line, in pixels.
struct Segment {
    /// Left, right, top and bottom.
    struct Box {
        var left: Float
        var right: Float
        var top: Float
        var bottom: Float

        mutating func formUnion(_ other: Box) {
            left = min(left, other.left)
            right = max(right, other.right)
            top = min(top, other.top)
            bottom = max(bottom, other.bottom)
        }
    }

    private let start: SIMD2<Float>
    private let direction: SIMD2<Float>
    private let inverse: Float
    let box: Box

    init(_ start: SIMD2<Float>, _ end: SIMD2<Float>) {
        self.start = start
        direction = end - start
        let square = direction.x * direction.x + direction.y * direction.y
        inverse = square > 0 ? 1 / square : 0
        box = Box(
            left: min(start.x, end.x), right: max(start.x, end.x), top: min(start.y, end.y),
            bottom: max(start.y, end.y))
    }

    /// Whether a row can lie within `reach`.
    func reaches(_ y: Float, _ reach: Float) -> Bool { y > box.top - reach && y < box.bottom + reach }

    /// Where the segment crosses a row; its lower end does not count, so that joined segments cross once.
    func crossing(_ y: Float) -> Float? {
        let end = start.y + direction.y
        guard (start.y <= y) != (end <= y) else { return nil }
        return start.x + (y - start.y) / direction.y * direction.x
    }

    /// Lowers the squared distances of a row to the ones to this segment where they are smaller.
    @inline(__always)
    func measure(y: Float, blocks: Range<Int>, into distances: UnsafeMutableBufferPointer<SIMD8<Float>>) {
        let offsets = SIMD8<Float>(0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5)
        let down = y - start.y
        for block in blocks {
            let across = offsets + (Float(block * 8) - start.x)
            let along = ((across * direction.x + down * direction.y) * inverse)
                .clamped(lowerBound: .zero, upperBound: .one)
            let right = across - along * direction.x
            let below = down - along * direction.y
            let square = right * right + below * below
            let before = distances[block]
            distances[block] = before.replacing(with: square, where: square .< before)
        }
    }
}
