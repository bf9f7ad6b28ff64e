public import Graph

/// Why a safetensors file, or a tensor of one, is not what is expected; one line says what and where.
///
/// Places in the data are counted in bytes from its begin, as the header counts them.
public enum SafetensorsError: Error, Hashable, Sendable {
    /// The file ends before the length of its header.
    case noLength(fileBytes: Int)
    /// The header says that it is longer than anybody's.
    case headerTooLong(bytes: UInt64)
    /// The file ends inside its header.
    case headerCut(bytes: Int, fileBytes: Int)
    /// The header cannot be read as JSON, or a member is not what the format has there.
    case header(FileError)
    /// The format has no such element type, or this program does not read it.
    case unknownType(tensor: String, name: String)
    /// Type and shape are more bytes than can be counted.
    case uncountable(tensor: String, dtype: Safetensors.DType, shape: [Int])
    /// The offsets are not as far apart as type and shape say.
    case wrongSize(tensor: String, dtype: Safetensors.DType, shape: [Int], offsets: Range<Int>)
    /// The data ends before the tensor does.
    case dataCut(tensor: String, end: Int, dataBytes: Int)
    /// Bytes before the tensor belong to no tensor.
    case hole(tensor: String, begin: Int, expected: Int)
    /// Bytes of the tensor belong to another one as well.
    case overlap(tensor: String, begin: Int, expected: Int)
    /// Bytes after the last tensor.
    case excess(end: Int, dataBytes: Int)
    /// The file has no tensor of that name.
    case missing(tensor: String)
    /// The tensor has elements of another type.
    case wrongType(tensor: String, dtype: Safetensors.DType, expected: Safetensors.DType)
    /// The tensor has another shape.
    case wrongShape(tensor: String, shape: [Int], expected: [Int])
    /// The tensor has more or fewer elements.
    case wrongCount(tensor: String, count: Int, expected: Int)
}

extension SafetensorsError: CustomStringConvertible {
    /// What is wrong, and where.
    public var description: String {
        switch self {
        case .noLength(let fileBytes):
            "the file has \(fileBytes) bytes; the length of a safetensors header alone is 8"
        case .headerTooLong(let bytes):
            "the header has \(bytes) bytes, at most \(Safetensors.headerLimit) are read; is it a safetensors file?"
        case .headerCut(let bytes, let fileBytes):
            "the header has \(bytes) bytes, and the file ends after \(fileBytes - 8) of them; is it cut short?"
        case .header(let error): "header, \(error)"
        case .unknownType(let tensor, let name):
            SafetensorsError.line(
                tensor,
                "the element type '\(name.oneLine(upTo: 64))' is not read; those that are: "
                    + Safetensors.DType.allCases.map(\.rawValue).joined(separator: ", "))
        case .uncountable(let tensor, let dtype, let shape):
            SafetensorsError.line(
                tensor, "\(dtype.rawValue) of shape \(SafetensorsError.text(shape)) is too large")
        case .wrongSize(let tensor, let dtype, let shape, let offsets):
            SafetensorsError.line(
                tensor,
                "\(dtype.rawValue) of shape \(SafetensorsError.text(shape)) has "
                    + "\(dtype.byteCount(of: shape) ?? 0) bytes, and its offsets "
                    + "[\(offsets.lowerBound), \(offsets.upperBound)] have \(offsets.count)")
        case .dataCut(let tensor, let end, let dataBytes):
            SafetensorsError.line(
                tensor, "ends at byte \(end) of the data, which has \(dataBytes); is the file cut short?")
        case .hole(let tensor, let begin, let expected):
            SafetensorsError.line(
                tensor, "begins at byte \(begin) of the data; bytes \(expected) to \(begin) are no tensor's")
        case .overlap(let tensor, let begin, let expected):
            SafetensorsError.line(
                tensor,
                "begins at byte \(begin) of the data, inside another tensor, which ends at \(expected)")
        case .excess(let end, let dataBytes):
            "the tensors end at byte \(end) of the data, which has \(dataBytes)"
        case .missing(let tensor): SafetensorsError.line(tensor, "the file has no tensor of that name")
        case .wrongType(let tensor, let dtype, let expected):
            SafetensorsError.line(tensor, "has the type \(dtype.rawValue), \(expected.rawValue) is expected")
        case .wrongShape(let tensor, let shape, let expected):
            SafetensorsError.line(
                tensor,
                "has the shape \(SafetensorsError.text(shape)), \(SafetensorsError.text(expected)) is expected"
            )
        case .wrongCount(let tensor, let count, let expected):
            SafetensorsError.line(tensor, "has \(count) elements, \(expected) are expected")
        }
    }

    private static func line(_ tensor: String, _ message: String) -> String {
        "'\(tensor.oneLine(upTo: 200))': \(message)"
    }

    /// The shape, the first axes of one that has thousands.
    private static func text(_ shape: [Int]) -> String {
        let axes = shape.prefix(16).map(String.init) + (shape.count > 16 ? ["..."] : [])
        return "[\(axes.joined(separator: ", "))]"
    }
}
