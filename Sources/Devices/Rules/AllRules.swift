extension Rule {
    /// Rules about one thing.
    public struct Group: Sendable {
        /// What they are about.
        public let title: String
        /// The rules.
        public let rules: [Rule]
    }

    /// Every rule: the network as a whole, one operator family after the other, then bits and advice.
    public static let groups: [Group] = [
        Group(title: "The network as a whole", rules: StructureRules.all),
        Group(title: "Heads of the task", rules: TaskRules.all),
        Group(title: "Operators that a chip has", rules: SupportRules.all),
        Group(title: "Preprocess and BatchNorm", rules: NormalizationRules.all),
        Group(title: "Convolutions", rules: ConvolutionRules.all),
        Group(title: "FullConnected", rules: DenseRules.all),
        Group(title: "Channels", rules: ChannelRules.all),
        Group(title: "Last layers", rules: LastLayerRules.all),
        Group(title: "Pools", rules: PoolingRules.all),
        Group(title: "Shortcut, Mul, Max and Route", rules: CombiningRules.all),
        Group(title: "Flatten, Channel_Split and Pixel_Shuffle", rules: ReshapingRules.all),
        Group(title: "LSTM and Embedding", rules: RecurrentRules.all),
        Group(title: "Imported flags", rules: ImportRules.all),
        Group(title: "Quantizing as a whole", rules: QuantizeRules.all),
        Group(title: "Bits of the NPU family", rules: NPUBitRules.all),
        Group(title: "Bits of the SIMD family", rules: SIMDBitRules.all),
        Group(title: "Recommended settings", rules: AdviceRules.all),
    ]

    /// Every rule, in the order of the groups, which is the order of a layer's equally severe findings.
    public static let all: [Rule] = groups.flatMap(\.rules)

    /// The rule of that id, or nil.
    public static func named(_ id: String) -> Rule? { byID[id] }

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
}
