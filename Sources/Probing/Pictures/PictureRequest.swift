public import Datasets
public import Graph

/// Which samples: a data set for the input of one network.
public struct PictureSet: Hashable, Sendable {
    /// The data set as a command line writes it.
    public var data: String
    /// The input of the network.
    public var shape: Shape
    /// What the network is for.
    public var task: NetworkTask
    /// What random numbers of the data come from.
    public var seed: UInt64

    /// A data set for an input.
    public init(data: String, shape: Shape, task: NetworkTask, seed: UInt64) {
        self.data = data
        self.shape = shape
        self.task = task
        self.seed = seed
    }

    /// Opens the data set.
    public func open() throws(DatasetError) -> Dataset {
        try Dataset.open(try DataSpec(data), shape: shape, task: task, seed: seed)
    }
}

/// What a data set holds, without its samples.
public struct PictureOutline: Sendable {
    /// The set itself.
    public let dataset: Dataset
    /// The names of the classes in label order.
    public var classNames: [String] { dataset.classNames }
    /// Whether labels say what samples show.
    public var isLabelled: Bool { dataset.isLabelled }
    /// What a person should know of the set.
    public var notes: [String] { dataset.notes }
    /// Whether training samples are changed at random.
    public var isAugmented: Bool { !dataset.spec.augmentation.isEmpty }
    /// The number of samples by split.
    public let counts: [Split: Int]

    /// What a set holds.
    public init(_ dataset: Dataset) {
        self.dataset = dataset
        counts = Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, dataset.count($0)) })
    }
}

/// One sample as a picture of at most some size.
public struct PictureKey: Hashable, Sendable {
    /// The split.
    public var split: Split
    /// Which sample of the split, from 0.
    public var index: Int
    /// The epoch whose augmentation is shown; nil shows the sample as it is stored.
    public var epoch: Int?
    /// The most rows of pixels.
    public var height: Int
    /// The most columns of pixels.
    public var width: Int

    /// A sample in a room of so many pixels.
    public init(split: Split, index: Int, epoch: Int?, height: Int, width: Int) {
        self.split = split
        self.index = index
        self.epoch = epoch
        self.height = height
        self.width = width
    }
}

/// A picture that was made smaller to be shown.
public struct ShownPicture: Hashable, Sendable {
    /// The pixels that are shown.
    public let image: PixelImage
    /// The height of the network's input as a picture, in pixels.
    public let height: Int
    /// Its width.
    public let width: Int
    /// What is right about the sample; boxes are in pixels of the network's input.
    public let answer: SampleAnswer
    /// The name of its file inside the data set; nil where it has none.
    public let name: String?
    /// How it was fitted to the network.
    public let note: String

    init(_ picture: SamplePicture, height: Int, width: Int) {
        let size = picture.image.size(in: (height, width))
        image = picture.image.reduced(height: size.height, width: size.width)
        self.height = picture.image.height
        self.width = picture.image.width
        answer = picture.answer
        name = picture.name
        note = picture.note
    }
}

/// What a screen needs of a data set now. A newer request replaces an older one, done or not.
public struct PictureRequest: Hashable, Sendable {
    /// The data set.
    public var source: PictureSet
    /// Whether the outline of the set is needed.
    public var needsOutline: Bool
    /// The pictures, the most urgent first.
    public var pictures: [PictureKey]
    /// The sample from which on classes are looked up, once the pictures are there, and its split; nil looks up none.
    public var labels: LabelPlace?

    /// A place in the walk over the labels of a split.
    public struct LabelPlace: Hashable, Sendable {
        /// The split.
        public var split: Split
        /// The next sample.
        public var index: Int

        /// A place.
        public init(_ split: Split, _ index: Int) {
            self.split = split
            self.index = index
        }
    }

    /// Pictures of a data set.
    public init(
        _ source: PictureSet, needsOutline: Bool, pictures: [PictureKey], labels: LabelPlace? = nil
    ) {
        self.source = source
        self.needsOutline = needsOutline
        self.pictures = pictures
        self.labels = labels
    }
}

/// What the worker found.
public struct PictureUpdate: Sendable {
    /// The data set that it is about.
    public let source: PictureSet
    /// What was found.
    public let content: Content

    /// The kinds of findings.
    public enum Content: Sendable {
        /// The set was opened, or why it cannot be.
        case outline(Result<PictureOutline, DatasetError>)
        /// A sample was read, or why it cannot be.
        case picture(PictureKey, Result<ShownPicture, DatasetError>)
        /// The classes of each sample from a place on, without repetitions.
        case labels(PictureRequest.LabelPlace, [[Int32]])
    }

    /// A finding about a data set.
    public init(_ source: PictureSet, _ content: Content) {
        self.source = source
        self.content = content
    }
}
