public import Graph

/// Anchors and priors of a task fitted to the boxes of data: k-means, the smallest to the finest head.
public struct AnchorFitting: Sendable {
    /// The task with the anchors that were found.
    public let task: DetectionTask
    /// The mean over boxes of the intersection over union with their best anchor, before and after.
    public let overlap: (before: Double, after: Double)

    /// Fits the anchors of all heads that have any. Sizes are in pixels of the network's input; `count` is the number of
    /// anchors a head, as many as it has where nil; the seed decides where the search begins.
    public init(
        _ task: DetectionTask, in network: Network, to boxes: [BoxSize], count: Int? = nil, seed: UInt64
    ) throws(TrainingError) {
        let heads = AnchorFitting.finestFirst(task, in: network)
        let counts = heads.map { count ?? task.heads[$0].sizes.count }
        let wanted = counts.reduce(0, +)
        guard wanted > 0 else {
            throw .mismatch(
                "no head of the task has anchors or priors; heads of the kind distances need none")
        }
        let found = AnchorClustering.anchors(boxes: boxes, count: wanted, seed: seed)
        guard found.count == wanted else {
            throw .mismatch(
                "the heads need \(wanted) anchors, and the data has boxes of only \(found.count) different sizes"
            )
        }
        var fitted = task
        var first = 0
        for (head, count) in zip(heads, counts) {
            fitted.heads[head].sizes = found[first..<first + count].map(\.rounded)
            first += count
        }
        self.task = fitted
        overlap = (
            AnchorClustering.meanOverlap(boxes: boxes, anchors: task.heads.flatMap(\.sizes)),
            AnchorClustering.meanOverlap(boxes: boxes, anchors: fitted.heads.flatMap(\.sizes))
        )
    }

    /// The heads with anchors or priors, those of the largest map first; in their order where a map is not known.
    private static func finestFirst(_ task: DetectionTask, in network: Network) -> [Int] {
        let analysis = Analysis(network, on: .npu)
        let areas = task.heads.map { head -> Int in
            guard let layer = head.parts.first?.part.layer,
                let index = network.nodes.firstIndex(where: { $0.name == layer }),
                case .map(_, let height, let width)? = analysis.shapes.output(index)
            else { return 0 }
            return height * width
        }
        return task.heads.indices.filter { !task.heads[$0].sizes.isEmpty }
            .sorted { (areas[$1], $0) < (areas[$0], $1) }
    }
}

extension DetectionHead {
    /// Its anchors or priors in pixels of the network's input; a head of the kind distances has none.
    package var sizes: [BoxSize] {
        get {
            switch self {
            case .yolov3(let head), .yolov5(let head): head.anchors
            case .ssd(let head): head.priors
            case .distances: []
            }
        }
        set {
            switch self {
            case .yolov3(var head):
                head.anchors = newValue
                self = .yolov3(head)
            case .yolov5(var head):
                head.anchors = newValue
                self = .yolov5(head)
            case .ssd(var head):
                head.priors = newValue
                self = .ssd(head)
            case .distances: break
            }
        }
    }
}

extension BoxSize {
    /// To tenths of a pixel, as a file shows it.
    fileprivate var rounded: BoxSize {
        BoxSize(width: max(0.1, (width * 10).rounded() / 10), height: max(0.1, (height * 10).rounded() / 10))
    }
}
