import Graph
import QAT
import TestSupport
import TestTraits
import Testing

/// Anchors from boxes.
@Suite("Anchors from boxes", .limited)
struct AnchorClusteringTests {
    /// Boxes around three sizes.
    private static let boxes: [BoxSize] = {
        var generator = SeededGenerator(seed: 5)
        return [(10.0, 12.0), (40.0, 30.0), (100.0, 150.0)].flatMap { width, height in
            (0..<40).map { _ in
                BoxSize(
                    width: width * Double.random(in: 0.9...1.1, using: &generator),
                    height: height * Double.random(in: 0.9...1.1, using: &generator))
            }
        }
    }()

    @Test("sizes that come in groups are found, the smallest first")
    func groups() {
        let anchors = AnchorClustering.anchors(boxes: Self.boxes, count: 3, seed: 1)
        for (anchor, wanted) in zip(anchors, [(10.0, 12.0), (40.0, 30.0), (100.0, 150.0)]) {
            #expect(abs(anchor.width / wanted.0 - 1) < 0.05 && abs(anchor.height / wanted.1 - 1) < 0.05)
        }
        #expect(anchors.count == 3)
        #expect(AnchorClustering.meanOverlap(boxes: Self.boxes, anchors: anchors) > 0.85)
    }

    @Test("the same seed gives the same anchors, and more of them overlap better")
    func seeds() {
        let few = AnchorClustering.anchors(boxes: Self.boxes, count: 3, seed: 7)
        #expect(few == AnchorClustering.anchors(boxes: Self.boxes, count: 3, seed: 7))
        let many = AnchorClustering.anchors(boxes: Self.boxes, count: 9, seed: 7)
        #expect(
            AnchorClustering.meanOverlap(boxes: Self.boxes, anchors: many)
                > AnchorClustering.meanOverlap(boxes: Self.boxes, anchors: few))
    }

    @Test("fewer different boxes than anchors are the anchors")
    func few() {
        let boxes = [
            BoxSize(width: 20, height: 20), BoxSize(width: 5, height: 8), BoxSize(width: 20, height: 20),
        ]
        #expect(
            AnchorClustering.anchors(boxes: boxes, count: 3, seed: 0)
                == [BoxSize(width: 5, height: 8), BoxSize(width: 20, height: 20)])
        #expect(AnchorClustering.anchors(boxes: [], count: 3, seed: 0).isEmpty)
    }
}
