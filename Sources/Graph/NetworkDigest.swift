extension Network {
    /// A short name for everything in the network that its numbers depend on, as 16 hexadecimal digits: two networks of
    /// the same layers, settings and wires have the same.
    public var digest: String {
        // FNV-1a over the lines of the file; notes do not count.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var plain = self
        for node in nodes where !node.note.isEmpty {
            plain = (try? plain.applying(.annotate(layer: node.name, note: ""))) ?? plain
        }
        for line in plain.inputLines + plain.layerLines {
            for byte in line.compact.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 10) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
