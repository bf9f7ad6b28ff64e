/// Gives the wires between two levels the rows in which they go to the sides, so that no two lie on each other.
enum BoxTracks {
    /// Sets the tracks of bundles and gives the number of rows.
    static func assign(_ bundles: inout [BoxLayout.Bundle]) -> Int {
        let bent = bundles.indices.filter { bundles[$0].isBent }
        guard !bent.isEmpty else { return bundles.isEmpty ? 0 : 1 }
        guard bent.count <= most else { return 1 }
        var waiting = bent.sorted { (bundles[$0].range.count, $0) < (bundles[$1].range.count, $1) }
        var placed: [Int] = []
        var count = 1
        while !waiting.isEmpty {
            // A wire that comes down at a column goes there below one that leaves it to the side; two that cross each other
            // so cannot both, and the shorter one is first.
            let next = waiting.firstIndex { one in
                !waiting.contains { $0 != one && bundles[$0].isAbove(bundles[one]) }
            }
            let one = waiting.remove(at: next ?? 0)
            var track = 0
            for other in placed where bundles[other].isAbove(bundles[one]) {
                track = max(track, bundles[other].track + 1)
            }
            while placed.contains(where: { bundles[$0].track == track && bundles[$0].meets(bundles[one]) }) {
                track += 1
            }
            bundles[one].track = track
            count = max(count, track + 1)
            placed.append(one)
        }
        return count
    }

    /// Of more wires than this between two levels, all have one row.
    private static let most = 300
}

extension BoxLayout.Bundle {
    /// Whether some wire of it leads to another column.
    fileprivate var isBent: Bool { ends.contains { $0.column != column } }

    /// The columns that it takes in its row.
    fileprivate var range: ClosedRange<Int> {
        let columns = ends.map(\.column) + [column]
        return (columns.min() ?? column)...(columns.max() ?? column)
    }

    /// Whether another one comes down where this one begins and does not end.
    fileprivate func isAbove(_ other: BoxLayout.Bundle) -> Bool {
        other.ends.contains { $0.column == column } && !ends.contains { $0.column == column }
    }

    /// Whether the two would lie on each other in one row. They may meet where both end.
    fileprivate func meets(_ other: BoxLayout.Bundle) -> Bool {
        let common = range.clamped(to: other.range)
        guard range.overlaps(other.range) else { return false }
        guard common.count == 1 else { return true }
        let column = common.lowerBound
        return !(ends.contains { $0.column == column } && other.ends.contains { $0.column == column })
    }
}
