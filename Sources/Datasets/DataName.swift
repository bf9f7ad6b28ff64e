import Graph

/// The data sets by name.
public enum DataName: String, CaseIterable, Sendable {
    /// Drawn shapes and digits, generated.
    case glyphs
    /// Sequences of band energies, generated.
    case tones
    /// Pictures of several glyphs with their boxes, generated.
    case scenes
    /// Texts as numbers of words, generated.
    case words
    /// Four IDX files with the names that MNIST gave them.
    case mnist
    /// IDX files with names of one's own.
    case idx
    /// The binary version of CIFAR-10.
    case cifar10
    /// A folder of PNG and JPEG files for every class, or one folder of them without classes.
    case images
    /// Pictures with boxes in text files, as YOLO has them.
    case yolo
    /// Pictures with boxes in XML files, as Pascal VOC has them.
    case voc
    /// Pictures with boxes in one JSON file, as COCO has them.
    case coco
    /// Pictures with a class for every pixel.
    case masks
    /// Arrays in one file, as numpy writes them.
    case npz

    /// All names, for messages and completion.
    public static let names = allCases.map(\.rawValue)

    /// The sets that are computed.
    public static let generated = allCases.filter(\.isGenerated).map(\.rawValue)
    /// The sets that are read, with what their path is: "mnist:DIR".
    public static let read = allCases.filter { !$0.isGenerated }.map { String($0.usage.prefix { $0 != "," }) }
    /// The sets that training with PyTorch reads.
    public static let readByTorch = allCases.filter(\.isReadByTorch).map(\.rawValue)

    /// Whether the exported PyTorch reads the set too.
    public var isReadByTorch: Bool {
        switch self {
        case .mnist, .idx, .cifar10, .npz, .yolo, .voc, .coco, .masks: true
        case .glyphs, .tones, .scenes, .words, .images: false
        }
    }

    /// Whether the samples are computed rather than read.
    public var isGenerated: Bool {
        switch self {
        case .glyphs, .tones, .scenes, .words: true
        case .mnist, .idx, .cifar10, .images, .yolo, .voc, .coco, .masks, .npz: false
        }
    }

    /// How the set is written, without its options.
    public var usage: String {
        switch self {
        case .glyphs, .tones, .scenes, .words: rawValue
        case .mnist, .cifar10, .images, .yolo, .voc, .masks: "\(rawValue):DIR"
        case .idx: "idx:DIR,train-images=FILE,train-labels=FILE,test-images=FILE,test-labels=FILE"
        case .coco: "coco:FILE,images=DIR,test=FILE,test-images=DIR"
        case .npz: "npz:FILE"
        }
    }

    /// What the set is, in one line.
    public var summary: String {
        switch self {
        case .glyphs: "drawn shapes and digits, ten classes, generated on the spot"
        case .tones: "sweeps and rhythms as band energies over time, ten classes, generated on the spot"
        case .scenes: "several glyphs in a picture with their boxes, ten classes, generated on the spot"
        case .words: "texts as numbers of words, two classes that a few words tell, generated on the spot"
        case .mnist: "IDX files under MNIST's names (train-images-idx3-ubyte, ...), plain or .gz"
        case .idx: "IDX files under names of their own, plain or .gz"
        case .cifar10: "the binary version (data_batch_*.bin, test_batch.bin), plain or .gz"
        case .images: "PNG or JPEG: a folder a class (train/cat/1.png, test/cat/2.png), or one without labels"
        case .yolo:
            "PNG or JPEG in images/train with boxes in labels/train/*.txt: class, centre x, y, width, height"
        case .voc: "JPEGImages with boxes in Annotations/*.xml, and ImageSets/Main/train.txt"
        case .coco: "boxes of a COCO file of instances, and the folder with its pictures"
        case .masks: "PNG or JPEG in images/train with a class for every pixel in masks/train/*.png"
        case .npz: "x_train, y_train, x_test, y_test as numpy writes them"
        }
    }

    /// The options that the set takes.
    public var options: [String] {
        let sequences = ["limit", "size", "channels", "augment", "validation", "balance", "weights"]
        let common = sequences + ["fit"]
        return switch self {
        case .tones: sequences
        case .words: ["limit", "validation", "balance", "weights"]
        case .idx: common + IDXNames.options
        case .images, .voc, .masks: common + ["skip"]
        case .yolo, .coco: common + ["skip"] + pathOptions
        case .glyphs, .scenes, .mnist, .cifar10, .npz: common
        }
    }

    /// Those options that are paths.
    var pathOptions: [String] {
        switch self {
        case .yolo: ["train", "val", "test"]
        case .coco: ["images", "test", "test-images"]
        case .glyphs, .tones, .scenes, .words, .mnist, .idx, .cifar10, .images, .voc, .masks, .npz: []
        }
    }
}

extension OpenedDataset {
    /// Opens a set by its name; no index of a file is used before it is checked.
    static func open(
        _ spec: DataSpec, shape: Shape, task: NetworkTask = .classification, seed: UInt64
    ) throws(DatasetError) -> OpenedDataset {
        let path = spec.path ?? ""
        switch spec.name {
        case .glyphs: return try glyphs(spec, shape: shape, seed: seed)
        case .tones: return try tones(spec, shape: shape, seed: seed)
        case .scenes: return try scenes(spec, shape: shape, task: task, seed: seed)
        case .words: return try words(spec, shape: shape, seed: seed)
        case .mnist, .idx: return try idx(path, spec.files, spec, shape: shape)
        case .cifar10: return try cifar10(path, spec)
        case .images: return try images(path, spec)
        case .yolo: return try yolo(path, spec, task: task)
        case .voc: return try voc(path, spec, task: task)
        case .coco: return try coco(path, spec, task: task)
        case .masks: return try masks(path, spec, task: task)
        case .npz: return try npz(path, spec, shape: shape, task: task)
        }
    }
}
