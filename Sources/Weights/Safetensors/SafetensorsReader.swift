import Graph

extension Safetensors {
    /// Reads a file; the tensors are slices of its bytes, which are not copied. Nothing of a wrong file is kept.
    public init(bytes: [UInt8]) throws(SafetensorsError) {
        let dataStart = try Safetensors.dataStart(of: bytes)
        let header: JSON
        do throws(FileError) {
            let text = bytes[8..<dataStart]
            guard text.first == UInt8(ascii: "{") else {
                throw FileError("line 1, column 1", "it does not start with '{'; is it a safetensors file?")
            }
            header = try JSON(bytes: text, limit: Safetensors.headerLimit)
        } catch {
            throw .header(error)
        }
        guard case .object(let members) = header else { preconditionFailure("'{' starts an object") }

        var metadata: [String: String] = [:]
        var entries: [Entry] = []
        for member in members {
            if member.key == Safetensors.metadataKey {
                metadata = try Safetensors.texts(member.value)
            } else {
                entries.append(try Entry(member))
            }
        }
        let data = bytes[dataStart...]
        try Safetensors.checkPlaces(of: entries, dataBytes: data.count)
        self.init(
            entries.map { entry in
                Tensor(
                    entry.name, dtype: entry.dtype, shape: entry.shape,
                    bytes: data[dataStart + entry.offsets.lowerBound..<dataStart + entry.offsets.upperBound])
            }, metadata: metadata)
    }

    /// Where the data begins: after the length and as many bytes.
    private static func dataStart(of bytes: [UInt8]) throws(SafetensorsError) -> Int {
        guard bytes.count >= 8 else { throw .noLength(fileBytes: bytes.count) }
        let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(headerLimit) else { throw .headerTooLong(bytes: length) }
        guard bytes.count - 8 >= Int(length) else {
            throw .headerCut(bytes: Int(length), fileBytes: bytes.count)
        }
        return 8 + Int(length)
    }

    private static func texts(_ value: JSON) throws(SafetensorsError) -> [String: String] {
        guard case .object(let members) = value else {
            throw .header(FileError(metadataKey, "is \(value.kind), an object of texts is expected"))
        }
        var texts: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else {
                throw .header(
                    FileError("\(metadataKey).\(member.key)", "is \(member.value.kind), a text is expected"))
            }
            texts[member.key] = text
        }
        return texts
    }

    /// Each tensor begins where the one before it ends, the first at 0, and the last ends where the data does.
    private static func checkPlaces(of entries: [Entry], dataBytes: Int) throws(SafetensorsError) {
        var end = 0
        let inPlace = entries.sorted {
            ($0.offsets.lowerBound, $0.offsets.upperBound) < ($1.offsets.lowerBound, $1.offsets.upperBound)
        }
        for entry in inPlace {
            let offsets = entry.offsets
            guard offsets.lowerBound <= end else {
                throw .hole(tensor: entry.name, begin: offsets.lowerBound, expected: end)
            }
            guard offsets.lowerBound == end else {
                throw .overlap(tensor: entry.name, begin: offsets.lowerBound, expected: end)
            }
            guard offsets.upperBound <= dataBytes else {
                throw .dataCut(tensor: entry.name, end: offsets.upperBound, dataBytes: dataBytes)
            }
            end = offsets.upperBound
        }
        guard end == dataBytes else { throw .excess(end: end, dataBytes: dataBytes) }
    }
}

/// What the header says of a tensor, held against itself: the offsets fit type and shape.
private struct Entry {
    let name: String
    let dtype: Safetensors.DType
    let shape: [Int]
    let offsets: Range<Int>

    init(_ member: JSON.Member) throws(SafetensorsError) {
        name = member.key
        let typeName: String
        let shape: [Int]
        let offsets: [Int]
        do throws(FileError) {
            var reader = try ObjectReader(member.value, at: member.key)
            typeName = try reader.requireText("dtype")
            shape = try Entry.numbers("shape", of: &reader)
            offsets = try Entry.numbers("data_offsets", of: &reader)
            try reader.finish("a tensor")
            guard offsets.count == 2, offsets[0] <= offsets[1] else {
                throw FileError(
                    reader.place("data_offsets"), "a begin and an end that is not before it are expected")
            }
        } catch {
            throw .header(error)
        }
        guard let dtype = Safetensors.DType(rawValue: typeName) else {
            throw .unknownType(tensor: name, name: typeName)
        }
        guard let byteCount = dtype.byteCount(of: shape) else {
            throw .uncountable(tensor: name, dtype: dtype, shape: shape)
        }
        self.dtype = dtype
        self.shape = shape
        self.offsets = offsets[0]..<offsets[1]
        guard self.offsets.count == byteCount else {
            throw .wrongSize(tensor: name, dtype: dtype, shape: shape, offsets: self.offsets)
        }
    }

    private static func numbers(
        _ key: String, of reader: inout ObjectReader
    ) throws(FileError) -> [Int] {
        var numbers: [Int] = []
        for (index, value) in try reader.takeList(key, required: true).enumerated() {
            guard case .integer(let number) = value, number >= 0 else {
                throw FileError(
                    "\(reader.place(key))[\(index)]", "a whole number from 0 to \(Int.max) is expected")
            }
            numbers.append(number)
        }
        return numbers
    }
}
