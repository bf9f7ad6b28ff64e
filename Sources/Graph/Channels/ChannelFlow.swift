/// What an operator does with the channels that it reads.
public enum ChannelFlow: Hashable, Sendable {
    /// It gives channels of its own.
    case made
    /// It works channel by channel, on the channels at the same place of every input.
    case kept
    /// It gives those of all inputs, one after the other.
    case joined
    /// It gives parts of them with so many channels each, one part an output.
    case parts([Int])
    /// It makes one of each run of so many.
    case gathered(Int)
    /// It gives the values other axes.
    case reshaped
}

extension Int {
    /// The greatest common divisor of two positive numbers.
    package static func gcd(_ first: Int, _ second: Int) -> Int {
        var (first, second) = (first, second)
        while second != 0 { (first, second) = (second, first % second) }
        return Swift.max(1, first)
    }

    /// The least common multiple of two positive numbers.
    package static func lcm(_ first: Int, _ second: Int) -> Int { first / gcd(first, second) * second }

    /// As many channels for a new layer as it reads, or a whole block where it reads an image.
    static func channels(reading input: Shape?, block: Int) -> Int {
        let channels = input?.channels ?? block
        return channels < 4 ? block : Swift.min(channels, 65536)
    }
}
