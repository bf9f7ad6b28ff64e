/// A small generator of random numbers, the same on every machine: SplitMix64.
///
/// It starts from any number of words, so that a sample, an epoch or an augmentation has numbers of its own that
/// depend on nothing drawn before.
struct Random: Sendable {
    private var state: UInt64

    /// The generator that belongs to these words, order included.
    init(_ words: UInt64...) {
        state = 0x9E37_79B9_7F4A_7C15
        for word in words {
            state = Self.mixed(state ^ word) &+ 0x9E37_79B9_7F4A_7C15
        }
    }

    /// 64 random bits.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// A whole number from 0 up to and without `bound`, which is 1 to 2^31.
    mutating func below(_ bound: Int) -> Int { Int(((next() >> 32) &* UInt64(bound)) >> 32) }

    /// A whole number of the range.
    mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// A number from the lower bound up to the upper one, in steps of 2^-24 of their distance.
    mutating func within(_ range: ClosedRange<Float>) -> Float {
        range.lowerBound + Float(next() >> 40) * (1 / Float(1 << 24)) * (range.upperBound - range.lowerBound)
    }

    /// Whether a coin falls on its first side: once in `count` on average.
    mutating func once(in count: Int) -> Bool { below(count) == 0 }

    private static func mixed(_ word: UInt64) -> UInt64 {
        var mixed = word
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What random numbers are for; each use has numbers that no other use shares.
enum Stream {
    static let order: UInt64 = 1
    static let augmentation: UInt64 = 2
    static let limit: UInt64 = 3
    static let validation: UInt64 = 4
    static let glyphs: UInt64 = 5
    static let tones: UInt64 = 6
    static let composition: UInt64 = 7
    static let colour: UInt64 = 8
    static let mixing: UInt64 = 9
    static let grey: UInt64 = 10
    static let blur: UInt64 = 11
    static let noise: UInt64 = 12
    static let cutout: UInt64 = 13
    static let spans: UInt64 = 14
    static let scenes: UInt64 = 15
    static let words: UInt64 = 16
}

extension Random {
    /// The numbers from 0 up to and without `count`, in random order (Fisher and Yates).
    mutating func permutation(of count: Int) -> [Int32] {
        var order = Array(0..<Int32(count))
        guard count > 1 else { return order }
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, below(last + 1))
        }
        return order
    }
}
