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
    /// The format has a version that does not exist, or is not read.
    case badFormat(Int)
    /// The operators have a version that does not exist, or is not read.
    case impossibleOpset(Int)
    /// A name stands for two things of a kind.
    case repeated(String, String)
    /// Inputs leave axes open; each in words.
    case openAxes([String], option: String)
    /// A size that was given does not fit an input.
    case badSize(String)
    /// No tensor of the file has that name.
    case noTensor(String, nearest: String?)
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
        case .badFormat(let version):
            "its format has version \(version); versions 1 to \(ONNXFile.newestFormat) are read"
        case .impossibleOpset(let version):
            "its operators are of version \(version); versions \(ONNXImport.oldestOpset) to \(ONNXImport.newestOpset) are read"
        case .repeated(let kind, let name):
            "\(kind) '\(name.oneLine(upTo: 200))' is there twice"
        case .openAxes(let inputs, let option):
            "\(inputs.joined(separator: "; ").oneLine(upTo: 1000)); give it a size: \(option.oneLine(upTo: 400))"
        case .badSize(let reason): reason.oneLine(upTo: 1000)
        case .noTensor(let name, let nearest):
            "no tensor of the file is called '\(name.oneLine(upTo: 200))'"
                + (nearest.map { "; '\($0.oneLine(upTo: 200))' is" } ?? "")
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
