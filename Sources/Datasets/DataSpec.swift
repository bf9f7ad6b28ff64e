public import Graph

/// A data set as a command line writes it: NAME[:PATH][,OPTION=VALUE ...], parsed and checked.
///
/// A comma ends the path and every option, so that neither may contain one. No file is looked at.
public struct DataSpec: Hashable, Sendable {
    /// Which set it is.
    public let name: DataName
    /// The file or folder that the set is read from; nil for a generated set.
    public let path: String?
    /// The number of training samples, the held out ones included; nil for all of them.
    public private(set) var limit: Int?
    /// Height and width of a sample, in pixels.
    public private(set) var size: (height: Int, width: Int)? {
        get { pixels.map { ($0.height, $0.width) } }
        set { pixels = newValue.map { Pixels(height: $0.height, width: $0.width) } }
    }
    /// The number of channels of a sample.
    public private(set) var channels: Int?
    /// How training samples are changed at random.
    public private(set) var augmentation: Augmentation = []
    /// The share of the training samples that is held out for validation, 0 up to and without 1.
    public private(set) var validation = 0.0
    /// Whether files that do not decode are left out.
    public private(set) var skipsBad = false
    /// Whether samples of rare classes are drawn more often.
    public private(set) var isBalanced = false
    /// Whether samples of rare classes count more in the loss.
    public private(set) var weighsClasses = false
    /// How pictures are brought to the size of the network's input; nil for what the task says.
    public private(set) var fit: PictureFitting?
    /// Files and folders that options name.
    private(set) var paths: [String: String] = [:]
    /// The names of the IDX files.
    private(set) var files = IDXNames()
    /// Whether it is read what is right about the samples; without it they are pictures or numbers alone.
    var readsLabels = true

    private var pixels: Pixels?
    private let text: String

    private struct Pixels: Hashable {
        var height: Int
        var width: Int
    }

    /// Reads a specification; throws what is wrong with it and what would be right.
    public init(_ text: String) throws(DatasetError) {
        let pieces = text.split(separator: ",", omittingEmptySubsequences: false)
        let head = pieces[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = DataName(rawValue: String(head[0])) else { throw .unknownName(String(head[0])) }
        self.text = text
        self.name = name
        let path = head.count > 1 ? String(head[1]) : ""
        if name.isGenerated {
            guard head.count == 1 else { throw .unexpectedPath(name, path) }
            self.path = nil
        } else {
            guard !path.isEmpty, !path.utf8.contains(0) else { throw .missingPath(name) }
            self.path = path
        }
        var seen: Set<String> = []
        for piece in pieces.dropFirst() {
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { throw .malformedOption(String(piece)) }
            let option = String(parts[0])
            let value = String(parts[1])
            guard name.options.contains(option) else { throw .unknownOption(option, name) }
            guard seen.insert(option).inserted else { throw .repeatedOption(option) }
            try set(option, to: value)
        }
    }

    private mutating func set(_ option: String, to value: String) throws(DatasetError) {
        switch option {
        case "limit": limit = try integer(option, value, in: 1...10_000_000)
        case "channels": channels = try integer(option, value, in: 1...4096)
        case "size": size = try Self.size(value)
        case "augment": augmentation = try Augmentation(value)
        case "validation":
            guard let share = Double(value), share >= 0, share < 1 else {
                throw .optionValue(option, value: value, expected: "a share, 0 up to 0.99")
            }
            validation = share
        case "skip":
            guard value == "bad" else { throw .optionValue(option, value: value, expected: "bad") }
            skipsBad = true
        case "balance":
            guard value == "yes" || value == "no" else {
                throw .optionValue(option, value: value, expected: "yes or no")
            }
            isBalanced = value == "yes"
        case "weights":
            guard value == "balanced" || value == "equal" else {
                throw .optionValue(option, value: value, expected: "balanced or equal")
            }
            weighsClasses = value == "balanced"
        case "fit":
            guard let fit = PictureFitting(rawValue: value) else {
                throw .optionValue(
                    option, value: value,
                    expected: PictureFitting.allCases.map(\.rawValue).joined(separator: " or "))
            }
            self.fit = fit
        case _ where name.pathOptions.contains(option):
            guard !value.isEmpty, !value.utf8.contains(0) else {
                throw .optionValue(option, value: value, expected: "a path")
            }
            paths[option] = value
        default: try files.set(option, to: value)
        }
    }

    private static func size(_ value: String) throws(DatasetError) -> (height: Int, width: Int) {
        let parts = value.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let height = Int(parts[0]), let width = Int(parts[1]),
            (1...4096).contains(height), (1...4096).contains(width)
        else {
            throw .optionValue("size", value: value, expected: "HEIGHTxWIDTH, each 1 to 4096, such as 32x32")
        }
        return (height, width)
    }

    private func integer(
        _ option: String, _ value: String, in range: ClosedRange<Int>
    ) throws(DatasetError) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw .optionValue(
                option, value: value,
                expected: "a whole number, \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

extension DataSpec: CustomStringConvertible {
    /// The text that the specification was read from.
    public var description: String { text }

    /// Generated glyphs, which need no file.
    public static let glyphs = DataSpec(generated: .glyphs)
    /// Generated tones, which need no file.
    public static let tones = DataSpec(generated: .tones)

    /// Generated pictures with boxes, which need no file.
    public static let scenes = DataSpec(generated: .scenes)

    /// Generated texts, which need no file.
    public static let words = DataSpec(generated: .words)

    /// The generated set that fits the shape of an input: tones for sequences, else glyphs.
    public static func generated(for shape: Shape) -> DataSpec {
        switch shape {
        case .sequence: .tones
        case .map, .vector: .glyphs
        }
    }

    /// The generated set that a network can learn: pictures with boxes for a detector, texts where words are embedded, tones for
    /// sequences, else glyphs.
    public static func generated(for network: Network) -> DataSpec {
        guard let input = network.inputs.first else { return .glyphs }
        if network.task.kind == .detection, case .map = input.shape { return .scenes }
        let isText = network.nodes.contains { node in
            guard case .embedding(let embedding) = node.layer else { return false }
            return embedding.vocabularySize >= WordSource.vocabulary
        }
        if isText, case .vector = input.shape { return .words }
        return generated(for: input.shape)
    }

    private init(generated name: DataName) {
        self.name = name
        self.path = nil
        self.text = name.rawValue
    }

    /// What decides the samples, without the place where they lie: the same for a set that was moved.
    var settings: String {
        let options = text.split(separator: ",", omittingEmptySubsequences: false).dropFirst().filter {
            option in !name.pathOptions.contains { option.hasPrefix("\($0)=") }
        }
        return ([name.rawValue] + options.sorted().map(String.init)).joined(separator: ",")
    }
}
