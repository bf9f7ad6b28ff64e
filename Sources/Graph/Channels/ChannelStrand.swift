/// A run of a tensor's channels that comes from one segment: all units of the segment, in order.
///
/// Every `gather` units make `spread` channels: a Flatten of 4x4 maps spreads each unit over 16 channels, a Pixel_Shuffle
/// by 2 gathers 4 units in one.
public struct ChannelStrand: Hashable, Sendable {
    /// The position of the segment in `TiedChannels.sizes`.
    public let segment: Int
    /// The channels that `gather` units make.
    public let spread: Int
    /// The units that make `spread` channels.
    public let gather: Int

    /// A strand in its smallest numbers.
    init(_ segment: Int, spread: Int = 1, gather: Int = 1) {
        let divisor = Int.commonDivisor(spread, gather)
        self.segment = segment
        self.spread = spread / divisor
        self.gather = gather / divisor
    }

    /// The channels of the strand while its segment has so many units.
    public func channels(of units: Int) -> Int { (units / gather).clampedProduct(spread) }

    /// Whether each unit is one channel.
    var isPlain: Bool { spread == 1 && gather == 1 }

    /// The same units, of which every `gather` channels now make `spread`.
    func scaled(spread: Int = 1, gather: Int = 1) -> ChannelStrand {
        ChannelStrand(
            segment, spread: self.spread.clampedProduct(spread), gather: self.gather.clampedProduct(gather))
    }
}

extension Int {
    /// The greatest common divisor of two positive numbers.
    static func commonDivisor(_ first: Int, _ second: Int) -> Int {
        var (first, second) = (first, second)
        while second != 0 { (first, second) = (second, first % second) }
        return Swift.max(1, first)
    }

    /// The least common multiple of two positive numbers, held at the largest integer.
    static func commonMultiple(_ first: Int, _ second: Int) -> Int {
        (first / commonDivisor(first, second)).clampedProduct(second)
    }
}
