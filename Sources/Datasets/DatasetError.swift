import Foundation
public import Graph

/// Why a data set cannot be described, opened or read.
public enum DatasetError: Error, Hashable, Sendable {
    /// No data set has this name.
    case unknownName(String)
    /// The set is read from a file or a folder, and none is given.
    case missingPath(DataName)
    /// The set is generated, and a path is given.
    case unexpectedPath(DataName, String)
    /// A piece of the text after a comma is not OPTION=VALUE.
    case malformedOption(String)
    /// The set does not take this option.
    case unknownOption(String, DataName)
    /// The option stands twice.
    case repeatedOption(String)
    /// The option does not take this value.
    case optionValue(String, value: String, expected: String)
    /// A file or folder that the set needs is not there.
    case missing(String, needed: String)
    /// The system did not let a file be read.
    case unreadable(String, reason: String)
    /// A file is not what it has to be, from this byte on.
    case malformed(file: String, byte: Int, expected: String, found: String)
    /// A file needs more memory than a data set may take.
    case tooLarge(file: String, bytes: Int, limit: Int)
    /// An image does not decode.
    case image(file: String, reason: String)
    /// Images of a set that do not decode, each with its reason, of so many.
    case images([String], of: Int)
    /// Pictures and labels of a set that are wrong.
    case labels([LabelFault])
    /// No class of the task is among those of the data.
    case classes(task: [String], data: [String])
    /// The samples do not fit the input of the network.
    case mismatch(found: String, network: Shape, advice: String)
    /// A split has nothing in it.
    case empty(String, advice: String)
}

extension DatasetError: CustomStringConvertible {
    /// So many files are named in one message.
    private static let named = 50

    /// What is wrong, where, and what to do: on one line, or for labels a line for each fault.
    public var description: String {
        switch self {
        case .unknownName(let name):
            "no data set is named \(quoted(name))" + didYouMean(name, among: DataName.names)
                + "; there are " + DataName.names.joined(separator: ", ")
        case .missingPath(let name): "\(name.rawValue) needs a path: \(name.usage)"
        case .unexpectedPath(let name, let path):
            "\(name.rawValue) is generated and reads no file, has the path \(quoted(path)): write '\(name.usage)'"
        case .malformedOption(let text):
            "\(quoted(text)) is not OPTION=VALUE; a comma ends the path and every option"
        case .unknownOption(let option, let name):
            "\(name.rawValue) has no option \(quoted(option))" + didYouMean(option, among: name.options)
                + "; it takes " + name.options.joined(separator: ", ")
        case .repeatedOption(let option): "the option \(option) stands twice"
        case .optionValue(let option, let value, let expected):
            "\(option)=\(value.oneLine(upTo: 64)) is not \(expected)"
        case .missing(let file, let needed): "\(shown(file)) is not there: \(needed)"
        case .unreadable(let file, let reason): "\(shown(file)) cannot be read: \(reason)"
        case .malformed(let file, let byte, let expected, let found):
            "\(shown(file)), byte \(byte): expected \(expected), found \(found.oneLine(upTo: 120))"
        case .tooLarge(let file, let bytes, let limit):
            "\(shown(file)) needs \(bytes) bytes of memory or more, the limit is \(limit): "
                + "split it, or keep it uncompressed so that it is read piece by piece"
        case .image(let file, let reason):
            "\(shown(file)) does not decode: \(reason.oneLine(upTo: 200)); replace it or take it out of the set"
        case .images(let bad, let count):
            "\(bad.count) of \(counted(count, "image")) \(bad.count == 1 ? "does" : "do") not decode: "
                + bad.prefix(DatasetError.named).map { $0.oneLine(upTo: 300) }.joined(separator: "; ")
                + (bad.count > DatasetError.named ? "; and \(bad.count - DatasetError.named) more" : "")
                + "; replace them, or go on without them: skip=bad"
        case .labels(let faults):
            "\(counted(faults.count, "fault")) in the data set:\n"
                + faults.prefix(DatasetError.named).map(\.description).joined(separator: "\n")
                + (faults.count > DatasetError.named
                    ? "\nand \(faults.count - DatasetError.named) more" : "")
        case .classes(let task, let data):
            "no class of the task is in the data: the task has \(list(task)), the data has \(data.isEmpty ? "none" : list(data))"
        case .mismatch(let found, let network, let advice):
            "\(found) does not fit the network's input \(network): \(advice)"
        case .empty(let what, let advice): "\(what) is empty: \(advice)"
        }
    }
}

/// Names in quotes, so many of them as a message can hold.
private func list(_ names: [String]) -> String {
    names.prefix(20).map(quoted).joined(separator: ", ")
        + (names.count > 20 ? " and \(names.count - 20) more" : "")
}

/// A path fit to stand in a message.
private func shown(_ path: String) -> String { path.oneLine(upTo: 300) }

/// A word in quotes, as messages repeat it.
func quoted(_ word: String) -> String { "'\(word.oneLine(upTo: 64))'" }

/// The reason of the last failed call of the system, in words.
func systemReason() -> String { String(cString: strerror(errno)) }
