import Graph

/// How training samples are changed at random, each time they are seen.
public struct Augmentation: OptionSet, Hashable, Sendable {
    /// The bits of the set.
    public let rawValue: UInt32

    /// A set from its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Left and right change places in every second image.
    public static let flip = Augmentation(rawValue: 1)
    /// The image moves by up to four pixels each way; what comes in from outside is 0.
    public static let crop = Augmentation(rawValue: 2)
    /// Top and bottom change places in every second image.
    public static let verticalFlip = Augmentation(rawValue: 4)
    /// The image is scaled by 0.5 to 1.5 and moves by up to a tenth each way;
    /// what comes in from outside is grey.
    public static let scale = Augmentation(rawValue: 8)
    /// Hue moves by up to 0.015 of a turn, saturation is scaled by 0.3 to 1.7, brightness by 0.6 to 1.4.
    public static let hsv = Augmentation(rawValue: 16)
    /// Every second image is put together of four, which meet at a random place.
    public static let mosaic = Augmentation(rawValue: 32)

    /// Every fourth image is the mean of two, with the boxes of both.
    public static let mixup = Augmentation(rawValue: 64)
    /// A rectangle of up to half of each side is grey in every second image.
    public static let cutout = Augmentation(rawValue: 128)
    /// Every fifth image has no colours.
    public static let grey = Augmentation(rawValue: 256)
    /// Every fourth image is blurred.
    public static let blur = Augmentation(rawValue: 512)
    /// Every second image has noise.
    public static let noise = Augmentation(rawValue: 1024)
    /// Two spans of time, each of up to an eighth, are hidden.
    public static let timeMask = Augmentation(rawValue: 2048)
    /// Two spans of features, each of up to an eighth, are hidden.
    public static let frequencyMask = Augmentation(rawValue: 4096)

    /// What detectors are usually trained with.
    public static let detection: Augmentation = [.flip, .scale, .hsv, .mosaic]

    /// The words of an option, each with the change that it stands for.
    static let words: [(word: String, augmentation: Augmentation)] = [
        ("flip", .flip), ("crop", .crop), ("vflip", .verticalFlip), ("scale", .scale), ("hsv", .hsv),
        ("mosaic", .mosaic), ("mixup", .mixup), ("cutout", .cutout), ("grey", .grey), ("blur", .blur),
        ("noise", .noise), ("time-mask", .timeMask), ("frequency-mask", .frequencyMask),
    ]

    /// Words for several changes at once.
    static let presets: [(word: String, augmentation: Augmentation)] = [("detection", .detection)]

    /// What needs pixels, and does nothing to numbers.
    static let ofPixels: Augmentation = [.scale, .hsv, .mosaic, .mixup, .cutout, .grey, .blur, .noise]
    /// What puts images in another place.
    static let ofPlace: Augmentation = [.flip, .verticalFlip, .crop, .scale, .mosaic]
    /// What scales images or puts several together.
    static let ofComposition: Augmentation = [.scale, .mosaic, .mixup]
    /// What takes other samples of the split.
    static let ofOthers: Augmentation = [.mosaic, .mixup]
    /// What is for sequences alone.
    static let ofSequences: Augmentation = [.timeMask, .frequencyMask]

    /// How many pixels an image moves at most by `crop`, each way.
    static let reach = 4
    /// What `scale` multiplies the size of an image by.
    static let scales = Float(0.5)...1.5
    /// How far `scale` moves an image at most, each way, as a share of the input.
    static let shift = Float(0.1)

    /// Words joined by "+": "flip+crop"; "none" for no change.
    init(_ text: String) throws(DatasetError) {
        self = []
        if text == "none" { return }
        let known = Self.words + Self.presets
        let words = known.map(\.word)
        for word in text.split(separator: "+", omittingEmptySubsequences: false) {
            guard let found = known.first(where: { $0.word == word }) else {
                throw .optionValue(
                    "augment", value: text,
                    expected: "none, or some of \(words.joined(separator: ", ")) joined by '+'"
                        + didYouMean(String(word), among: words))
            }
            formUnion(found.augmentation)
        }
    }

    /// The words for what is in the set, joined by "+".
    var text: String {
        Self.words.filter { contains($0.augmentation) }.map(\.word).joined(separator: "+")
    }
}

/// One random change of an image: where each pixel of the result is read from.
struct Placement: Hashable, Sendable {
    /// Rows that the window moves down, `-reach` to `reach`.
    var down = 0
    /// Columns that the window moves right, `-reach` to `reach`.
    var right = 0
    /// Whether columns are read from right to left.
    var isFlipped = false
    /// Whether rows are read from the lowest to the highest.
    var isUpsideDown = false

    /// The image as it is.
    static let identity = Placement()

    /// The change of one sample in one epoch; nothing else decides it.
    init(_ augmentation: Augmentation, seed: UInt64, epoch: Int, index: Int) {
        var random = Random(seed, Stream.augmentation, UInt64(epoch), UInt64(index))
        let bits = random.next()
        let span = 2 * Augmentation.reach + 1
        isFlipped = augmentation.contains(.flip) && bits & 1 == 1
        isUpsideDown = augmentation.contains(.verticalFlip) && bits & 2 == 2
        guard augmentation.contains(.crop) else { return }
        down = random.below(span) - Augmentation.reach
        right = random.below(span) - Augmentation.reach
    }

    private init() {}

    /// Where an image of so many pixels goes, for its boxes.
    func movement(height: Int, width: Int) -> Movement {
        Movement(
            scaleX: isFlipped ? -1 : 1, scaleY: isUpsideDown ? -1 : 1,
            left: Float((isFlipped ? width : 0) - right), top: Float((isUpsideDown ? height : 0) - down))
    }
}
