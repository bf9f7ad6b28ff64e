public import Graph

/// Which layers of a list belong together, so that the list can show them as one.
public struct Folding: Hashable, Sendable {
    /// Layers that follow each other in the file.
    public struct Group: Hashable, Sendable {
        /// Their positions; at least two.
        public let range: Range<Int>
        /// What they are called together: "b3", or the name of the layer that closes them.
        public let title: String
    }

    /// The groups, in the order of the file; none overlaps another.
    public let groups: [Group]

    /// Finds the groups: layers whose names share what stands before the first dot, and elsewhere everything from a
    /// split of the data to the Shortcut that closes it.
    public init(_ network: Network, order: NetworkOrder) {
        let named = Folding.named(network)
        var isTaken = [Bool](repeating: false, count: network.nodes.count)
        for group in named { for index in group.range { isTaken[index] = true } }
        var found = named
        for index in network.nodes.indices where network.nodes[index].kind == .shortcut && !isTaken[index] {
            guard let range = Folding.block(closedBy: index, network, order),
                !range.contains(where: { isTaken[$0] })
            else { continue }
            for member in range { isTaken[member] = true }
            found.append(Group(range: range, title: network.nodes[index].name))
        }
        groups = found.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// The group that a layer belongs to, or nil.
    public func group(at index: Int) -> Group? { groups.first { $0.range.contains(index) } }

    private static func named(_ network: Network) -> [Group] {
        var groups: [Group] = []
        var start = 0
        while start < network.nodes.count {
            let prefix = NewNames.prefix(of: network.nodes[start].name)
            var end = start + 1
            while end < network.nodes.count, NewNames.prefix(of: network.nodes[end].name) == prefix {
                end += 1
            }
            if let prefix, end - start > 1 { groups.append(Group(range: start..<end, title: prefix)) }
            start = end
        }
        return groups
    }

    /// The layers between the one where a Shortcut's two wires part and the Shortcut, where nothing else goes in or out.
    private static func block(closedBy end: Int, _ network: Network, _ order: NetworkOrder) -> Range<Int>? {
        // The skip wire leads to the split itself or, past a projection, to a layer that reads it.
        let wires = order.producers[end].compactMap { $0 }.filter { $0 < end }
        let near = wires + wires.flatMap { order.producers[$0].compactMap { $0 } }
        for split in Set(near).filter({ $0 < end - 1 }).sorted(by: >) {
            let range = split + 1..<end + 1
            let isClosed = range.allSatisfy { index in
                order.producers[index].allSatisfy { producer in
                    producer.map { $0 == split || range.contains($0) } ?? false
                } && (index == end || order.readers[index].allSatisfy(range.contains))
            }
            if isClosed { return range }
        }
        return nil
    }
}
