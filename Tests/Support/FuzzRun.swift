import Editing
public import Graph
import Sessions

/// One damaged network file, made from a seed, and what became of it.
public struct FuzzRun: Sendable {
    /// What became of a file.
    public enum Outcome: Sendable {
        /// It is a network; everything that is worked out from one was.
        case accepted
        /// It is refused, with a place and a reason.
        case refused(FileError)
        /// It broke a promise.
        case failed(String)
    }

    /// The number that the file is made from.
    public let seed: UInt64
    /// The sample that the file was.
    public let sample: String
    /// The file.
    public let bytes: [UInt8]

    /// Makes a file from a shipped sample: one to four changes of what it says, or of its text, or both.
    public init(seed: UInt64) {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        let origin = random.pick(FuzzRun.origins)
        sample = origin.name
        var bytes = Array(origin.text.utf8)
        let changes = random.below(4) + 1
        let style = random.below(4)
        if style != 0 {
            var document = origin.document
            var mutator = NetworkMutator(random: SeededGenerator(seed: random.next()))
            for _ in 0..<changes { mutator.mutate(&document) }
            bytes = Array((random.once(in: 8) ? document.pretty : document.compact).utf8)
        }
        if style == 0 || style == 1 && random.once(in: 2) {
            var mutator = TextMutator(random: SeededGenerator(seed: random.next()))
            for _ in 0..<changes { mutator.mutate(&bytes) }
        }
        self.bytes = bytes
    }

    /// Reads the file and looks at everything that follows from it.
    public func outcome() -> Outcome {
        let document: Document
        do throws(FileError) {
            document = try Document(bytes: bytes)
        } catch {
            return FuzzRun.fault(in: error).map(Outcome.failed) ?? .refused(error)
        }
        do {
            var random = SeededGenerator(seed: seed)
            try DocumentPromises(document).check(&random)
            return .accepted
        } catch {
            return .failed("\(error)")
        }
    }

    /// What is wrong with the error itself, or nil.
    package static func fault(in error: FileError) -> String? {
        if error.message.isEmpty { return "the error at '\(error.place)' says nothing" }
        if error.description.count > 1300 {
            return "the error is too long: \(error.description.prefix(200))..."
        }
        if error.description.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "the error has control characters: \(error.description.debugDescription)"
        }
        if error.place == "document" || isLine(error.place) { return nil }
        let first = error.place.prefix { $0 != "." && $0 != "[" }
        if members.contains(String(first)) { return nil }
        return error.message.contains("has no field") ? nil : "the error has no place: \(error)"
    }

    private static let members = [
        "format", "device", "inputs", "layers", "waivers", "task", "plan", "screen",
    ]

    private static func isLine(_ place: String) -> Bool {
        let words = place.split(separator: " ")
        return words.count == 4 && words[0] == "line" && words[2] == "column" && words[1].last == ","
            && Int(words[1].dropLast()) ?? 0 > 0 && Int(words[3]) ?? 0 > 0
    }

    private struct Origin: Sendable {
        let name: String
        let text: String
        let document: JSON
    }

    private static let origins: [Origin] = Samples.names.compactMap { name in
        guard let text = Samples.text(named: name) else { return nil }
        do {
            return Origin(name: name, text: text, document: try JSON(text: text))
        } catch {
            preconditionFailure("the sample '\(name)' is broken: \(error)")
        }
    }
}
