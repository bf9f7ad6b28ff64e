import TestSupport
import TestTraits
import Testing

@testable import Probing

/// The search for combinations that lose least for what they cost.
@Suite("Search over bits", .limited)
struct BitSearchTests {
    /// All combinations that no other beats, by trying each with each.
    private func slow(_ variables: [[BitSearch.Option]]) -> Set<[Int]> {
        var all: [(cost: Int, loss: Double)] = [(0, 0)]
        for options in variables {
            all = all.flatMap { point in options.map { (point.cost + $0.cost, point.loss + $0.loss) } }
        }
        let best = all.filter { point in
            !all.contains {
                $0.cost <= point.cost && $0.loss <= point.loss
                    && ($0.cost < point.cost || $0.loss < point.loss)
            }
        }
        return Set(best.map { [$0.cost, Int($0.loss)] })
    }

    @Test("it finds every combination that no other beats", arguments: 1...30 as ClosedRange<UInt64>)
    func front(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let variables = (0..<(1 + random.below(6))).map { _ in
            (0..<(1 + random.below(4))).map { _ in
                BitSearch.Option(cost: random.below(200) - 60, loss: Double(random.below(1000)))
            }
        }
        let found = BitSearch.front(variables)
        #expect(Set(found.map { [$0.cost, Int($0.loss)] }) == slow(variables))
        for point in found {
            let chosen = zip(variables, point.options).map { $0[$1] }
            #expect(chosen.reduce(0) { $0 + $1.cost } == point.cost)
            #expect(chosen.reduce(0) { $0 + $1.loss } == point.loss)
        }
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.cost < $1.cost && $0.loss > $1.loss })
    }

    @Test("a hundred layers of four widths stay a small search, near the best")
    func large() {
        // Equal layers: the best for a cost is known.
        let options = (0..<4).map { BitSearch.Option(cost: -1000 * $0, loss: Double($0 * $0)) }
        let found = BitSearch.front(Array(repeating: options, count: 100))
        #expect(found.count <= 2 * 4096)
        let half = BitSearch.spread(found, count: 2, budget: -100_000).first { $0.cost > -300_000 }
        // One step down in each layer is the cheapest way to save so much.
        #expect(half?.cost == -100_000 && half?.loss == 100)
    }

    @Test("points are spread over the costs, with both ends and the one that fills a budget")
    func spread() {
        let found = BitSearch.front([
            (0..<100).map { BitSearch.Option(cost: 10 * $0, loss: Double(100 - $0)) }
        ])
        let few = BitSearch.spread(found, count: 5, budget: 333).map(\.cost)
        #expect(few == [0, 240, 330, 490, 740, 990])
        #expect(BitSearch.spread([], count: 5, budget: nil).isEmpty)
    }
}
