import Foundation

/// A moment in a step. Backward passes run in the opposite order, after the loss.
enum Moment: Hashable {
    /// The forward pass of the kernel of that number.
    case forward(Int)
    /// Between the passes.
    case loss
    /// The backward pass of the kernel of that number.
    case backward(Int)
    /// Before, during and after the step.
    case always

    /// The place on the time line of a step with so many kernels.
    func range(kernels: Int) -> ClosedRange<Int> {
        switch self {
        case .forward(let index): index...index
        case .loss: kernels...kernels
        case .backward(let index): 2 * kernels - index...2 * kernels - index
        case .always: -1...2 * kernels + 1
        }
    }
}

/// A run of bytes that the arena gives to a step while it is needed.
final class Buffer {
    private(set) var bytes: Int
    private(set) var moments: Set<Moment> = []
    private var placed: UnsafeMutableRawPointer?

    init(bytes: Int) { self.bytes = bytes }

    /// Whether the bytes are given to others between the passes: what the backward pass needs of them is computed again.
    var isRestored = false

    /// Gives the bytes up: nothing uses them.
    func giveUp() { bytes = 0 }

    /// Keeps the bytes until that moment, or from it on.
    func isNeeded(_ moment: Moment) { moments.insert(moment) }

    /// When the bytes are kept, on the time line of a step with so many kernels.
    fileprivate func times(kernels: Int) -> [ClosedRange<Int>] {
        let ranges = moments.map { $0.range(kernels: kernels) }
        func span(_ ranges: [ClosedRange<Int>]) -> ClosedRange<Int>? {
            guard let first = ranges.map(\.lowerBound).min(), let last = ranges.map(\.upperBound).max() else {
                return nil
            }
            return first...last
        }
        guard !ranges.isEmpty else { return [-1...2 * kernels + 1] }
        guard isRestored else { return [span(ranges)].compactMap { $0 } }
        return [
            span(ranges.filter { $0.lowerBound < kernels }), span(ranges.filter { $0.lowerBound >= kernels }),
        ]
        .compactMap { $0 }
    }

    fileprivate func place(at address: UnsafeMutableRawPointer) { placed = address }

    /// Where it lies; known once the arena is planned.
    var address: UnsafeMutableRawPointer {
        guard let placed else { preconditionFailure("a buffer is used before the arena is planned") }
        return placed
    }

    /// The bytes as floats.
    var floats: UnsafeMutablePointer<Float> { address.assumingMemoryBound(to: Float.self) }
    /// The bytes as 16-bit numbers.
    var words: UnsafeMutablePointer<UInt16> { address.assumingMemoryBound(to: UInt16.self) }
    /// The bytes as they are.
    var codes: UnsafeMutablePointer<UInt8> { address.assumingMemoryBound(to: UInt8.self) }
    /// The bytes as doubles.
    var doubles: UnsafeMutablePointer<Double> { address.assumingMemoryBound(to: Double.self) }
}

/// All memory of a program: one block, in which buffers whose times do not meet share their place.
final class Arena {
    /// The bytes of the block.
    let bytes: Int
    private let block: UnsafeMutableRawPointer

    private static let alignment = 64
    /// The bytes of a large page.
    private static let largePage = 2 << 20

    /// Places buffers for a step of so many kernels; throws where they need more than `limit` bytes.
    init(_ buffers: [Buffer], kernels: Int, limit: Int = .max) throws(EngineError) {
        struct Placed {
            let times: [ClosedRange<Int>]
            let place: Range<Int>

            func meets(_ others: [ClosedRange<Int>]) -> Bool {
                times.contains { time in others.contains { $0.overlaps(time) } }
            }
        }
        let timed = buffers.map { (buffer: $0, times: $0.times(kernels: kernels)) }
        // Large ones first: each takes the lowest place that is free all its time.
        let order = timed.indices.sorted {
            (timed[$1].buffer.bytes, $0) < (timed[$0].buffer.bytes, $1)
        }
        var placed: [Placed] = []
        var offsets = [Int](repeating: 0, count: timed.count)
        var end = 0
        for index in order {
            let (buffer, times) = timed[index]
            let size = max(1, (buffer.bytes + Arena.alignment - 1) / Arena.alignment) * Arena.alignment
            var start = 0
            for other in placed where other.meets(times) {
                if other.place.lowerBound >= start + size { break }
                start = max(start, other.place.upperBound)
            }
            offsets[index] = start
            let new = Placed(times: times, place: start..<start + size)
            let position = placed.firstIndex { $0.place.lowerBound > start } ?? placed.count
            placed.insert(new, at: position)
            end = max(end, start + size)
        }
        bytes = end
        guard end <= limit else { throw .memory(bytes: end) }
        var address: UnsafeMutableRawPointer?
        let page = Arena.largePage
        let size = end < page ? max(end, Arena.alignment) : (end + page - 1) / page * page
        guard posix_memalign(&address, page, size) == 0, let address else { throw .memory(bytes: end) }
        block = address
        // Every pass walks over far more memory than small pages can be looked up for; without large ones it is only slower.
        if size >= page { _ = madvise(address, size, Int32(MADV_HUGEPAGE)) }
        memset(block, 0, end)
        for (index, timed) in timed.enumerated() { timed.buffer.place(at: block + offsets[index]) }
    }

    deinit { free(block) }
}
