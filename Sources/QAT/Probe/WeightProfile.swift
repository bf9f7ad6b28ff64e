import CKernels
import Graph

/// How weights lie between the ends of their channels' scales: what another factor or width would do can be told from it.
///
/// Channels of like reach share a histogram. A channel's reach is its largest magnitude; with one scale for all channels
/// there is one group.
public struct WeightProfile: Hashable, Sendable {
    /// Channels of like reach.
    public struct Group: Hashable, Sendable {
        /// The least reach of its channels.
        public var least: Double
        /// The greatest.
        public var greatest: Double
        /// The mean square of the reaches, which weighs its errors.
        public var meanSquare: Double
        /// Equal bins over -1 ... 1 of weight / reach.
        public var histogram: [UInt32]
    }

    /// From the least reach to the greatest.
    public var groups: [Group]
    /// The mean of all weights.
    public var mean: Double
    /// Their standard deviation.
    public var deviation: Double
    /// Whether codes are two's complement.
    public var isSIMD: Bool

    static let most = 16

    /// Looks at weights.
    init(
        _ weight: ParameterView, _ quantizer: WeightQuantizer, _ channels: ProbedChannels, mean: Double,
        deviation: Double
    ) {
        self.mean = mean
        self.deviation = deviation
        isSIMD = quantizer.isSIMD
        let own = channels.reaches(isUnsigned: false)
        let reaches = quantizer.isPerTensor ? [own.max() ?? 0] : own
        let order = reaches.indices.sorted { reaches[$0] < reaches[$1] }
        let count = min(WeightProfile.most, reaches.count)
        let bins = Observer.bins / count
        var places = [Int32](repeating: 0, count: reaches.count)
        for (rank, row) in order.enumerated() { places[row] = Int32(rank * count / reaches.count) }
        var counts = [UInt32](repeating: 0, count: bins * count)
        ck_row_histograms(
            weight.values, Int64(reaches.count), Int64(weight.count / reaches.count), reaches.map(Float.init),
            places,
            Int64(bins), &counts)
        groups = (0..<count).map { group in
            let members = reaches.indices.filter { places[$0] == Int32(group) }.map { reaches[$0] }
            return Group(
                least: members.min() ?? 0, greatest: members.max() ?? 0,
                meanSquare: members.reduce(0) { $0 + $1 * $1 } / Double(members.count),
                histogram: Array(counts[group * bins..<(group + 1) * bins]))
        }
    }
}
