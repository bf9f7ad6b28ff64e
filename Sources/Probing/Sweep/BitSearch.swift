import Graph

/// The choices of several variables that lose least for what they cost, from what each loses by itself.
///
/// Losses add up: noise of one layer is seldom that of another. Sums of costs are kept apart to 1 in 4,096 of the
/// largest, so that time and memory grow with the number of variables and not with that of combinations.
struct BitSearch {
    /// One value of a variable.
    struct Option {
        /// What it costs, against any fixed point.
        var cost: Int
        /// What it loses.
        var loss: Double
    }

    /// One combination.
    struct Point {
        /// The sum of costs.
        var cost: Int
        /// The sum of losses.
        var loss: Double
        /// For each variable, the position of its option.
        var options: [Int]
    }

    private static let steps = 4096

    /// The combinations that no other beats in both cost and loss, the cheapest first.
    static func front(_ variables: [[Option]]) -> [Point] {
        // Each stage remembers where its points come from: copies of the choices would cost more than the search.
        struct Link {
            var cost: Int
            var loss: Double
            var option: Int
            var parent: Int
        }
        let reach = variables.reduce(0) { sum, options in
            let costs = options.map(\.cost)
            return sum + (costs.max() ?? 0) - (costs.min() ?? 0)
        }
        let grain = max(1, reach / steps)
        var stages: [[Link]] = [[Link(cost: 0, loss: 0, option: 0, parent: 0)]]
        for options in variables where !options.isEmpty {
            var next: [Link] = []
            for (parent, link) in stages[stages.count - 1].enumerated() {
                for (index, option) in options.enumerated() {
                    next.append(
                        Link(
                            cost: link.cost + option.cost, loss: link.loss + option.loss, option: index,
                            parent: parent))
                }
            }
            next.sort { ($0.cost, $0.loss) < ($1.cost, $1.loss) }
            var kept: [Link] = []
            for link in next {
                guard let last = kept.last else {
                    kept.append(link)
                    continue
                }
                guard link.loss < last.loss else { continue }
                // Of those that cost the same to the grain, the one that loses least.
                if kept.count > 1, link.cost / grain == last.cost / grain { kept.removeLast() }
                kept.append(link)
            }
            stages.append(kept)
        }
        return stages[stages.count - 1].map { end in
            var options: [Int] = []
            var link = end
            var stage = stages.count - 1
            while stage > 0 {
                options.append(link.option)
                stage -= 1
                link = stages[stage][link.parent]
            }
            var chosen = options.reversed()[...]
            return Point(
                cost: end.cost, loss: end.loss,
                options: variables.map { $0.isEmpty ? 0 : chosen.removeFirst() })
        }
    }

    /// So many points of a front, spread over its costs, both ends among them; where a budget is given, also the dearest
    /// point within it.
    static func spread(_ front: [Point], count: Int, budget: Int?) -> [Point] {
        guard let first = front.first, let last = front.last else { return [] }
        var wanted = (0..<count).map {
            first.cost + Int(held: Double(last.cost - first.cost) * Double($0) / Double(max(1, count - 1)))
        }
        if let budget, budget >= first.cost { wanted.append(budget) }
        var chosen: Set<Int> = [0, front.count - 1]
        for cost in wanted {
            if let place = front.lastIndex(where: { $0.cost <= cost }) { chosen.insert(place) }
        }
        return chosen.sorted().map { front[$0] }
    }
}
