import Graph

/// Why a file is no ONNX model that can be read; one line says what and where.
public enum ONNXError: Error, Hashable, Sendable {
    /// The system does not let us read it.
    case unreadable(String, reason: String)
    /// The file, or its structure without weights, has more bytes than are read.
    case tooLarge(bytes: Int, limit: Int)
    /// The bytes are no message of protocol buffers.
    case malformed(at: Int)
    /// A field reaches beyond the end.
    case cut(at: Int)
    /// The message cannot be decoded.
    case undecodable(String)
    /// The file has no graph.
    case noGraph
    /// The operators are of a version before the one that is read.
    case oldOpset(Int)
    /// A tensor has another number of bytes than its type and shape say.
    case wrongSize(tensor: String, found: Int, expected: Int)
    /// A tensor has a shape that cannot be counted, or elements of a type that is not read.
    case badTensor(String, reason: String)
    /// Weights lie in a file that is not beside the model.
    case externalElsewhere(tensor: String, location: String)
    /// Weights lie in a file that is not there.
    case externalMissing(tensor: String, location: String)
    /// Weights lie beyond the end of their file.
    case externalCut(tensor: String, location: String)
    /// The network that was read is none of ours.
    case network(String)
}

extension ONNXError: CustomStringConvertible {
    /// What is wrong, and where.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path.oneLine(upTo: 400)): cannot be read: \(reason)"
        case .tooLarge(let bytes, let limit):
            "the model has \(bytes >> 20) MiB, at most \(limit >> 20) MiB are read"
        case .malformed(let place): "byte \(place) begins no field; is it an ONNX file?"
        case .cut(let place): "the field at byte \(place) reaches beyond the end; is the file cut short?"
        case .undecodable(let reason):
            "it cannot be decoded: \(reason.oneLine(upTo: 200)); is it an ONNX file?"
        case .noGraph: "it holds no graph; is it an ONNX file?"
        case .oldOpset(let version):
            "its operators are of version \(version), at least \(ONNXImport.oldestOpset) is read; convert it with onnx.version_converter"
        case .wrongSize(let tensor, let found, let expected):
            "tensor '\(tensor.oneLine(upTo: 200))' has \(found) bytes, its shape says \(expected)"
        case .badTensor(let tensor, let reason):
            "tensor '\(tensor.oneLine(upTo: 200))' \(reason.oneLine(upTo: 400))"
        case .externalElsewhere(let tensor, let location):
            "tensor '\(tensor.oneLine(upTo: 200))' lies in '\(location.oneLine(upTo: 200))'; only a plain file in the model's folder is read"
        case .externalMissing(let tensor, let location):
            "tensor '\(tensor.oneLine(upTo: 200))' lies in '\(location.oneLine(upTo: 200))', which is not beside the model"
        case .externalCut(let tensor, let location):
            "tensor '\(tensor.oneLine(upTo: 200))' reaches beyond the end of '\(location.oneLine(upTo: 200))'"
        case .network(let reason): reason.oneLine(upTo: 1000)
        }
    }
}
