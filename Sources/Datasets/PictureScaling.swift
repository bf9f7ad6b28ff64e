import CKernels
import Graph

/// Resizes images of bytes: linear between pixels when growing, the mean of the covered pixels, weighted by a
/// triangle, when shrinking; pixel centres lie at half numbers, and the edge is extended.
///
/// Weights are whole numbers of 2^-15 that add up to one, so that a grey image stays grey and every machine gets
/// the same bytes.
struct PictureScaling: Sendable {
    /// Height and width before and after.
    let from: (height: Int, width: Int)
    let to: (height: Int, width: Int)
    private let rows: Taps
    private let columns: Taps
    /// Rows that were scaled, as many as a row of the result reads.
    private var lines: [Int32] = []

    init(from: (height: Int, width: Int), to: (height: Int, width: Int)) {
        self.from = from
        self.to = to
        rows = Taps(from: from.height, to: to.height)
        columns = Taps(from: from.width, to: to.width)
    }

    /// Fills `output` (height, width, channels after resizing) from `input` (the same before).
    mutating func run(_ input: [UInt8], channels: Int, into output: inout [UInt8]) {
        precondition(input.count == from.height * from.width * channels, "another image")
        let room = rows.most * to.width * channels
        if lines.count != room { lines = [Int32](repeating: 0, count: room) }
        let count = to.height * to.width * channels
        if output.count != count { output = [UInt8](repeating: 0, count: count) }
        rows.withTaps { rows in
            columns.withTaps { columns in
                ck_scale_picture(
                    input, Int64(from.height), Int64(from.width), Int64(channels), &rows, &columns, &lines,
                    &output)
            }
        }
    }
}

/// The pixels along one axis that make each pixel of the result, with their weights.
private struct Taps: Sendable {
    private var firsts: [Int32] = []
    private var counts: [Int32] = []
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
            firsts.append(Int32(first))
            counts.append(Int32(whole.count))
            weights += whole
        }
    }

    /// The most pixels that make one.
    var most: Int { Int(counts.max() ?? 1) }

    /// Calls `body` with the taps as the kernel reads them.
    func withTaps(_ body: (inout ck_scaling_taps) -> Void) {
        firsts.withUnsafeBufferPointer { firsts in
            counts.withUnsafeBufferPointer { counts in
                weights.withUnsafeBufferPointer { weights in
                    var taps = ck_scaling_taps(
                        length: Int64(firsts.count), most: Int64(most), firsts: firsts.baseAddress,
                        counts: counts.baseAddress, weights: weights.baseAddress)
                    body(&taps)
                }
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
