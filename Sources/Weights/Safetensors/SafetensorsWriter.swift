import Graph

extension Safetensors {
    /// The file. The same tensors and texts give the same bytes.
    public func encoded() -> [UInt8] {
        let pieces = pieces()
        var file: [UInt8] = []
        file.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
        for piece in pieces { file += piece }
        return file
    }

    /// The file as pieces to be written one after the other, without a copy of the tensors.
    public func pieces() -> [ArraySlice<UInt8>] { [header[...]] + tensors.map(\.bytes) }

    /// The length and the header, with spaces up to a multiple of 8 bytes, so that the data begins at one.
    private var header: [UInt8] {
        var members: [JSON.Member] = []
        if !metadata.isEmpty {
            let keys = metadata.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let texts = keys.map { JSON.Member($0, .string(metadata[$0] ?? "")) }
            members.append(JSON.Member(Safetensors.metadataKey, .object(texts)))
        }
        var end = 0
        for tensor in tensors {
            let begin = end
            end += tensor.bytes.count
            members.append(
                JSON.Member(
                    tensor.name,
                    [
                        "dtype": .string(tensor.dtype.rawValue),
                        "shape": .array(tensor.shape.map(JSON.integer)),
                        "data_offsets": [.integer(begin), .integer(end)],
                    ]))
        }
        var text = Array(JSON.object(members).compact.utf8)
        text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        precondition(text.count <= Safetensors.headerLimit, "a header that can be read again")
        return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
    }
}
