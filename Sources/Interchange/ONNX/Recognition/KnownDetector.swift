public import Graph
import QAT

/// A detector of other people whose heads are known by the sizes and channels of its outputs.
public enum KnownDetector: String, CaseIterable, Hashable, Sendable {
    /// Faces by priors of 10 to 256 pixels on four maps.
    case ultraFace = "UltraFace"
    /// Faces by centre and size, with objectness, on three maps.
    case yuNet = "YuNet"
    /// Distances to the sides by bins, scores before them, on three maps.
    case nanoDet = "NanoDet"
    /// Centre and size, with objectness, on three maps.
    case yolox = "YOLOX"
    /// Three anchors for each cell of three maps.
    case yolov5 = "YOLOv5"
    /// Distances to the sides by 16 bins, before the scores where one output holds both, on three maps.
    case yolov8 = "YOLOv8"

    /// The outputs of one size.
    private struct Level {
        var stride: Int
        /// In the network's order.
        var outputs: [(name: String, channels: Int)]
        var channels: [Int] { outputs.map(\.channels) }
    }

    /// The task of a network whose outputs are those of a known detector; nil where they are of none.
    public static func recognize(_ network: Network) -> (detector: KnownDetector, task: DetectionTask)? {
        guard network.inputs.count == 1, case .map(_, let height, let width)? = network.inputs.first?.shape,
            let levels = levels(of: network, height: height, width: width)
        else { return nil }
        for detector in allCases {
            guard let (heads, classes) = detector.heads(levels, height: height, width: width) else {
                continue
            }
            return (detector, DetectionTask(classes: names(of: classes), heads: heads))
        }
        return nil
    }

    /// The outputs by their size, the finest first; nil where an output has no stride of both axes.
    private static func levels(of network: Network, height: Int, width: Int) -> [Level]? {
        let analysis = Analysis(network, on: .npu)
        var levels: [Int: Level] = [:]
        for (index, node) in network.nodes.enumerated() where analysis.facts.nodes[index].isLast {
            let shapes = analysis.shapes.outputs(of: index)
            guard shapes.count == 1, case .map(let channels, let rows, let columns)? = shapes.first
            else { return nil }
            let stride = HeadGrid.stride(from: height, to: rows)
            guard stride == HeadGrid.stride(from: width, to: columns), stride == stride.rounded() else {
                return nil
            }
            levels[Int(stride), default: Level(stride: Int(stride), outputs: [])].outputs.append(
                (node.name, channels))
        }
        return levels.values.sorted { $0.stride < $1.stride }
    }

    /// The heads on these maps and the number of classes; nil where they are those of another detector.
    private func heads(_ levels: [Level], height: Int, width: Int) -> ([DetectionHead], Int)? {
        let strides = levels.map(\.stride)
        guard strides == (self == .ultraFace ? [8, 16, 32, 64] : [8, 16, 32]), let first = levels.first else {
            return nil
        }
        func isSame(_ levels: [Level]) -> Bool { levels.allSatisfy { $0.channels == first.channels } }
        func each(_ head: (Level) -> DistanceHead) -> [DetectionHead] { levels.map { .distances(head($0)) } }
        switch self {
        case .ultraFace:
            guard zip(levels, Self.priors).allSatisfy({ $0.channels == [2 * $1.count, 4 * $1.count] }) else {
                return nil
            }
            let heads = zip(levels, Self.priors).map { level, sides in
                // Priors are not larger than the picture.
                let sizes = sides.map {
                    BoxSize(width: min($0, Double(width)), height: min($0, Double(height)))
                }
                return DetectionHead.ssd(
                    PriorHead(
                        scores: HeadPart(level.outputs[0].name), boxes: HeadPart(level.outputs[1].name),
                        priors: sizes))
            }
            return (heads, 1)
        case .yuNet:
            // Class, box, objectness, and where there are five marks of a face their places.
            guard isSame(levels), [[1, 4, 1], [1, 4, 1, 10]].contains(first.channels) else { return nil }
            return (each { Self.centreHead($0) }, 1)
        case .yolox:
            guard isSame(levels), first.channels.count == 3, Array(first.channels.dropFirst()) == [4, 1]
            else {
                return nil
            }
            return (each { Self.centreHead($0) }, first.channels[0])
        case .nanoDet:
            if isSame(levels), first.channels.count == 1 {
                // 80 classes and 4 x 8 bins, the one form that is published.
                guard first.channels == [112] else { return nil }
                return (
                    each { level in
                        DistanceHead(
                            scores: HeadPart(level.outputs[0].name),
                            boxes: HeadPart(level.outputs[0].name, from: 80), bins: 8)
                    }, 80
                )
            }
            return Self.paired(levels, bins: 8)
        case .yolov8:
            if isSame(levels), first.channels == [144] {
                return (
                    each { level in
                        DistanceHead(
                            scores: HeadPart(level.outputs[0].name, from: 64),
                            boxes: HeadPart(level.outputs[0].name), bins: 16)
                    }, 80
                )
            }
            return Self.paired(levels, bins: 16)
        case .yolov5:
            guard isSame(levels), first.channels.count == 1, first.channels[0] > 15,
                first.channels[0].isMultiple(of: 3), first.channels != [144]
            else { return nil }
            let heads = zip(levels, Self.anchors).map { level, sizes in
                DetectionHead.yolov5(
                    AnchorHead(
                        layer: HeadPart(level.outputs[0].name),
                        anchors: sizes.map { BoxSize(width: $0.0, height: $0.1) }))
            }
            return (heads, first.channels[0] / 3 - 5)
        }
    }

    /// Scores, box and objectness in this order.
    private static func centreHead(_ level: Level) -> DistanceHead {
        DistanceHead(
            scores: HeadPart(level.outputs[0].name), boxes: HeadPart(level.outputs[1].name),
            objectness: HeadPart(level.outputs[2].name), coding: .centre)
    }

    /// Two outputs for each map, of which one holds four sides of so many bins.
    private static func paired(_ levels: [Level], bins: Int) -> ([DetectionHead], Int)? {
        guard let first = levels.first, first.channels.count == 2,
            levels.allSatisfy({ $0.channels == first.channels }),
            let boxes = first.channels.lastIndex(of: 4 * bins)
        else { return nil }
        let heads = levels.map { level in
            DetectionHead.distances(
                DistanceHead(
                    scores: HeadPart(level.outputs[1 - boxes].name),
                    boxes: HeadPart(level.outputs[boxes].name),
                    bins: bins))
        }
        return (heads, first.channels[1 - boxes])
    }

    /// UltraFace's priors, which are as high as wide, by map.
    private static let priors: [[Double]] = [[10, 16, 24], [32, 48], [64, 96], [128, 192, 256]]

    /// YOLOv5's anchors by map.
    private static let anchors: [[(Double, Double)]] = [
        [(10, 13), (16, 30), (33, 23)], [(30, 61), (62, 45), (59, 119)],
        [(116, 90), (156, 198), (373, 326)],
    ]

    /// The names that so many classes most likely have; numbers where nothing is known.
    static func names(of count: Int) -> [String] {
        switch count {
        case 1: ["face"]
        case cocoNames.count: cocoNames
        case _: (0..<count).map(String.init)
        }
    }

    /// The classes of COCO in the order that detectors count them.
    private static let cocoNames = [
        "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
        "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse",
        "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie",
        "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove",
        "skateboard", "surfboard", "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon",
        "bowl", "banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut",
        "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse",
        "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book",
        "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
    ]
}
