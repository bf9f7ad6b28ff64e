import Graph

/// Why a module cannot be written or read.
public enum MagikError: Error, Hashable, Sendable {
    /// The layer stands on a cycle, or waits for one that does.
    case cycle(String)
    /// There is no Python to run.
    case noPython(String)
    /// Python or the file says what is wrong.
    case refused(String)
    /// It took too long.
    case slow(seconds: Int)
    /// The shape of an input is not known.
    case noShape(input: String)
    /// A layer cannot be taken over.
    case layer(String, reason: String)
}

extension MagikError: CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .cycle(let layer):
            "layer '\(layer.oneLine(upTo: 64))' lies on a cycle or waits for one; a module computes from front to back"
        case .noPython(let path):
            "'\(path)' cannot be run: install python3, or name it with --python; no wheel and no torch are needed"
        case .refused(let reason): reason.oneLine(upTo: 2000)
        case .slow(let seconds):
            "the file still ran after \(seconds) seconds; what it does outside of classes and functions runs when it is read"
        case .noShape(let input):
            "the shape of input '\(input.oneLine(upTo: 64))' is not in the file: give it with --input 3x32x32"
        case .layer(let name, let reason): "layer '\(name.oneLine(upTo: 64))': \(reason.oneLine(upTo: 1000))"
        }
    }
}
