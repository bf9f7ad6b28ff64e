import Datasets
import Graph
import QAT
import TestSupport

/// A detection task with a network's shapes that fit it.
struct DetectionSample: CustomStringConvertible, Sendable {
    let description: String
    let task: DetectionTask
    let outputs: [String: (channels: Int, height: Int, width: Int)]
    let input = (height: 64, width: 80)

    /// One task for each kind of head.
    static let all = [
        anchors("yolov3", DetectionHead.yolov3), anchors("yolov5", DetectionHead.yolov5), priors,
        distances("sides"), distances("sides with bins", bins: 8),
        distances("sides with objectness", hasObjectness: true),
        distances("centre with objectness", hasObjectness: true, coding: .centre),
    ]

    func loss(smoothing: Float = 0) throws -> DetectionLoss {
        try DetectionLoss(task, input: input, outputs: outputs, smoothing: smoothing)
    }

    func decoder() throws -> DetectionDecoder { try DetectionDecoder(task, input: input, outputs: outputs) }

    /// So many objects for each sample, of sizes and at places that follow from the seed.
    func objects(_ counts: [Int], seed: UInt64) -> [[ObjectBox]] {
        var generator = SeededGenerator(seed: seed)
        return counts.map { count in
            (0..<count).map { _ in
                let width = Float.random(in: 8...40, using: &generator)
                let height = Float.random(in: 8...40, using: &generator)
                let left = Float.random(in: 0...80 - width, using: &generator)
                let top = Float.random(in: 0...64 - height, using: &generator)
                return ObjectBox(
                    left: left, top: top, right: left + width, bottom: top + height,
                    label: Int32.random(in: 0..<Int32(task.classes.count), using: &generator))
            }
        }
    }

    private static func anchors(
        _ name: String, _ head: (AnchorHead) -> DetectionHead
    ) -> DetectionSample {
        let fine = [BoxSize(width: 10, height: 13), BoxSize(width: 16, height: 30)]
        let coarse = [BoxSize(width: 33, height: 23), BoxSize(width: 30, height: 40)]
        return DetectionSample(
            description: name,
            task: DetectionTask(
                classes: ["a", "b", "c"],
                heads: [
                    head(AnchorHead(layer: HeadPart("p3"), anchors: fine)),
                    head(AnchorHead(layer: HeadPart("p4"), anchors: coarse)),
                ]),
            outputs: ["p3": (16, 8, 10), "p4": (16, 4, 5)])
    }

    private static let priors = DetectionSample(
        description: "ssd",
        task: DetectionTask(
            classes: ["a", "b", "c"],
            heads: [
                .ssd(
                    PriorHead(
                        scores: HeadPart("s3"), boxes: HeadPart("b3"),
                        priors: [BoxSize(width: 10, height: 14), BoxSize(width: 18, height: 18)])),
                .ssd(
                    PriorHead(
                        scores: HeadPart("s4"), boxes: HeadPart("b4"),
                        priors: [BoxSize(width: 32, height: 32)])),
            ]),
        outputs: ["s3": (8, 8, 10), "b3": (8, 8, 10), "s4": (4, 4, 5), "b4": (4, 4, 5)])

    /// Heads whose parts are channels of one layer each.
    private static func distances(
        _ name: String, hasObjectness: Bool = false, coding: DistanceHead.Coding = .sides, bins: Int = 0
    ) -> DetectionSample {
        let boxes = 4 * max(1, bins)
        func head(_ layer: String) -> DetectionHead {
            .distances(
                DistanceHead(
                    scores: HeadPart(layer), boxes: HeadPart(layer, from: 3),
                    objectness: hasObjectness ? HeadPart(layer, from: 3 + boxes) : nil, coding: coding,
                    bins: bins))
        }
        let channels = 3 + boxes + (hasObjectness ? 1 : 0)
        return DetectionSample(
            description: name,
            task: DetectionTask(classes: ["a", "b", "c"], heads: [head("p3"), head("p4")]),
            outputs: ["p3": (channels, 8, 10), "p4": (channels, 4, 5)])
    }
}
