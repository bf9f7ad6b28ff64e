public import Datasets

/// Which samples the network is to be asked about.
public struct JudgeAsk: Hashable, Sendable {
    /// Which network with which weights on which data.
    public let number: Int
    /// The split.
    public let split: Split
    /// The samples on the screen.
    let visible: [Int]
    /// Whether all others follow.
    let isAll: Bool
}
