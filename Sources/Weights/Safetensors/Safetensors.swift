/// A safetensors file: named tensors, and texts about them.
///
/// The file is 8 bytes with the length of the header, little endian; the header, JSON; and the tensors, one after the
/// other without holes. A file that was read stays one piece of memory of which the tensors are slices; keeping one
/// tensor keeps all of it. Writing takes the memory of the file once more (`encoded`), or only that of the header
/// (`pieces`).
public struct Safetensors: Hashable, Sendable {
    /// The tensors in the order of the file: large elements first, so that all are aligned, then by name.
    public private(set) var tensors: [Tensor] = []
    /// Texts by name, for whatever the tensors do not say.
    public var metadata: [String: String]
    private var places: [String: Int] = [:]

    /// Headers above this size are refused, as the public library does.
    public static let headerLimit = 100_000_000
    /// The member of the header that is no tensor.
    static let metadataKey = "__metadata__"

    /// A file of tensors, whose names must differ.
    public init(_ tensors: [Tensor] = [], metadata: [String: String] = [:]) {
        self.metadata = metadata
        self.tensors = tensors.sorted(by: Safetensors.isBefore)
        for (place, tensor) in self.tensors.enumerated() {
            precondition(tensor.name != Safetensors.metadataKey, "the name is taken by the format")
            precondition(
                places.updateValue(place, forKey: tensor.name) == nil, "a name stands for one tensor")
        }
    }

    /// The tensor of a name.
    public subscript(name: String) -> Tensor? { places[name].map { tensors[$0] } }

    /// The tensor of a name; throws where it is missing, or has another type or shape.
    public func tensor(_ name: String, _ dtype: DType, shape: [Int]) throws(SafetensorsError) -> Tensor {
        guard let tensor = self[name] else { throw .missing(tensor: name) }
        guard tensor.dtype == dtype else {
            throw .wrongType(tensor: name, dtype: tensor.dtype, expected: dtype)
        }
        guard tensor.shape == shape else {
            throw .wrongShape(tensor: name, shape: tensor.shape, expected: shape)
        }
        return tensor
    }

    /// The numbers of a tensor; throws where it is missing, or has another type or shape.
    public func values<Element: TensorElement>(
        _ name: String, shape: [Int], as type: Element.Type = Element.self
    ) throws(SafetensorsError) -> [Element] {
        try tensor(name, Element.dtype, shape: shape).values()
    }

    /// The numbers of a tensor of any type of floats; throws where it is missing, or has other elements or another shape.
    public func numbers(_ name: String, shape: [Int]) throws(SafetensorsError) -> [Float] {
        guard let tensor = self[name] else { throw .missing(tensor: name) }
        guard tensor.shape == shape else {
            throw .wrongShape(tensor: name, shape: tensor.shape, expected: shape)
        }
        return try tensor.numbers()
    }

    /// The order in which the public library writes: largest type first, then by the bytes of the name.
    static func isBefore(_ left: Tensor, _ right: Tensor) -> Bool {
        let leftRank = rank[left.dtype] ?? 0
        let rightRank = rank[right.dtype] ?? 0
        return leftRank != rightRank
            ? leftRank > rightRank : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }

    private static let rank = Dictionary(
        uniqueKeysWithValues: DType.allCases.enumerated().map { ($1, $0) })
}
