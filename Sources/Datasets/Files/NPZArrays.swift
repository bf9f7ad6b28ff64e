/// The arrays of an npz file by name, as numpy's `savez` writes them.
public struct NPZArrays: Sendable {
    private let archive: ZipFile

    /// Opens a file.
    public init(_ file: String) throws(DatasetError) {
        archive = try ZipFile(ByteStore(file, needed: "an npz file, as numpy writes it"))
    }

    /// The names of the arrays.
    public var names: [String] {
        archive.names.map { $0.hasSuffix(".npy") ? String($0.dropLast(4)) : $0 }
    }

    /// The axes and numbers of an array, and whether they have double precision there; nil where there is none of that name.
    public func numbers(
        _ name: String
    ) throws(DatasetError) -> (axes: [Int], values: [Float], isDouble: Bool)? {
        guard let bytes = try archive.member(name + ".npy") else { return nil }
        let header = try NPYHeader(bytes)
        let count = header.axes.reduce(1, *)
        let stored = try bytes.bytes(header.start..<header.start + count * header.width)
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            stored.withUnsafeBufferPointer {
                header.numbers($0, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            }
            filled = count
        }
        return (header.axes, values, header.kind == .float && header.width == 8)
    }
}
