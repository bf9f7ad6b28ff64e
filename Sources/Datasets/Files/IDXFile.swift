/// An IDX file of unsigned bytes: a magic number, the axes as 32-bit big-endian numbers, then the values.
struct IDXFile: Sendable {
    /// The bytes, unpacked.
    let store: ByteStore
    /// The axes, the number of samples first; each at least 1.
    let axes: [Int]

    /// The bytes of one sample.
    var elements: Int { axes.dropFirst().reduce(1, *) }
    /// Where the values start.
    var start: Int { 4 + 4 * axes.count }

    /// Reads the header and compares it with the size of the file.
    init(_ store: ByteStore, axes range: ClosedRange<Int>) throws(DatasetError) {
        let file = store.file
        let head = try store.bytes(0..<min(store.count, 4 + 4 * range.upperBound))
        func wrong(_ byte: Int, _ expected: String, _ found: String) -> DatasetError {
            .malformed(file: file, byte: byte, expected: expected, found: found)
        }
        let magic = "an IDX header (0, 0, 8 for bytes, the number of axes)"
        guard head.count >= 4 else { throw wrong(head.count, magic, "the end of the file") }
        guard head[0] == 0, head[1] == 0 else { throw wrong(0, magic, "\(head[0]), \(head[1])") }
        guard head[2] == 8 else { throw wrong(2, "8, which stands for unsigned bytes", "\(head[2])") }
        let count = Int(head[3])
        guard range.contains(count) else {
            let expected =
                range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            throw wrong(3, "\(expected) axes", "\(count)")
        }
        guard head.count >= 4 + 4 * count else {
            throw wrong(head.count, "\(count) axes", "the end of the file")
        }
        var axes: [Int] = []
        var total = 1
        for axis in 0..<count {
            let byte = 4 + 4 * axis
            let size = head[byte..<byte + 4].reduce(0) { $0 << 8 | Int($1) }
            let (product, overflow) = total.multipliedReportingOverflow(by: size)
            guard size > 0, size <= Int(Int32.max), !overflow else {
                throw wrong(byte, "the size of axis \(axis)", "\(size)")
            }
            axes.append(size)
            total = product
        }
        self.store = store
        self.axes = axes
        let (end, overflow) = start.addingReportingOverflow(total)
        guard !overflow, end == store.count else {
            throw wrong(
                min(store.count, end),
                "\(axes.map(String.init).joined(separator: "x")) values, the last one at byte \(end - 1)",
                store.count < end ? "the end of the file" : "\(store.count - end) more bytes")
        }
    }

    /// The place of one sample in the file.
    func range(of index: Int) -> Range<Int> {
        let first = start + index * elements
        return first..<first + elements
    }
}
