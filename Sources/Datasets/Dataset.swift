public import Graph

/// A part of a data set.
public enum Split: String, CaseIterable, Codable, Sendable {
    /// What a network learns from.
    case train
    /// Training samples that were held out, to choose settings by.
    case validation
    /// What accuracy is measured on.
    case test
}

/// Samples for the input of one network, with labels or without. Opening reads headers and labels and checks them; samples are
/// read when a `Loader` asks for them.
public struct Dataset: Sendable {
    /// What was opened.
    public let spec: DataSpec
    /// The input of the network that the samples are fitted to.
    public let shape: Shape
    /// The names of the classes in label order.
    public let classNames: [String]
    /// Whether the labels say what a sample shows; where not, all samples have the label 0 of one class.
    public let isLabelled: Bool
    /// Whether samples have boxes, of the classes of the task.
    public let holdsBoxes: Bool
    /// Whether samples have masks, of the classes of the task.
    public let holdsMasks: Bool
    /// How many numbers each sample's answer has, for regression; 0 where it has none.
    public let answerNumbers: Int
    /// What the network is for.
    public let task: NetworkTask
    /// What a person should know: files that are not there, samples that are resized.
    public let notes: [String]
    /// The same 16 digits for the same samples in the same splits, wherever the files lie.
    public let digest: String

    let resizing: Resizing
    /// Where decoded pictures are kept; nil where they are read anew each time.
    let cache: PictureCache?
    /// How often each training sample is drawn, and how much each class counts; nil where all are alike.
    let balance: ClassBalance?
    private let train: any SampleSource
    private let test: (any SampleSource)?
    /// Validation samples of the set itself.
    private let ownValidation: (any SampleSource)?
    private let training: [Int32]
    private let validation: [Int32]

    /// Opens a data set for a network input of `shape`; `seed` decides what is generated, what a limit leaves and
    /// what is held out; `task` says which classes and answers are asked for. Without `readsLabels` files of labels are left
    /// alone: they may be absent, or be wrong, or be of other classes.
    public static func open(
        _ spec: DataSpec, shape: Shape, task: NetworkTask = .classification, readsLabels: Bool = true,
        seed: UInt64 = 0
    ) throws(DatasetError) -> Dataset {
        var spec = spec
        spec.readsLabels = readsLabels
        guard (1...Shape.elementLimit).contains(shape.elements), shape.dimensions.allSatisfy({ $0 > 0 })
        else {
            throw .mismatch(
                found: "no sample", network: shape, advice: "an input has 1 to \(Shape.elementLimit) values")
        }
        return try Dataset(
            spec, OpenedDataset.open(spec, shape: shape, task: task, seed: seed), shape: shape, task: task,
            seed: seed)
    }

    init(
        _ spec: DataSpec, _ opened: OpenedDataset, shape: Shape, task: NetworkTask = .classification,
        seed: UInt64
    ) throws(DatasetError) {
        self.spec = spec
        self.task = task
        self.shape = shape
        let fit = spec.fit ?? task.fit
        resizing = Resizing(shape, fit: fit)
        train = opened.train
        test = opened.test
        ownValidation = opened.validation
        holdsBoxes = opened.holdsBoxes
        holdsMasks = opened.holdsMasks
        answerNumbers = opened.numbers
        cache = train.isDecoded ? PictureCache() : nil
        classNames = opened.classNames
        isLabelled = opened.isLabelled
        var notes = opened.notes
        if let layout = train.layout {
            try Self.check(spec, against: layout, shape)
            notes += try resizing.notes(for: layout, holdsNumbers: train.holdsNumbers)
            if let test, let other = test.layout, other != layout {
                notes += try resizing.notes(for: other, holdsNumbers: test.holdsNumbers).map { "test: \($0)" }
            }
        }
        try Self.check(spec.augmentation, opened, shape)
        let held = try HeldOut(of: train.count, spec, seed: seed)
        notes += held.notes
        (training, validation) = (held.training, held.validation)
        balance = try ClassBalance(spec, opened, training: training)
        self.notes = notes
        var digest = Random(train.fingerprint, test?.fingerprint ?? 0, seed)
        if let validation = opened.validation { digest = Random(digest.next(), validation.fingerprint) }
        var settings = "\(spec.settings) \(shape)"
        if fit != .stretch { settings += " \(fit.rawValue)" }
        if holdsBoxes || holdsMasks { settings += " " + classNames.joined(separator: ",") }
        for byte in settings.utf8 { digest = Random(digest.next(), UInt64(byte)) }
        let digits = String(digest.next(), radix: 16)
        self.digest = String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The number of classes.
    public var classes: Int { classNames.count }

    /// The number of samples of a split; 0 for one that the set does not have.
    public func count(_ split: Split) -> Int {
        switch split {
        case .train: training.count
        case .validation: ownValidation?.count ?? validation.count
        case .test: test?.count ?? 0
        }
    }

    /// Where a sample of a split lies in what was opened: whether among the test samples, and its number there, from 0;
    /// validation samples that the set itself has follow those of training. The index is below the count of the split.
    public func place(of index: Int, in split: Split) -> (isTest: Bool, number: Int) {
        switch split {
        case .train: (false, Int(training[index]))
        case .validation: (false, ownValidation == nil ? Int(validation[index]) : train.count + index)
        case .test: (true, index)
        }
    }

    /// The path of the file that holds a sample alone; nil where many lie in one file or in none. The index is below the count
    /// of the split.
    public func file(of index: Int, in split: Split) -> String? {
        let (source, number) = stored(index, in: split)
        return source?.file(number)
    }

    /// Whether the samples of a split are numbers.
    func holdsNumbers(_ split: Split) -> Bool {
        switch split {
        case .train: train.holdsNumbers
        case .validation: (ownValidation ?? train).holdsNumbers
        case .test: test?.holdsNumbers ?? false
        }
    }

    /// Reads a sample to fit it to the network next; the index is below the count of the split.
    func read(_ index: Int, of split: Split, into sample: inout Sample) throws(DatasetError) {
        let (source, number) = stored(index, in: split)
        try source?.read(number, for: resizing, into: &sample)
    }

    /// Where a sample comes from, and its number there.
    private func stored(_ index: Int, in split: Split) -> (source: (any SampleSource)?, number: Int) {
        switch split {
        case .train: (train, Int(training[index]))
        case .validation:
            if let ownValidation { (ownValidation, index) } else { (train, Int(validation[index])) }
        case .test: (test, index)
        }
    }

    /// Throws where samples cannot be changed as augment= says.
    private static func check(
        _ augmentation: Augmentation, _ opened: OpenedDataset, _ shape: Shape
    ) throws(DatasetError) {
        guard !augmentation.isEmpty else { return }
        let ofSequences = augmentation.intersection(.ofSequences)
        switch shape {
        case .map:
            guard ofSequences.isEmpty else {
                throw .mismatch(
                    found: "augment=\(ofSequences.text)", network: shape,
                    advice: "only sequences have spans of time or of features to hide")
            }
        case .sequence, .vector:
            guard augmentation == ofSequences else {
                throw .mismatch(
                    found: "augment=\(augmentation.subtracting(.ofSequences).text)", network: shape,
                    advice: "only images are changed so; sequences take time-mask and frequency-mask")
            }
            if case .vector = shape {
                throw .mismatch(
                    found: "augment=\(augmentation.text)", network: shape,
                    advice: "only images and sequences are changed")
            }
        }
        let ofPixels = augmentation.intersection(.ofPixels)
        guard !opened.train.holdsNumbers || ofPixels.isEmpty else {
            throw .optionValue(
                "augment", value: ofPixels.text, expected: "for numbers, only for pixels; store uint8")
        }
        let ofPlace = augmentation.intersection([.ofPlace, .ofOthers])
        guard opened.numbers == 0 || ofPlace.isEmpty else {
            throw .optionValue(
                "augment", value: ofPlace.text,
                expected:
                    "for samples whose answer is numbers: they would not be right about a picture that moved")
        }
        let ofOthers = augmentation.intersection(opened.holdsMasks ? .mixup : .ofOthers)
        guard
            opened.holdsBoxes || opened.holdsMasks && ofOthers.isEmpty || !opened.isLabelled
                || ofOthers.isEmpty
        else {
            throw .optionValue(
                "augment", value: ofOthers.text,
                expected:
                    "for samples with one label\(opened.holdsMasks ? " a pixel" : ""): that of several pictures would be wrong"
            )
        }
    }

    /// How much a sample counts in the loss.
    func weight(of label: Int32, in split: Split) -> Float {
        split == .train ? balance?.weights[Int(label)] ?? 1 : 1
    }

    /// The classes that a sample shows, known without reading it: one for a sample with a label, several or none for one with
    /// boxes; none for masks and numbers.
    public func classes(of index: Int, in split: Split) -> [Int32] {
        let (source, number) = stored(index, in: split)
        return source?.classes(of: number) ?? []
    }

    /// Widths and heights, in pixels of the network's input, of the objects of a split that are learned; no picture is decoded.
    public func boxSizes(of split: Split) -> [BoxSize] {
        (0..<count(split)).flatMap { index -> [BoxSize] in
            let (source, number) = stored(index, in: split)
            guard let known = source?.boxes(of: number) else { return [] }
            let content = resizing.content(
                of: Layout(height: known.height, width: known.width, channels: shape.channels))
            let scaleX = Double(content.width) / Double(known.width)
            let scaleY = Double(content.height) / Double(known.height)
            return known.boxes.compactMap { box in
                let size = BoxSize(width: Double(box.width) * scaleX, height: Double(box.height) * scaleY)
                return box.isIgnored || size.width <= 0 || size.height <= 0 ? nil : size
            }
        }
    }

    /// Throws where size= or channels= say something else than what a set that is read has.
    private static func check(_ spec: DataSpec, against layout: Layout, _ shape: Shape) throws(DatasetError) {
        guard !spec.name.isGenerated else { return }
        if let size = spec.size, case .map(_, let height, let width) = shape, size != (height, width) {
            throw .mismatch(
                found: "size=\(size.height)x\(size.width)", network: shape,
                advice: "leave size= out; images are resized to what the network takes")
        }
        if let channels = spec.channels, channels != shape.channels {
            throw .mismatch(
                found: "channels=\(channels)", network: shape,
                advice: "leave channels= out; grey and colour are converted to what the network takes")
        }
    }
}
