/// The order in which a network is evaluated, and what is wrong with its wiring as a whole.
public struct NetworkOrder: Sendable {
    /// Positions in `nodes`: each layer after all that it reads, otherwise in the file's order. Cycles are left out.
    public let evaluation: [Int]
    /// Positions of layers that lie on a cycle.
    public let cyclic: [Int]
    /// Positions of layers that cannot be evaluated because they read, directly or not, from a cycle.
    public let blocked: [Int]
    /// Positions of layers that no input reaches.
    public let unreachable: [Int]
    /// Inputs that nothing reads.
    public let unreadInputs: [Int]
    /// For each layer, the positions of its readers, each once, in the file's order.
    public let readers: [[Int]]
    /// For each layer, the positions of the layers it reads, in the order of its wires; nil for a network input.
    public let producers: [[Int?]]

    /// Orders a network; takes time in proportion to its wires.
    public init(_ network: Network) {
        let count = network.nodes.count
        var readers = [[Int]](repeating: [], count: count)
        var producers: [[Int?]] = []
        var isRead = [Bool](repeating: false, count: network.inputs.count)
        producers.reserveCapacity(count)
        for (index, node) in network.nodes.enumerated() {
            var wires: [Int?] = []
            for source in node.inputs {
                switch network.place(of: source.name) {
                case .node(let producer):
                    if readers[producer].last != index { readers[producer].append(index) }
                    wires.append(producer)
                case .input(let input):
                    isRead[input] = true
                    wires.append(nil)
                case nil: preconditionFailure("a wire of '\(node.name)' leads nowhere; Network checks wires")
                }
            }
            producers.append(wires)
        }
        self.readers = readers
        self.producers = producers
        unreadInputs = isRead.indices.filter { !isRead[$0] }
        evaluation = NetworkOrder.sorted(producers: producers, readers: readers)

        var isEvaluated = [Bool](repeating: false, count: count)
        var isReached = isEvaluated
        for index in evaluation {
            isEvaluated[index] = true
            isReached[index] = producers[index].contains { $0.map { isReached[$0] } ?? true }
        }
        let stuck = (0..<count).filter { !isEvaluated[$0] }
        let onCycle = NetworkOrder.onCycle(stuck, readers: readers)
        cyclic = stuck.filter { onCycle[$0] }
        blocked = stuck.filter { !onCycle[$0] }
        unreachable = evaluation.filter { !isReached[$0] }.sorted()
    }

    /// Kahn's algorithm that always takes the layer that stands first in the file.
    private static func sorted(producers: [[Int?]], readers: [[Int]]) -> [Int] {
        var waiting = producers.map { Set($0.compactMap { $0 }).count }
        var ready = MinHeap(waiting.indices.filter { waiting[$0] == 0 })
        var order: [Int] = []
        order.reserveCapacity(producers.count)
        while let index = ready.popMin() {
            order.append(index)
            for reader in readers[index] {
                waiting[reader] -= 1
                if waiting[reader] == 0 { ready.insert(reader) }
            }
        }
        return order
    }

    /// Tarjan's strongly connected components, without recursion: a layer lies on a cycle if it shares a component
    /// with another layer, or reads itself. What reads a layer that could not be ordered could not be either.
    private static func onCycle(_ stuck: [Int], readers: [[Int]]) -> [Bool] {
        var onCycle = [Bool](repeating: false, count: readers.count)
        var isOpen = onCycle
        var entered = [Int?](repeating: nil, count: readers.count)
        var lowest = [Int](repeating: 0, count: readers.count)
        var open: [Int] = []
        var count = 0
        for start in stuck where entered[start] == nil {
            var path = [(layer: start, reader: 0)]
            while let (layer, reader) = path.last {
                if entered[layer] == nil {
                    entered[layer] = count
                    lowest[layer] = count
                    isOpen[layer] = true
                    open.append(layer)
                    count += 1
                }
                if reader < readers[layer].count {
                    let next = readers[layer][reader]
                    path[path.count - 1].reader += 1
                    if let number = entered[next] {
                        if isOpen[next] { lowest[layer] = min(lowest[layer], number) }
                    } else {
                        path.append((next, 0))
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last?.layer { lowest[parent] = min(lowest[parent], lowest[layer]) }
                guard lowest[layer] == entered[layer], let first = open.lastIndex(of: layer) else { continue }
                let isCycle = open.count - first > 1 || readers[layer].contains(layer)
                for member in open[first...] { (isOpen[member], onCycle[member]) = (false, isCycle) }
                open.removeSubrange(first...)
            }
        }
        return onCycle
    }
}

/// A binary heap that gives back the smallest number first.
private struct MinHeap {
    private var items: [Int] = []

    init(_ sorted: [Int]) { items = sorted }

    mutating func insert(_ item: Int) {
        items.append(item)
        var child = items.count - 1
        while child > 0, items[(child - 1) / 2] > items[child] {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func popMin() -> Int? {
        guard let smallest = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return smallest }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child] < items[least] {
                least = child
            }
            if least == parent { return smallest }
            items.swapAt(parent, least)
            parent = least
        }
    }
}
