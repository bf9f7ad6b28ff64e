/// The order of boxes and passing wires in their levels, and their columns.
struct BoxPlaces {
    /// A box, or the place of a wire between boxes.
    struct Slot {
        enum Kind {
            case box(Int)
            /// A wire from an item to others further down.
            case pass(source: Int, readers: [Int])
        }

        let kind: Kind
        let level: Int
        /// Slots of the level above that lead to it, and of the level below to which it leads.
        var above: [Int] = []
        var below: [Int] = []

        /// The item that its wires come from.
        var source: Int {
            switch kind {
            case .box(let item): item
            case .pass(let source, _): source
            }
        }
        /// The items that a wire to it leads to.
        var readers: [Int] {
            switch kind {
            case .box(let item): [item]
            case .pass(_, let readers): readers
            }
        }
        var isBox: Bool {
            switch kind {
            case .box: true
            case .pass: false
            }
        }
        var width: Int { isBox ? BoxLayout.boxWidth : 1 }
        var port: Int { isBox ? BoxLayout.port : 0 }
    }

    /// Boxes first, in the order of the items; then passes.
    private(set) var slots: [Slot] = []
    /// The slots of each level from left to right.
    private(set) var levels: [[Int]] = []
    /// The first column of each slot.
    private(set) var columns: [Int] = []
    /// Wires that span so many levels that they are not drawn.
    private(set) var far: [GraphLevels.Wire] = []

    /// The column of a slot's wires.
    func port(of slot: Int) -> Int { columns[slot] + slots[slot].port }

    init(_ graph: GraphLevels) {
        slots = graph.levels.enumerated().map { Slot(kind: .box($0), level: $1) }
        addWires(graph)
        levels = [[Int]](repeating: [], count: (graph.levels.max() ?? -1) + 1)
        for (index, slot) in slots.enumerated() { levels[slot.level].append(index) }
        order()
        columns = [Int](repeating: 0, count: slots.count)
        for level in levels.indices { place(level) }
    }

    /// So many levels a drawn wire spans at most, the first number with which there are not too many passes.
    private static let spans = [64, 24, 8, 3, 1]
    private static let mostPasses = 40_000

    private mutating func addWires(_ graph: GraphLevels) {
        let levels = graph.levels
        func span(_ wire: GraphLevels.Wire) -> Int { levels[wire.lower] - levels[wire.upper] }
        let longest =
            BoxPlaces.spans.first { most in
                graph.wires.reduce(0) { $0 + (span($1) <= most ? span($1) - 1 : 0) } <= BoxPlaces.mostPasses
            } ?? 1
        far = graph.wires.filter { span($0) > longest }
        var start = graph.wires.startIndex
        while start < graph.wires.endIndex {
            // The wires of one item, which are in order: they share their passes.
            let source = graph.wires[start].upper
            let end = graph.wires[start...].firstIndex { $0.upper != source } ?? graph.wires.endIndex
            let lowers = graph.wires[start..<end].filter { span($0) <= longest }.map(\.lower)
                .sorted { (levels[$0], $0) < (levels[$1], $1) }
            connect(source, lowers, levels)
            start = end
        }
    }

    private mutating func connect(_ source: Int, _ lowers: [Int], _ levels: [Int]) {
        var upper = source
        var level = levels[source] + 1
        var rest = lowers[...]
        while let lower = rest.first {
            if levels[lower] == level {
                link(upper, lower)
                rest.removeFirst()
                continue
            }
            // All further ones are below this level.
            slots.append(Slot(kind: .pass(source: source, readers: Array(rest)), level: level))
            link(upper, slots.count - 1)
            upper = slots.count - 1
            level += 1
        }
    }

    /// What reads at the same level as the wire passes is read from above the pass.
    private mutating func link(_ upper: Int, _ lower: Int) {
        slots[upper].below.append(lower)
        slots[lower].above.append(upper)
    }

    /// Orders each level by where its slots' neighbours are: down, up, and down again.
    private mutating func order() {
        var position = [Double](repeating: 0, count: slots.count)
        func number(_ level: [Int]) {
            for (place, slot) in level.enumerated() { position[slot] = Double(place) }
        }
        func mean(_ neighbours: [Int], _ slot: Int) -> Double {
            guard !neighbours.isEmpty else { return position[slot] }
            return neighbours.reduce(0) { $0 + position[$1] } / Double(neighbours.count)
        }
        for level in levels { number(level) }
        for isDown in [true, false, true, false, true] {
            for level in isDown ? Array(levels.indices) : levels.indices.reversed()
            where levels[level].count > 1 {
                let keys = levels[level].map { mean(isDown ? slots[$0].above : slots[$0].below, $0) }
                guard zip(keys, keys.dropFirst()).contains(where: { $0 > $1 }) else { continue }
                // Stable: slots with the same neighbours stay in their order.
                levels[level] = zip(levels[level], keys).enumerated().sorted {
                    ($0.element.1, $0.offset) < ($1.element.1, $1.offset)
                }.map(\.element.0)
                number(levels[level])
            }
        }
    }

    /// From so many slots of a level on, each goes right behind the one before.
    private static let wide = 300

    /// Places a level: each box below the first box that leads to it, as far as boxes before it leave room; then passes.
    private mutating func place(_ level: Int) {
        let members = levels[level]
        var distance = [0]
        for (left, right) in zip(members, members.dropFirst()) {
            let gap = slots[left].isBox && slots[right].isBox ? 3 : 2
            let apart = slots[left].width - slots[left].port - 1 + gap + slots[right].port
            distance.append((distance.last ?? 0) + apart)
        }
        guard members.count < BoxPlaces.wide else {
            for (place, slot) in members.enumerated() { columns[slot] = distance[place] - slots[slot].port }
            return
        }
        var ports = [Int?](repeating: nil, count: members.count)
        for isBox in [true, false] {
            for (place, slot) in members.enumerated() where slots[slot].isBox == isBox {
                let before = ports[..<place].lastIndex { $0 != nil }
                let behind = ports[place...].firstIndex { $0 != nil }
                let least = before.flatMap { at in ports[at].map { $0 + distance[place] - distance[at] } }
                let most = behind.flatMap { at in ports[at].map { $0 - distance[at] + distance[place] } }
                var port = wanted(slot) ?? distance[place]
                if let most { port = min(port, most) }
                if let least { port = max(port, least) }
                ports[place] = port
            }
        }
        for (slot, port) in zip(members, ports) { columns[slot] = (port ?? 0) - slots[slot].port }
    }

    /// The column of the first box that leads to a slot, or of the first pass; nil where nothing does.
    private func wanted(_ slot: Int) -> Int? {
        let above = slots[slot].above
        return (above.filter { slots[$0].isBox }.map(port).min() ?? above.map(port).min())
    }
}
