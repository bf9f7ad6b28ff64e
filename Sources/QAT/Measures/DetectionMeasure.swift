public import Datasets

/// Precision over recall of boxes, by COCO's rules: the numbers of pycocotools, and Pascal VOC's average beside them.
///
/// Pictures are added one by one; of each only what the curves need is kept, some 30 bytes a detection.
public struct DetectionMeasure: Sendable {
    /// The most detections of a class in a picture that count, the best ones.
    public static let limit = 100

    private var classes: [RankedBoxes]
    private var confusion: ConfusionMatrix

    /// Nothing found yet, for so many classes.
    public init(classes: Int) {
        confusion = ConfusionMatrix(classes: classes, hasBackground: true)
        self.classes = Array(repeating: RankedBoxes(), count: classes)
    }

    /// Adds a picture.
    ///
    /// Boxes and truth share one coordinate system; overlaps do not depend on separate scales of x and y. `areaScale` is the
    /// area of one of its pixels in pixels of the stored picture: by areas there, objects are small (up to 32 x 32), medium
    /// (up to 96 x 96) or large. Where two detections have the same score, the one that was added first is the better one. A
    /// detection whose score is no number does not count.
    public mutating func add(_ found: [DetectedBox], truth: [ObjectBox], areaScale: Double = 1) {
        confusion.add(found, truth: truth)
        let truthByClass = Dictionary(grouping: truth, by: \.label)
        let foundByClass = Dictionary(grouping: found.filter { !$0.score.isNaN }, by: \.label)
        for label in Set(truthByClass.keys).union(foundByClass.keys) {
            precondition(classes.indices.contains(Int(label)), "a box has a class that the measure lacks")
            let ranked = (foundByClass[label] ?? []).stablySorted { $0.score > $1.score }
            classes[Int(label)].add(
                BoxMatching(
                    Array(ranked.prefix(DetectionMeasure.limit)), truth: truthByClass[label] ?? [],
                    areaScale: areaScale))
        }
    }

    /// What came out of the pictures so far.
    public func result() -> DetectionResult {
        DetectionResult(classes.map { $0.result() }, confusion)
    }
}

extension Array {
    /// Sorted, equal elements in the order that they have.
    func stablySorted(by precedes: (Element, Element) -> Bool) -> [Element] {
        enumerated().sorted { first, second in
            if precedes(first.element, second.element) { return true }
            if precedes(second.element, first.element) { return false }
            return first.offset < second.offset
        }.map(\.element)
    }
}
