/// How far each segment has to grow so that the channels of some tensors are multiples of a number.
///
/// Segments only grow, and those that are held stay. Each demand is met where it costs the fewest other demands, then
/// the fewest channels.
struct ChannelGrowth {
    private let segments: TiedChannels
    private let demands: [(strands: [ChannelStrand], multiple: Int)]
    /// The units of each segment.
    private(set) var sizes: [Int]
    /// The demands that cannot be met, by position.
    private(set) var unmet: Set<Int> = []

    /// How often one demand is met anew after others have undone it.
    private static let patience = 8

    init(_ segments: TiedChannels, _ demands: [(strands: [ChannelStrand], multiple: Int)]) {
        self.segments = segments
        self.demands = demands
        sizes = segments.sizes
        grow()
    }

    private mutating func grow() {
        var tries = [Int](repeating: 0, count: demands.count)
        while let next = demands.indices.first(where: { !unmet.contains($0) && !isMet($0, sizes) }) {
            tries[next] += 1
            guard tries[next] <= ChannelGrowth.patience, let grown = grown(for: next) else {
                unmet.insert(next)
                continue
            }
            sizes = grown
        }
    }

    private func isMet(_ demand: Int, _ sizes: [Int]) -> Bool {
        segments.channels(demands[demand].strands, sizes).isMultiple(of: demands[demand].multiple)
    }

    /// The sizes with one more demand met; nil where it cannot be.
    private func grown(for demand: Int) -> [Int]? {
        let free = Set(demands[demand].strands.map(\.segment)).filter { !segments.isFixed[$0] }.sorted()
        let single = free.compactMap { segment -> (cost: (Int, Int), sizes: [Int])? in
            var sizes = sizes
            // The remainders repeat after as many steps as the multiple.
            for _ in 0..<demands[demand].multiple {
                sizes[segment] += segments.units[segment]
                guard sizes[segment] <= Shape.elementLimit else { return nil }
                if isMet(demand, sizes) {
                    let undone = demands.indices.count {
                        !unmet.contains($0) && isMet($0, self.sizes) && !isMet($0, sizes)
                    }
                    return ((undone, sizes[segment] - self.sizes[segment]), sizes)
                }
            }
            return nil
        }
        let best = single.min { $0.cost < $1.cost }
        if let best, best.cost.0 == 0 { return best.sizes }
        // Whole blocks of every segment meet every demand that is about them alone.
        var whole = sizes
        for segment in free {
            let step = Int.commonMultiple(segments.units[segment], demands[demand].multiple)
            whole[segment] = (whole[segment] + step - 1) / step * step
        }
        if whole != sizes, isMet(demand, whole) { return whole }
        return best?.sizes
    }
}
