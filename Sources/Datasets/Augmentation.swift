import Graph

/// How training images are changed at random, each time they are seen.
public struct Augmentation: OptionSet, Hashable, Sendable {
    /// The bits of the set.
    public let rawValue: UInt8

    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Left and right change places in every second image.
    public static let flip = Augmentation(rawValue: 1)
    /// The image moves by up to four pixels each way; what comes in from outside is 0.
    public static let crop = Augmentation(rawValue: 2)

    /// How far an image moves at most.
    static let reach = 4

    /// Words joined by "+": "flip+crop"; "none" for no change.
    init(_ text: String) throws(DatasetError) {
        self = []
        if text == "none" { return }
        for word in text.split(separator: "+", omittingEmptySubsequences: false) {
            switch word {
            case "flip": insert(.flip)
            case "crop": insert(.crop)
            default:
                throw .optionValue(
                    "augment", value: text,
                    expected: "flip, crop, flip+crop or none"
                        + didYouMean(String(word), among: ["flip", "crop"]))
            }
        }
    }
}

/// One random change of an image: where each pixel of the result is read from.
struct Placement: Hashable, Sendable {
    /// Rows that the window moves down, -4 to 4.
    var down = 0
    /// Columns that the window moves right, -4 to 4.
    var right = 0
    /// Whether columns are read from right to left.
    var isFlipped = false

    /// The image as it is.
    static let identity = Placement()

    /// The change of one sample in one epoch; nothing else decides it.
    init(_ augmentation: Augmentation, seed: UInt64, epoch: Int, index: Int) {
        var random = Random(seed, Stream.augmentation, UInt64(epoch), UInt64(index))
        let bits = random.next()
        let span = 2 * Augmentation.reach + 1
        isFlipped = augmentation.contains(.flip) && bits & 1 == 1
        guard augmentation.contains(.crop) else { return }
        down = random.below(span) - Augmentation.reach
        right = random.below(span) - Augmentation.reach
    }

    private init() {}
}
