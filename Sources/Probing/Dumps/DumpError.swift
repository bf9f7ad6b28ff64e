import Graph

/// Why a dump cannot be written, read or compared.
public enum DumpError: Error, Hashable, Sendable {
    /// A dump feeds one input.
    case inputs(Int)
    /// There is no such sample.
    case noSample(Int, count: Int)
    /// A file cannot be written.
    case unwritable(String, reason: String)
    /// A file cannot be read.
    case unreadable(String, reason: String)
    /// The index is not one.
    case index(String, reason: String)
    /// A file is not what the index says.
    case file(String, reason: String)
}

extension DumpError: CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .inputs(let count): "a dump feeds one input; this network has \(count)"
        case .noSample(let index, let count):
            "there is no sample \(index): the data set has 0 to \(count - 1) that are not trained on"
        case .unwritable(let path, let reason): "\(path.oneLine(upTo: 400)): cannot be written: \(reason)"
        case .unreadable(let path, let reason): "\(path.oneLine(upTo: 400)): cannot be read: \(reason)"
        case .index(let path, let reason): "\(path.oneLine(upTo: 400)): \(reason)"
        case .file(let path, let reason): "\(path.oneLine(upTo: 400)): \(reason)"
        }
    }
}
