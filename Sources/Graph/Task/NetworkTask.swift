/// What a network is for: how its outputs are read, and so what data, loss and measure go with it.
public enum NetworkTask: Hashable, Sendable {
    /// One vector of scores, of which the largest names the class. What a file without a task has.
    case classification
    /// Boxes around objects.
    case detection(DetectionTask)
    /// A class for every pixel.
    case segmentation(SegmentationTask)
    /// Numbers, such as the places of landmarks.
    case regression

    /// The names of tasks, as a file has them.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Scores by class.
        case classification
        /// Boxes.
        case detection
        /// Masks.
        case segmentation
        /// Numbers.
        case regression
    }

    /// Which task it is.
    public var kind: Kind {
        switch self {
        case .classification: .classification
        case .detection: .detection
        case .segmentation: .segmentation
        case .regression: .regression
        }
    }

    /// The names of the classes that the task knows, in the order of the scores; nil where the data names them.
    public var classes: [String]? {
        switch self {
        case .classification, .regression: nil
        case .detection(let task): task.classes
        case .segmentation(let task): task.classes
        }
    }

    /// How pictures are brought to the size of the network's input, unless the data set says otherwise.
    public var fit: PictureFitting {
        switch self {
        case .classification, .regression: .stretch
        case .detection(let task): task.fit
        case .segmentation(let task): task.fit
        }
    }

    /// The task after a layer got another name.
    func renaming(_ name: String, to newName: String) -> NetworkTask {
        guard case .detection(var task) = self else { return self }
        for index in task.heads.indices {
            task.heads[index] = task.heads[index].mapParts { part in
                part.layer == name ? HeadPart(newName, from: part.firstChannel) : part
            }
        }
        return .detection(task)
    }
}

/// How a picture of another size becomes an input of the network.
public enum PictureFitting: String, CaseIterable, Hashable, Sendable {
    /// Height and width are scaled each by its own factor.
    case stretch
    /// Both are scaled by one factor; what is left is filled with grey, half on each side.
    case letterbox
}

/// Boxes around objects, read from one or several heads.
public struct DetectionTask: Hashable, Sendable {
    /// The names of the classes, in the order of the scores.
    public var classes: [String]
    /// How pictures are brought to the input's size.
    public var fit: PictureFitting
    /// Where boxes are read from.
    public var heads: [DetectionHead]

    /// Boxes of these classes from these heads.
    public init(classes: [String], fit: PictureFitting = .letterbox, heads: [DetectionHead]) {
        self.classes = classes
        self.fit = fit
        self.heads = heads
    }
}

/// A class for every pixel, from the one output of the network: one channel for each class, or a single channel where there
/// are two classes, of which the second is what is looked for.
public struct SegmentationTask: Hashable, Sendable {
    /// The names of the classes, in the order of the numbers in the masks.
    public var classes: [String]
    /// How pictures and masks are brought to the input's size.
    public var fit: PictureFitting

    /// Masks of these classes.
    public init(classes: [String], fit: PictureFitting = .stretch) {
        self.classes = classes
        self.fit = fit
    }
}
