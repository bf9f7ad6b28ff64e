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
        anchors("yolov3", DetectionHead.yolov3), anchors("yolov5", DetectionHead.yolov5),
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
}
