/// The FNV-1a hash of 64 bits: the same on every machine and in every process.
public struct FNVHash: Hashable, Sendable {
    /// The hash of what was added.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of nothing.
    public init() {}

    /// Adds a byte, or as many bits at once.
    public mutating func add(_ bits: UInt64) { value = (value ^ bits) &* 0x100_0000_01b3 }

    /// Adds bytes one after the other.
    public mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(UInt64(byte)) }
    }
}
