import Graph

/// The header of an array as numpy writes it: magic, version, and a Python dictionary in text.
struct NPYHeader: Hashable, Sendable {
    /// What one value is.
    enum Kind: Hashable, Sendable {
        case unsigned, signed, float
    }

    /// What the values are.
    let kind: Kind
    /// The bytes of a value.
    let width: Int
    /// The axes of the array, the number of samples first; each at least 1.
    let axes: [Int]
    /// Where the values start.
    let start: Int

    /// The longest header that is read; the ones that numpy writes have a few hundred bytes.
    private static let headerLimit = 1 << 16

    /// Reads the header of an array; `place` is what messages name, `offset` where the array starts in the file.
    init(_ bytes: ByteRange) throws(DatasetError) {
        func wrong(_ byte: Int, _ expected: String, _ found: String) -> DatasetError {
            .malformed(file: bytes.name, byte: byte, expected: expected, found: found)
        }
        let head = try bytes.bytes(0..<min(12, bytes.count))
        guard head.count >= 10, head.starts(with: [0x93] + Array("NUMPY".utf8)) else {
            throw wrong(0, "an array as numpy writes it (\\x93NUMPY)", "something else")
        }
        guard (1...3).contains(head[6]), head.count == 12 else {
            throw wrong(6, "version 1 to 3", "\(head[6])")
        }
        let sizeBytes = head[6] == 1 ? 2 : 4
        let length = head[8..<8 + sizeBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
        let textStart = 8 + sizeBytes
        guard length <= min(Self.headerLimit, bytes.count - textStart) else {
            throw wrong(8, "the length of a header, at most \(Self.headerLimit)", "\(length)")
        }
        start = textStart + length
        let text = try bytes.bytes(textStart..<start)
        var reader = PythonText(text)
        let fields = reader.dictionary()
        guard let fields, case .text(let type)? = fields["descr"],
            case .flag(let isColumnMajor)? = fields["fortran_order"],
            case .numbers(let axes)? = fields["shape"]
        else {
            throw wrong(
                textStart + reader.place, "a dictionary of descr, fortran_order and shape",
                String(decoding: text.prefix(80), as: UTF8.self))
        }
        guard let (kind, width) = Self.value(type) else {
            throw wrong(
                textStart, "values of u1, i1, i2, i4, i8, f2, f4 or f8, low byte first",
                "\(type.oneLine(upTo: 32))")
        }
        guard !isColumnMajor else {
            throw wrong(textStart, "C order; save numpy.ascontiguousarray(x)", "Fortran order")
        }
        guard (1...4).contains(axes.count) else { throw wrong(textStart, "1 to 4 axes", "\(axes.count)") }
        var total = width
        for axis in axes {
            let (product, overflow) = total.multipliedReportingOverflow(by: axis)
            guard axis > 0, axis <= Int(Int32.max), !overflow else {
                throw wrong(textStart, "the axes", "\(axes)")
            }
            total = product
        }
        guard total == bytes.count - start else {
            throw wrong(
                start, "\(total) bytes for \(axes.map(String.init).joined(separator: "x")) values",
                "\(bytes.count - start)")
        }
        self.kind = kind
        self.width = width
        self.axes = axes
    }

    /// The type that numpy writes as byte order, letter and size: "<f4".
    private static func value(_ type: String) -> (Kind, Int)? {
        guard let order = type.first, let width = Int(type.dropFirst(2)) else { return nil }
        let kinds: [Character: (Kind, Set<Int>)] = [
            "u": (.unsigned, [1, 2, 4, 8]), "i": (.signed, [1, 2, 4, 8]), "b": (.unsigned, [1]),
            "f": (.float, [2, 4, 8]),
        ]
        guard let (kind, widths) = kinds[type.dropFirst().first ?? " "], widths.contains(width) else {
            return nil
        }
        guard order == "<" || order == "|" || (order == "=" || order == ">") && width == 1 else { return nil }
        return (kind, width)
    }

    /// The values of little-endian bytes, as 32-bit numbers.
    func numbers(_ bytes: UnsafeBufferPointer<UInt8>, into numbers: UnsafeMutableBufferPointer<Float>) {
        let raw = UnsafeRawBufferPointer(bytes)
        func each<Value>(_ type: Value.Type, _ number: (Value) -> Float) {
            for index in 0..<numbers.count {
                numbers[index] = number(raw.loadUnaligned(fromByteOffset: index * width, as: type))
            }
        }
        switch (kind, width) {
        case (.float, 2): each(UInt16.self) { Float(Float16(bitPattern: UInt16(littleEndian: $0))) }
        case (.float, 4): each(UInt32.self) { Float(bitPattern: UInt32(littleEndian: $0)) }
        case (.float, _): each(UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
        case (.unsigned, 1): each(UInt8.self) { Float($0) }
        case (.unsigned, 2): each(UInt16.self) { Float(UInt16(littleEndian: $0)) }
        case (.unsigned, 4): each(UInt32.self) { Float(UInt32(littleEndian: $0)) }
        case (.unsigned, _): each(UInt64.self) { Float(UInt64(littleEndian: $0)) }
        case (.signed, 1): each(Int8.self) { Float($0) }
        case (.signed, 2): each(Int16.self) { Float(Int16(littleEndian: $0)) }
        case (.signed, 4): each(Int32.self) { Float(Int32(littleEndian: $0)) }
        case (.signed, _): each(Int64.self) { Float(Int64(littleEndian: $0)) }
        }
    }
}
