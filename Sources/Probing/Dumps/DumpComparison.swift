import Graph

/// Two dumps laid side by side: where they part first, by how much, and where in the layer.
public struct DumpComparison: Sendable {
    /// How one result compares.
    public struct Layer: Hashable, Sendable {
        /// The layer, with the number of its output where that is not the first: "split[1]".
        public var name: String
        /// What came out.
        public var outcome: Outcome
    }

    /// What came out for a result.
    public enum Outcome: Hashable, Sendable {
        /// Both have the same numbers.
        case equal
        /// So many of all numbers differ, by so many steps at most (of floats: by so much), the first at a place.
        case different(Difference)
        /// They have no numbers that could be compared: why.
        case incomparable(String)
        /// Only one of them has it.
        case missing(in: String)
    }

    /// How numbers differ.
    public struct Difference: Hashable, Sendable {
        /// How many differ.
        public var count: Int
        /// Of so many.
        public var elements: Int
        /// The largest distance: steps of codes.
        public var largest: Double
        /// The first that differs, by its axes: row, column, channel of a map.
        public var place: [Int]
        /// What the first dump has there.
        public var first: Double
        /// What the second dump has there.
        public var second: Double
        /// Whether the numbers are codes.
        public var isCodes: Bool
    }

    /// All results, in the order of the first dump.
    public var layers: [Layer]

    /// The first result that is not equal; nil where all are.
    public var parting: Layer? { layers.first { $0.outcome != .equal } }

    /// Compares the dumps of two folders.
    public init(_ first: String, _ second: String) throws(DumpError) {
        let one = try DumpIndex(first)
        let two = try DumpIndex(second)
        let others = Dictionary(two.entries.map { ($0.name, $0) }) { first, _ in first }
        var found: [Layer] = []
        for entry in one.entries {
            guard let other = others[entry.name] else {
                found.append(Layer(name: entry.name, outcome: .missing(in: second)))
                continue
            }
            found.append(Layer(name: entry.name, outcome: try DumpComparison.compare(entry, one, other, two)))
        }
        let known = Set(one.entries.map(\.name))
        found += two.entries.filter { !known.contains($0.name) }
            .map { Layer(name: $0.name, outcome: .missing(in: first)) }
        layers = found
    }

    private static func compare(
        _ entry: DumpIndex.Entry, _ one: DumpIndex, _ other: DumpIndex.Entry, _ two: DumpIndex
    ) throws(DumpError) -> Outcome {
        guard entry.shape == other.shape else {
            return .incomparable("\(entry.shape.text) beside \(other.shape.text)")
        }
        guard entry.type == other.type else {
            return .incomparable("\(entry.type.rawValue) beside \(other.type.rawValue)")
        }
        let first = try one.bytes(of: entry)
        let second = try two.bytes(of: other)
        if first == second { return .equal }
        var difference: Difference?
        let size = entry.type.size
        for element in 0..<first.count / size {
            let a = entry.number(first, element)
            let b = entry.number(second, element)
            // Equal as numbers: two zeros of floats, or two that are not numbers.
            guard a != b, !(a.isNaN && b.isNaN) else { continue }
            let distance = (a - b).isNaN ? .infinity : abs(a - b)
            if difference == nil {
                difference = Difference(
                    count: 0, elements: first.count / size, largest: 0, place: entry.place(of: element),
                    first: a, second: b, isCodes: entry.type != .float32)
            }
            difference?.count += 1
            let largest = difference?.largest ?? 0
            difference?.largest = max(largest, distance)
        }
        return difference.map(Outcome.different) ?? .equal
    }
}
