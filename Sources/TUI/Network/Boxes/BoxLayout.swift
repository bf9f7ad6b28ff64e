/// Where the boxes of a graph and the wires between them are drawn, in cells from the top left: levels from top to bottom,
/// branches beside each other. The first branch goes straight down, the others are at its right.
struct BoxLayout: Hashable, Sendable {
    /// The cells of a box, from left to right and from top to bottom.
    static let (boxWidth, boxHeight) = (28, 3)
    /// Where wires enter and leave a box, from its left.
    static let port = 14

    /// A box of a level.
    struct Box: Hashable, Sendable {
        let item: Int
        /// Its first column.
        let column: Int
        /// The column of its wires.
        var port: Int { column + BoxLayout.port }
    }

    /// A wire that passes a level between its boxes.
    struct Pass: Hashable, Sendable {
        let source: Int
        let column: Int
        /// The items that it leads to.
        let readers: [Int]
    }

    /// The wires from one box or pass to the level below.
    struct Bundle: Hashable, Sendable {
        let source: Int
        /// Where they begin.
        let column: Int
        /// The row, from the first one below the boxes, in which they go to the sides.
        var track = 0
        let ends: [End]
    }

    /// The end of a wire at the level below.
    struct End: Hashable, Sendable {
        let column: Int
        /// The items that it leads to.
        let readers: [Int]
    }

    /// The boxes of one level with the wires below them.
    struct Level: Hashable, Sendable {
        /// The first row of its boxes.
        var top = 0
        /// From left to right.
        var boxes: [Box] = []
        var passes: [Pass] = []
        var bundles: [Bundle] = []
        /// Rows below the boxes that wires have; at least one, but below the last level.
        var tracks = 0

        /// The row after its boxes.
        var bottom: Int { top + BoxLayout.boxHeight }
    }

    /// The levels from top to bottom.
    private(set) var levels: [Level] = []
    /// The level of each item.
    private(set) var levelOf: [Int]
    /// For each item, what it reads from so far above that no wire is drawn.
    private(set) var farReads: [[Int]]
    /// For each item, the first item of its box.
    private(set) var firstOf: [Int]
    /// Cells from left to right.
    private(set) var columns = 0
    /// Cells from top to bottom.
    private(set) var rows = 0

    /// The layout of `count` items; each wire leads from the item that is read to the one that reads it.
    init(_ count: Int, wires: [(source: Int, reader: Int)]) {
        let graph = GraphLevels(count, wires: wires)
        firstOf = Array(0..<count)
        levelOf = graph.levels
        farReads = [[Int]](repeating: [], count: count)
        let places = BoxPlaces(graph)
        for wire in places.far { farReads[wire.lower].append(wire.upper) }
        let left = places.columns.min() ?? 0
        for (number, slots) in places.levels.enumerated() {
            var level = Level()
            for slot in slots {
                let column = places.columns[slot] - left
                switch places.slots[slot].kind {
                case .box(let item): level.boxes.append(Box(item: item, column: column))
                case .pass(let source, let readers):
                    level.passes.append(Pass(source: source, column: column, readers: readers))
                }
                columns = max(columns, column + places.slots[slot].width)
                let ends = places.slots[slot].below.map { lower in
                    End(column: places.port(of: lower) - left, readers: places.slots[lower].readers)
                }
                if !ends.isEmpty {
                    level.bundles.append(
                        Bundle(
                            source: places.slots[slot].source, column: places.port(of: slot) - left,
                            ends: ends))
                }
            }
            level.tracks = BoxTracks.assign(&level.bundles)
            if number + 1 < places.levels.count { level.tracks = max(1, level.tracks) }
            level.top = rows
            rows += BoxLayout.boxHeight + level.tracks
            levels.append(level)
        }
    }

    /// The box of an item.
    func box(of item: Int) -> Box? {
        guard levelOf.indices.contains(item) else { return nil }
        let first = firstOf[item]
        return levels[levelOf[item]].boxes.first { $0.item == first }
    }

    /// The layout of items of which several may share a box: for each item the first one of its box, and the wires between all.
    init(sharing firstOf: [Int], wires: [(source: Int, reader: Int)]) {
        let firsts = firstOf.indices.filter { firstOf[$0] == $0 }
        let numbers = Dictionary(uniqueKeysWithValues: firsts.enumerated().map { ($1, $0) })
        let numberOf = firstOf.map { numbers[$0] ?? 0 }
        let outer = wires.compactMap { wire -> (source: Int, reader: Int)? in
            let source = numberOf[wire.source]
            let reader = numberOf[wire.reader]
            return source == reader ? nil : (source, reader)
        }
        self.init(firsts.count, wires: outer)
        levels = levels.map { $0.renamed { firsts[$0] } }
        levelOf = numberOf.map { [levelOf] in levelOf[$0] }
        farReads = numberOf.map { [farReads] in farReads[$0].map { firsts[$0] } }
        self.firstOf = firstOf
    }

    /// The levels of which something is drawn in some rows.
    func levels(in rows: Range<Int>) -> ArraySlice<Level> {
        let first = levels.partition { $0.bottom + $0.tracks > rows.lowerBound }
        return levels[first...].prefix { $0.top < rows.upperBound }
    }

    /// The box of a level that is nearest to a column.
    func nearest(to port: Int, inLevel level: Int) -> Box? {
        guard levels.indices.contains(level) else { return nil }
        return levels[level].boxes.min { abs($0.port - port) < abs($1.port - port) }
    }
}

extension BoxLayout.Level {
    /// The same level with other numbers of items.
    fileprivate func renamed(_ name: (Int) -> Int) -> BoxLayout.Level {
        var level = self
        level.boxes = boxes.map { .init(item: name($0.item), column: $0.column) }
        level.passes = passes.map {
            .init(source: name($0.source), column: $0.column, readers: $0.readers.map(name))
        }
        level.bundles = bundles.map { bundle in
            .init(
                source: name(bundle.source), column: bundle.column, track: bundle.track,
                ends: bundle.ends.map { .init(column: $0.column, readers: $0.readers.map(name)) })
        }
        return level
    }
}

extension Array {
    /// The first position of an array in order whose element meets a condition that all behind it meet.
    fileprivate func partition(_ isBehind: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
