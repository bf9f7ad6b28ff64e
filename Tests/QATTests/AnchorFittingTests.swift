import Graph
import QAT
import TestSupport
import TestTraits
import Testing

/// Anchors of a task from boxes.
@Suite("Anchors of a task", .limited)
struct AnchorFittingTests {
    /// Six sizes, each several times.
    private static let boxes = [(4.0, 6.0), (8, 8), (15, 12), (30, 40), (60, 50), (100, 120)].flatMap {
        size in
        [BoxSize](repeating: BoxSize(width: size.0, height: size.1), count: 5)
    }

    /// A task whose first head reads the smaller map.
    private func network() throws -> (Network, DetectionTask) {
        var fine = Conv2D()
        fine.stride = 8
        var coarse = Conv2D()
        coarse.stride = 16
        let network = try Network(
            inputs: [Input("image", Shape.map(channels: 3, height: 64, width: 64))],
            nodes: [
                Node("fine", fine.layer, inputs: ["image"]), Node("coarse", coarse.layer, inputs: ["image"]),
            ])
        let one = [BoxSize(width: 10, height: 10)]
        let task = DetectionTask(
            classes: ["cell"],
            heads: [
                .yolov5(AnchorHead(layer: HeadPart("coarse"), anchors: one + one + one)),
                .ssd(
                    PriorHead(
                        scores: HeadPart("fine"), boxes: HeadPart("fine", from: 6), priors: one + one + one)),
            ])
        return (network, task)
    }

    @Test("the smallest go to the head with the largest map")
    func finestFirst() throws {
        let (network, task) = try network()
        let fitting = try AnchorFitting(task, in: network, to: Self.boxes, seed: 1)
        #expect(fitting.task.heads[1].sizes.map(\.width) == [4, 8, 15])
        #expect(fitting.task.heads[0].sizes.map(\.height) == [40, 50, 120])
        #expect(fitting.overlap.after > 0.99 && fitting.overlap.before < 0.6)
    }

    @Test("a head gets as many as asked for")
    func count() throws {
        let (network, task) = try network()
        let fitting = try AnchorFitting(task, in: network, to: Self.boxes, count: 1, seed: 1)
        #expect(fitting.task.heads.map(\.sizes.count) == [1, 1])
    }

    @Test("too few sizes and heads without anchors are refused")
    func refused() throws {
        let (network, task) = try network()
        #expect(throws: TrainingError.self) {
            try AnchorFitting(task, in: network, to: [BoxSize(width: 3, height: 3)], seed: 1)
        }
        var free = task
        free.heads = [.distances(DistanceHead(scores: HeadPart("fine"), boxes: HeadPart("fine")))]
        #expect(throws: TrainingError.self) {
            try AnchorFitting(free, in: network, to: Self.boxes, seed: 1)
        }
    }
}
