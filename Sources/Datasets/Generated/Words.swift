import Graph

/// Texts as numbers of words, one text a vector that ends in zeros. Most words are in texts of either class; a few are far more
/// frequent in one of them, and tell the class.
///
/// Text `index` is a function of the seed, the split and the index alone; classes take turns.
struct WordSource: SampleSource {
    let count: Int
    let split: Split
    let seed: UInt64
    /// The words of a text, the zeros at its end with them.
    let length: Int

    /// Words are below this number; 0 is no word.
    static let vocabulary = 64
    /// The words that tell a class; those of the first class begin with 1.
    private static let telling = 12
    static let classNames = ["plain", "marked"]

    var layout: Layout? { Layout(height: 1, width: length, channels: 1) }
    /// The version of the texts, to be raised when they change.
    var fingerprint: UInt64 { 1 }

    func classes(of index: Int) -> [Int32] { [Int32(index % WordSource.classNames.count)] }

    func read(_ index: Int, for resizing: Resizing?, into sample: inout Sample) throws(DatasetError) {
        let label = index % WordSource.classNames.count
        var random = Random(seed, Stream.words, split == .test ? 1 : 0, UInt64(index))
        let common = WordSource.telling * WordSource.classNames.count + 1
        var words = (0..<random.within(max(1, length / 2)...length)).map { _ in
            UInt8(random.within(common...WordSource.vocabulary - 1))
        }
        func place(_ count: Int, of label: Int) {
            for _ in 0..<count {
                words[random.below(words.count)] =
                    UInt8(1 + label * WordSource.telling + random.below(WordSource.telling))
            }
        }
        // A word of the other class now and then, so that one word alone does not decide.
        place(random.within(0...1), of: 1 - label)
        place(random.within(2...4), of: label)
        sample.layout = layout ?? sample.layout
        sample.label = Int32(label)
        sample.bytes = words + [UInt8](repeating: 0, count: length - words.count)
    }
}

extension OpenedDataset {
    /// Texts as long as the network's input.
    static func words(_ spec: DataSpec, shape: Shape, seed: UInt64) throws(DatasetError) -> OpenedDataset {
        guard case .vector(let length) = shape else {
            throw .mismatch(found: "a text", network: shape, advice: "words are vectors of their numbers")
        }
        func source(_ count: Int, _ split: Split) -> WordSource {
            WordSource(count: count, split: split, seed: seed, length: length)
        }
        return OpenedDataset(
            train: source(spec.limit ?? 4000, .train), test: source(1000, .test),
            classNames: WordSource.classNames)
    }
}
