extension Network {
    /// A short name for everything in the network that its numbers depend on, as 16 hexadecimal digits: two networks of
    /// the same layers, settings and wires have the same.
    public var digest: String {
        // Over the lines of the file; notes do not count.
        var hash = FNVHash()
        var plain = self
        for node in nodes where !node.note.isEmpty {
            plain = (try? plain.applying(.annotate(layer: node.name, note: ""))) ?? plain
        }
        for line in plain.inputLines + plain.layerLines {
            hash.add(line.compact.utf8)
            hash.add(10)
        }
        let digits = String(hash.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
