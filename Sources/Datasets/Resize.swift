import Graph

/// Resizes images of bytes: linear between pixels when growing, the mean of the covered pixels, weighted by a
/// triangle, when shrinking; pixel centres lie at half numbers, and the edge is extended.
///
/// Weights are whole numbers of 2^-15 that add up to one, so that a grey image stays grey and every machine gets
/// the same bytes.
struct Resize: Sendable {
    /// Height and width before and after.
    let from: (height: Int, width: Int)
    let to: (height: Int, width: Int)
    private let rows: Taps
    private let columns: Taps
    private var stretched: [Int32] = []

    init(from: (height: Int, width: Int), to: (height: Int, width: Int)) {
        self.from = from
        self.to = to
        rows = Taps(from: from.height, to: to.height)
        columns = Taps(from: from.width, to: to.width)
    }

    /// Fills `output` (height, width, channels after resizing) from `input` (the same before).
    mutating func run(_ input: [UInt8], channels: Int, into output: inout [UInt8]) {
        precondition(input.count == from.height * from.width * channels, "another image")
        let width = to.width * channels
        if stretched.count != from.height * width {
            stretched = [Int32](repeating: 0, count: from.height * width)
        }
        if output.count != to.height * width { output = [UInt8](repeating: 0, count: to.height * width) }
        stretched.withUnsafeMutableBufferPointer { stretched in
            input.withUnsafeBufferPointer { input in
                columns.withTaps { column, first, weights in
                    for row in 0..<from.height {
                        for channel in 0..<channels {
                            var place = (row * from.width + first) * channels + channel
                            var sum: Int32 = 1 << 7
                            for weight in weights {
                                sum &+= Int32(input[place]) &* weight
                                place += channels
                            }
                            // Seven bits of fraction stay, so that bytes are rounded only once, at the end.
                            stretched[row * width + column * channels + channel] = sum >> 8
                        }
                    }
                }
            }
            output.withUnsafeMutableBufferPointer { output in
                rows.withTaps { row, first, weights in
                    for column in 0..<width {
                        var place = first * width + column
                        var sum: Int32 = 1 << 21
                        for weight in weights {
                            sum &+= stretched[place] &* weight
                            place += width
                        }
                        output[row * width + column] = UInt8(truncatingIfNeeded: sum >> 22)
                    }
                }
            }
        }
    }
}

/// The pixels along one axis that make each pixel of the result, with their weights.
private struct Taps: Sendable {
    private var firsts: [Int] = []
    private var counts: [Int] = []
    private var weights: [Int32] = []

    init(from input: Int, to output: Int) {
        let scale = Double(input) / Double(output)
        let reach = max(1, scale)
        for position in 0..<output {
            let centre = (Double(position) + 0.5) * scale
            let first = max(0, Int(held: (centre - reach).rounded(.down)))
            let last = min(input - 1, Int(held: (centre + reach).rounded(.down)))
            var shares = (first...max(first, last)).map { max(0, 1 - abs(Double($0) + 0.5 - centre) / reach) }
            // Weights outside of the image belong to its edge.
            if first == 0 { shares[0] += outside(from: centre - reach, to: 0, centre, reach) }
            if last == input - 1 {
                shares[shares.count - 1] += outside(from: Double(input), to: centre + reach, centre, reach)
            }
            let sum = shares.reduce(0, +)
            var whole = shares.map { Int32(($0 / sum * 32768).rounded()) }
            if let largest = whole.indices.max(by: { whole[$0] < whole[$1] }) {
                whole[largest] += 32768 - whole.reduce(0, +)
            }
            firsts.append(first)
            counts.append(whole.count)
            weights += whole
        }
    }

    /// Calls `body` with each position of the result, its first pixel and the weights from there on.
    func withTaps(_ body: (Int, Int, UnsafeBufferPointer<Int32>) -> Void) {
        weights.withUnsafeBufferPointer { weights in
            var start = 0
            for position in firsts.indices {
                let end = start + counts[position]
                body(position, firsts[position], UnsafeBufferPointer(rebasing: weights[start..<end]))
                start = end
            }
        }
    }
}

/// The weights of the pixel centres between two places.
private func outside(from start: Double, to end: Double, _ centre: Double, _ reach: Double) -> Double {
    var sum = 0.0
    var place = start.rounded(.down) + 0.5
    while place < end {
        if place >= start { sum += max(0, 1 - abs(place - centre) / reach) }
        place += 1
    }
    return sum
}
