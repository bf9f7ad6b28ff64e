/// A picture: red, green and blue of each pixel, row by row from the top.
public struct PixelImage: Hashable, Sendable {
    /// The number of rows.
    public let height: Int
    /// The number of columns.
    public let width: Int
    /// Three bytes for each pixel, as sRGB.
    public let bytes: [UInt8]

    /// A picture of `height` x `width` pixels; `bytes` has three for each of them.
    public init(height: Int, width: Int, bytes: [UInt8]) {
        precondition(bytes.count == 3 * height * width, "another size")
        self.height = height
        self.width = width
        self.bytes = bytes
    }

    /// The picture with fewer pixels, each the mean of the area that it covers; neither side becomes longer.
    public func reduced(height wantedHeight: Int, width wantedWidth: Int) -> PixelImage {
        let rows = min(height, max(1, wantedHeight))
        let columns = min(width, max(1, wantedWidth))
        guard rows > 0, columns > 0, rows != height || columns != width else { return self }
        let across = Shares(from: width, to: columns)
        let down = Shares(from: height, to: rows)
        var narrow = [Float](repeating: 0, count: height * columns * 3)
        for row in 0..<height {
            for column in 0..<columns {
                let to = (row * columns + column) * 3
                for tap in across.taps(of: column) {
                    let from = (row * width + tap.place) * 3
                    for channel in 0..<3 { narrow[to + channel] += tap.share * Float(bytes[from + channel]) }
                }
            }
        }
        var result = [UInt8](repeating: 0, count: rows * columns * 3)
        let line = columns * 3
        var sums = [Float](repeating: 0, count: line)
        for row in 0..<rows {
            for place in 0..<line { sums[place] = 0 }
            for tap in down.taps(of: row) {
                let from = tap.place * line
                for place in 0..<line { sums[place] += tap.share * narrow[from + place] }
            }
            for place in 0..<line {
                result[row * line + place] = UInt8(min(255, max(0, sums[place].rounded())))
            }
        }
        return PixelImage(height: rows, width: columns, bytes: result)
    }

    /// Height and width of the largest picture of the same proportions that has room in `height` x `width` pixels: smaller, or
    /// as it is, or twice as large.
    public func size(in room: (height: Int, width: Int)) -> (height: Int, width: Int) {
        guard height > 0, width > 0, room.height > 0, room.width > 0 else { return (0, 0) }
        if 2 * height <= room.height, 2 * width <= room.width { return (2 * height, 2 * width) }
        let scale = min(
            1, Double(room.height) / Double(height), Double(room.width) / Double(width))
        return (
            max(1, Int((Double(height) * scale).rounded(.down))),
            max(1, Int((Double(width) * scale).rounded(.down)))
        )
    }
}

/// Which pixels along one axis a smaller number of pixels covers, and by how much.
private struct Shares {
    private let from: Int
    private let to: Int

    init(from: Int, to: Int) {
        self.from = from
        self.to = to
    }

    /// The pixels that one of the result covers; their shares add up to one. Places are counted in parts of 1/(from to).
    func taps(of index: Int) -> [(place: Int, share: Float)] {
        let start = index * from
        let end = (index + 1) * from
        return (start / to...(end - 1) / to).map { place in
            let covered = min(end, (place + 1) * to) - max(start, place * to)
            return (place, Float(covered) / Float(from))
        }
    }
}
