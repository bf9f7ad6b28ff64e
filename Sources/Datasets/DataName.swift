/// The data sets by name.
public enum DataName: String, CaseIterable, Sendable {
    /// Drawn shapes and digits, generated.
    case glyphs
    /// Sequences of band energies, generated.
    case tones
    /// Four IDX files with the names that MNIST gave them.
    case mnist
    /// IDX files with names of one's own.
    case idx
    /// The binary version of CIFAR-10.
    case cifar10
    /// A folder of PNG and JPEG files for every class, or one folder of them without classes.
    case images
    /// Arrays in one file, as numpy writes them.
    case npz

    /// All names, for messages and completion.
    public static let words = allCases.map(\.rawValue)

    /// Whether the samples are computed rather than read.
    public var isGenerated: Bool { self == .glyphs || self == .tones }

    /// How the set is written, without its options.
    public var usage: String {
        switch self {
        case .glyphs, .tones: rawValue
        case .mnist, .cifar10, .images: "\(rawValue):DIR"
        case .idx: "idx:DIR,train-images=FILE,train-labels=FILE,test-images=FILE,test-labels=FILE"
        case .npz: "npz:FILE"
        }
    }

    /// What the set is, in one line.
    public var summary: String {
        switch self {
        case .glyphs: "drawn shapes and digits, ten classes, generated on the spot"
        case .tones: "sweeps and rhythms as band energies over time, ten classes, generated on the spot"
        case .mnist: "IDX files under MNIST's names (train-images-idx3-ubyte, ...), plain or .gz"
        case .idx: "IDX files under names of their own, plain or .gz"
        case .cifar10: "the binary version (data_batch_*.bin, test_batch.bin), plain or .gz"
        case .images: "PNG or JPEG: a folder a class (train/cat/1.png, test/cat/2.png), or one without labels"
        case .npz: "x_train, y_train, x_test, y_test as numpy writes them"
        }
    }

    /// The options that the set takes.
    public var options: [String] {
        let common = ["limit", "size", "channels", "augment", "validation"]
        return switch self {
        case .idx: common + IDXNames.options
        case .images: common + ["skip"]
        case .glyphs, .tones, .mnist, .cifar10, .npz: common
        }
    }
}
