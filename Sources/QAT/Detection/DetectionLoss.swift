public import Datasets
public import Graph

/// Loss of a detection task: how far the boxes that the heads name are from those in the pictures.
///
/// Heads of a kind are judged together, so that one object is not asked of two kinds at once; parts of several kinds are
/// added. An object with `isIgnored` is not learned, and cells whose middle lies in it are no negatives.
public final class DetectionLoss {
    /// The parts of a loss, each with its weight; means over a batch.
    public struct Parts: Hashable, Sendable {
        /// The loss of places and sizes.
        public var box = 0.0
        /// The loss of whether there is an object.
        public var objectness = 0.0
        /// The loss of which class an object has.
        public var classes = 0.0

        /// Nothing lost.
        public init() {}

        /// All parts together.
        public var total: Double { box + objectness + classes }
    }

    private let anchors: [AnchorLoss]
    private let priors: PriorLoss?
    private let distances: [DistanceLoss]
    private let classes: Int

    /// The loss of a task for a network of this input and these outputs, by the layer's name.
    ///
    /// `smoothing` is the share of a class's target that is spread evenly (Szegedy et al. 2016), for heads with anchors or
    /// priors. Throws where a head's channels are not there.
    public init(
        _ task: DetectionTask, input: (height: Int, width: Int),
        outputs: [String: (channels: Int, height: Int, width: Int)], smoothing: Float = 0
    ) throws(TrainingError) {
        let heads = try PlacedHead.heads(of: task, input: input, outputs: outputs)
        classes = task.classes.count
        var anchors: [AnchorMap.Coding: [AnchorMap]] = [:]
        var priors: [PriorMap] = []
        var distances: [DistanceMap] = []
        for placed in heads {
            switch placed.head {
            case .yolov3(let head):
                anchors[.exponential, default: []].append(AnchorMap(head, placed.grid, .exponential))
            case .yolov5(let head):
                anchors[.squared, default: []].append(AnchorMap(head, placed.grid, .squared))
            case .ssd(let head): priors.append(PriorMap(head, placed.grid))
            case .distances(let head): distances.append(DistanceMap(head, placed.grid))
            }
        }
        let classes = classes
        self.anchors = AnchorMap.Coding.allCases.compactMap { coding in
            anchors[coding].map {
                AnchorLoss($0, coding, input: input, classes: classes, smoothing: smoothing)
            }
        }
        self.priors =
            priors.isEmpty ? nil : PriorLoss(priors, classes: classes, smoothing: smoothing)
        self.distances = [true, false].compactMap { hasObjectness in
            let maps = distances.filter { ($0.objectness != nil) == hasObjectness }
            return maps.isEmpty ? nil : DistanceLoss(maps, classes: classes, hasObjectness: hasObjectness)
        }
    }

    /// The mean loss over a batch of as many samples as `boxes` has members; adds the gradients of that mean where
    /// `gradient` is not nil. Boxes are in pixels of the network's input.
    public func evaluate(_ outputs: [String: HeadValues], boxes: [[ObjectBox]]) -> Parts {
        guard !boxes.isEmpty else { return Parts() }
        precondition(
            boxes.allSatisfy { $0.allSatisfy { 0..<classes ~= Int($0.label) } },
            "a box has a class that is none")
        var parts = Parts()
        for loss in anchors { parts += loss.evaluate(outputs, boxes: boxes) }
        if let priors { parts += priors.evaluate(outputs, boxes: boxes) }
        for loss in distances { parts += loss.evaluate(outputs, boxes: boxes) }
        return parts
    }
}

extension DetectionLoss.Parts {
    static func += (sum: inout DetectionLoss.Parts, other: DetectionLoss.Parts) {
        sum.box += other.box
        sum.objectness += other.objectness
        sum.classes += other.classes
    }
}
