/// The level of every item of a graph: below all that it reads, the longest way from the top.
struct GraphLevels: Hashable, Sendable {
    /// A wire from an item to one of a lower level.
    struct Wire: Hashable, Sendable {
        let upper: Int
        let lower: Int
    }

    /// The level of each item, from 0 at the top.
    private(set) var levels: [Int]
    /// The wires, each once; one that closes a cycle is turned around.
    private(set) var wires: [Wire] = []

    /// The levels of `count` items; each wire leads from the item that is read to the one that reads it.
    init(_ count: Int, wires given: [(source: Int, reader: Int)]) {
        levels = [Int](repeating: 0, count: count)
        var readers = [[Int]](repeating: [], count: count)
        var sources = readers
        for wire in Set(given.map { Wire(upper: $0.source, lower: $0.reader) }) where wire.upper != wire.lower
        {
            readers[wire.upper].append(wire.lower)
            sources[wire.lower].append(wire.upper)
        }
        var waiting = sources.map(\.count)
        var isPlaced = [Bool](repeating: false, count: count)
        var ready = (0..<count).filter { waiting[$0] == 0 }
        var next = 0
        var placed = 0
        while placed < count {
            // On a cycle the first item goes before what it reads.
            if ready.isEmpty {
                while isPlaced[next] || waiting[next] == 0 { next += 1 }
                ready = [next]
            }
            let item = ready.removeLast()
            guard !isPlaced[item] else { continue }
            isPlaced[item] = true
            placed += 1
            for source in sources[item] where !isPlaced[source] {
                wires.append(Wire(upper: item, lower: source))
                levels[source] = max(levels[source], levels[item] + 1)
            }
            for reader in readers[item] where !isPlaced[reader] {
                wires.append(Wire(upper: item, lower: reader))
                levels[reader] = max(levels[reader], levels[item] + 1)
                waiting[reader] -= 1
                if waiting[reader] == 0 { ready.append(reader) }
            }
        }
        wires = Set(wires).sorted { ($0.upper, $0.lower) < ($1.upper, $1.lower) }
        lowerSources()
    }

    /// What reads nothing stands right above the first that reads it.
    private mutating func lowerSources() {
        var nearest = [Int?](repeating: nil, count: levels.count)
        var reads = [Bool](repeating: false, count: levels.count)
        for wire in wires {
            nearest[wire.upper] = min(nearest[wire.upper] ?? .max, levels[wire.lower])
            reads[wire.lower] = true
        }
        for item in levels.indices where !reads[item] {
            if let level = nearest[item] { levels[item] = level - 1 }
        }
    }
}
