public import Editing
import Graph

/// The networks that come with the program, embedded in it when it is built.
public enum Samples {
    /// Their names, sorted.
    public static let names = EmbeddedSamples.files.map(\.name).sorted()

    /// The text of a sample's `network.json`, or nil where there is no sample of that name.
    public static func text(named name: String) -> String? {
        EmbeddedSamples.files.first { $0.name == name }?.text
    }

    /// The sample of that name.
    public static func document(named name: String) throws(SampleError) -> Document {
        guard let text = text(named: name) else {
            throw SampleError(name: name, nearest: nearest(to: name, among: names))
        }
        do {
            return try Document(bytes: text.utf8)
        } catch {
            preconditionFailure("the embedded sample '\(name)' is broken: \(error)")
        }
    }
}

/// There is no sample of that name.
public struct SampleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked for.
    public let name: String
    /// What was probably meant, or nil.
    public let nearest: String?

    /// What is wrong and what would be right.
    public var description: String {
        "no sample is named '\(name.oneLine(upTo: 64))'"
            + didYouMean(nearest, else: "; 'magikbench samples' lists them")
    }
}
