/// Outputs that boxes are read from, at one size of the map, and how.
///
/// The stride, in pixels of the network's input a cell, follows from the shapes: the power of two that makes so many cells of the
/// input, whose last one may reach beyond it, else the quotient; for priors the quotient. Anchors and priors are in pixels of the
/// input.
public enum DetectionHead: Hashable, Sendable {
    /// Anchors; centre by sigmoid, size by exp (Redmon and Farhadi 2018).
    case yolov3(AnchorHead)
    /// Anchors; centre by 2 sigmoid - 0.5, size by (2 sigmoid)^2 (the public YOLOv5 documentation).
    case yolov5(AnchorHead)
    /// Priors; centre and size by variances, scores by softmax with the background first (Liu et al. 2016).
    case ssd(PriorHead)
    /// Free of anchors: distances to the four sides, or centre and size.
    case distances(DistanceHead)

    /// The names of heads, as a file has them.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case yolov3, yolov5, ssd, distances
    }

    /// Which head it is.
    public var kind: Kind {
        switch self {
        case .yolov3: .yolov3
        case .yolov5: .yolov5
        case .ssd: .ssd
        case .distances: .distances
        }
    }

    /// The outputs that it reads, each with its name in a file.
    public var parts: [(name: String, part: HeadPart)] {
        switch self {
        case .yolov3(let head), .yolov5(let head): [("layer", head.layer)]
        case .ssd(let head): [("scores", head.scores), ("boxes", head.boxes)]
        case .distances(let head):
            [("scores", head.scores), ("boxes", head.boxes)]
                + (head.objectness.map { [("objectness", $0)] } ?? [])
        }
    }

    /// The channels that a part has to have for so many classes; `name` is that of `parts`.
    public func channels(of name: String, classes: Int) -> Int {
        switch self {
        case .yolov3(let head), .yolov5(let head): head.anchors.count * (5 + classes)
        case .ssd(let head): head.priors.count * (name == "boxes" ? 4 : classes + 1)
        case .distances(let head):
            name == "boxes" ? 4 * max(1, head.bins) : name == "objectness" ? 1 : classes
        }
    }

    func mapParts(_ change: (HeadPart) -> HeadPart) -> DetectionHead {
        switch self {
        case .yolov3(var head):
            head.layer = change(head.layer)
            return .yolov3(head)
        case .yolov5(var head):
            head.layer = change(head.layer)
            return .yolov5(head)
        case .ssd(var head):
            head.scores = change(head.scores)
            head.boxes = change(head.boxes)
            return .ssd(head)
        case .distances(var head):
            head.scores = change(head.scores)
            head.boxes = change(head.boxes)
            head.objectness = head.objectness.map(change)
            return .distances(head)
        }
    }
}

/// Some channels of a layer's output: from the first one on, as many as the head needs.
public struct HeadPart: Hashable, Sendable {
    /// The layer, whose result is an output of the network.
    public var layer: String
    /// Where its channels begin.
    public var firstChannel: Int

    /// The channels of a layer from one on.
    public init(_ layer: String, from firstChannel: Int = 0) {
        self.layer = layer
        self.firstChannel = firstChannel
    }
}

/// Width and height of a box in pixels of the network's input.
public struct BoxSize: Hashable, Sendable {
    /// Pixels from left to right.
    public var width: Double
    /// Pixels from top to bottom.
    public var height: Double

    /// A size.
    public init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }
}

/// A head with anchors. Channels of the layer: for each anchor x, y, width, height, objectness, then a score for each class.
public struct AnchorHead: Hashable, Sendable {
    /// What it reads.
    public var layer: HeadPart
    /// The sizes that boxes are measured by.
    public var anchors: [BoxSize]

    /// A head with anchors.
    public init(layer: HeadPart, anchors: [BoxSize]) {
        self.layer = layer
        self.anchors = anchors
    }
}

/// A head with priors. Channels of `scores`: for each prior the background, then the classes; of `boxes`: for each prior x, y,
/// width, height.
public struct PriorHead: Hashable, Sendable {
    /// The scores.
    public var scores: HeadPart
    /// The boxes.
    public var boxes: HeadPart
    /// The sizes of the priors in the middle of every cell.
    public var priors: [BoxSize]
    /// What offsets of the centre, and logarithms of the size, are multiplied with.
    public var variances: (centre: Double, size: Double) {
        get { (centreVariance, sizeVariance) }
        set { (centreVariance, sizeVariance) = newValue }
    }
    private var centreVariance: Double
    private var sizeVariance: Double

    /// A head with priors.
    public init(
        scores: HeadPart, boxes: HeadPart, priors: [BoxSize],
        variances: (centre: Double, size: Double) = (0.1, 0.2)
    ) {
        self.scores = scores
        self.boxes = boxes
        self.priors = priors
        centreVariance = variances.centre
        sizeVariance = variances.size
    }
}

/// A head without anchors: one box for each cell.
public struct DistanceHead: Hashable, Sendable {
    /// What the four numbers of a box are.
    public enum Coding: String, CaseIterable, Hashable, Sendable {
        /// Left, top, right and bottom from the middle of the cell, in cells.
        case sides
        /// Offset of the centre from the cell's corner in cells, and the logarithm of width and height in cells, as YOLOX has them.
        case centre
    }

    /// A score for each class.
    public var scores: HeadPart
    /// Left, top, right, bottom, each with its bins; or centre and size.
    public var boxes: HeadPart
    /// Whether there is an object at all; nil where the scores say it.
    public var objectness: HeadPart?
    /// What the numbers of `boxes` are.
    public var coding: Coding
    /// Each side is the expectation over so many bins, 0, 1, 2, ... cells; 0 where it is a number itself.
    public var bins: Int

    /// A head without anchors.
    public init(
        scores: HeadPart, boxes: HeadPart, objectness: HeadPart? = nil, coding: Coding = .sides, bins: Int = 0
    ) {
        self.scores = scores
        self.boxes = boxes
        self.objectness = objectness
        self.coding = coding
        self.bins = bins
    }
}
