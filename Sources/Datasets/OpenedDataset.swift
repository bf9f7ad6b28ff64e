import Foundation
import Graph

/// What opening a set of one kind gives.
struct OpenedDataset: Sendable {
    /// All training samples.
    var train: any SampleSource
    /// Validation samples that the set itself has; nil where a share of the training samples may be held out.
    var validation: (any SampleSource)?
    /// The test samples; nil where there are none and a share of the training samples stands in.
    var test: (any SampleSource)?
    /// The names of the classes in label order.
    var classNames: [String]
    /// Whether the labels say what a sample shows.
    var isLabelled = true
    /// Whether the samples have boxes.
    var holdsBoxes = false
    /// Whether the samples have masks.
    var holdsMasks = false
    /// How many numbers each sample's answer has; 0 where it has none.
    var numbers = 0
    /// What a person should know about what was found.
    var notes: [String] = []

    /// Whether the test samples have to be opened: they may be absent where training samples are held out.
    mutating func needsTest(
        _ spec: DataSpec, named name: String, in folder: String
    ) throws(DatasetError) -> Bool {
        if Self.isThere(name, in: folder) { return true }
        guard spec.validation > 0 else {
            throw .missing(
                Self.path(name, in: folder),
                needed: "it holds the test samples; without them hold some back: validation=0.1")
        }
        notes.append("\(name) is not there: no test samples")
        return false
    }

    /// A path inside a folder; an absolute name stays what it is.
    static func path(_ name: String, in folder: String) -> String {
        name.hasPrefix("/") ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// The path of a file, or of the same file with .gz where only that is there.
    static func existing(_ name: String, in folder: String) -> String {
        let plain = path(name, in: folder)
        return access(plain, F_OK) != 0 && access(plain + ".gz", F_OK) == 0 ? plain + ".gz" : plain
    }

    /// Whether the file is there, plain or with .gz.
    static func isThere(_ name: String, in folder: String) -> Bool {
        access(existing(name, in: folder), F_OK) == 0
    }
}
