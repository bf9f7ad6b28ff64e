/// SplitMix64: the same numbers for the same seed on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts at a seed; neighbouring seeds have nothing in common.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A number below `limit`, or 0 where there is none.
    package mutating func below(_ limit: Int) -> Int {
        limit > 1 ? Int.random(in: 0..<limit, using: &self) : 0
    }

    /// One of the items.
    mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

    /// True once in so many times.
    mutating func once(in count: Int) -> Bool { below(count) == 0 }

    /// A range inside 0 ..< count, mostly short.
    mutating func range(in count: Int) -> Range<Int> {
        let start = below(count + 1)
        let length = below(once(in: 4) ? count - start + 1 : min(count - start, 32) + 1)
        return start..<start + length
    }
}
