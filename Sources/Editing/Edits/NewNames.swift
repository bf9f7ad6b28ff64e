import Graph

/// Names for new layers in the manner of the network's own: "conv3" after "conv2", "b4.add" after "b3.add".
struct NewNames {
    private let network: Network
    private var taken: Set<String>

    init(_ network: Network) {
        self.network = network
        taken = Set(network.names)
    }

    /// A name for a layer of a kind: the stem and next number of the others, or the kind's own stem.
    mutating func name(for kind: OperatorKind) -> String {
        let plain = network.nodes.filter { $0.kind == kind && !$0.name.contains(".") }
            .compactMap { Numbered($0.name) }
        let counts = Dictionary(grouping: plain, by: \.stem)
        let others = counts.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
        if let others {
            // A single "pool" is the first of its kind.
            return claim(others.key, from: (others.value.map { $0.number ?? 1 }.max() ?? 0) + 1)
        }
        let stem = kind.type.stem
        return kind.type.isSingle && !taken.contains(stem) ? claim(stem) : claim(stem, from: 1)
    }

    /// A prefix with its dot for the layers of a block: the stem and next number of the nearest block before.
    mutating func prefix(near index: Int?) -> String {
        let blocks = network.nodes.prefix((index ?? network.nodes.count - 1) + 1).reversed().lazy
            .compactMap { NewNames.prefix(of: $0.name) }
        let stem = blocks.compactMap { Numbered($0)?.stem }.first { $0.utf8.count < 32 } ?? "b"
        let numbers = network.names.compactMap { name in
            NewNames.prefix(of: name).flatMap { Numbered($0) }.flatMap {
                $0.stem == stem ? $0.number ?? 1 : nil
            }
        }
        var number = (numbers.max() ?? 0) + 1
        while taken.contains(where: { $0.hasPrefix("\(stem)\(number).") }) { number += 1 }
        return "\(stem)\(number)."
    }

    /// The name of a copy of a layer: the same stem with the next free number.
    mutating func name(besides name: String) -> String {
        guard let numbered = Numbered(name) else { return claim(name) }
        return claim(numbered.stem, from: (numbered.number ?? 1) + 1)
    }

    /// A free name, from a wanted one.
    mutating func claim(_ name: String) -> String {
        var free = name
        var number = 2
        while taken.contains(free) || !Network.isName(free) {
            free = "\(name.prefix(56))\(number)"
            number += 1
        }
        taken.insert(free)
        return free
    }

    /// What stands before the first dot, or nil where there is none.
    static func prefix(of name: String) -> String? {
        guard let dot = name.firstIndex(of: "."), dot > name.startIndex else { return nil }
        return String(name[..<dot])
    }

    private mutating func claim(_ stem: String, from number: Int) -> String {
        var number = number
        while taken.contains("\(stem)\(number)") { number += 1 }
        return claim("\(stem)\(number)")
    }

    /// A name as a stem with a number behind it.
    private struct Numbered {
        let stem: String
        let number: Int?

        init?(_ name: String) {
            let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
            guard digits < min(name.count, 8) else { return nil }
            stem = String(name.dropLast(digits))
            number = Int(name.suffix(digits))
        }
    }
}
