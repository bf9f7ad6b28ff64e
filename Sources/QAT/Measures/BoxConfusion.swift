public import Datasets

extension ConfusionMatrix {
    /// The overlap from which on a box was found.
    public static let boxOverlap = 0.5
    /// The least score of a box that counts.
    public static let boxScore: Float = 0.25

    /// Adds the boxes of a picture, of a matrix with background: each object and each detection once, whatever their classes,
    /// those of the largest overlap first. What overlaps an object that does not count is no mistake.
    public mutating func add(_ found: [DetectedBox], truth: [ObjectBox]) {
        precondition(hasBackground, "boxes need a background")
        let found = found.filter { $0.score >= ConfusionMatrix.boxScore }
        let foundSides = found.map { MeasuredBox($0) }
        let truthSides = truth.map { MeasuredBox($0) }
        var pairs: [(detection: Int, object: Int, overlap: Double)] = []
        for detection in found.indices {
            for object in truth.indices {
                let overlap = foundSides[detection].overlap(
                    with: truthSides[object], isCrowd: truth[object].isCrowd)
                if overlap >= ConfusionMatrix.boxOverlap { pairs.append((detection, object, overlap)) }
            }
        }
        // Of equal overlaps the one of the same class comes first.
        pairs = pairs.stablySorted { first, second in
            func isSame(_ pair: (detection: Int, object: Int, overlap: Double)) -> Bool {
                found[pair.detection].label == truth[pair.object].label
            }
            return first.overlap != second.overlap
                ? first.overlap > second.overlap : isSame(first) && !isSame(second)
        }
        var isUsed = [Bool](repeating: false, count: found.count)
        var isFound = [Bool](repeating: false, count: truth.count)
        let isCounted = truth.map { !$0.isIgnored && !$0.isCrowd }
        for pair in pairs
        where isCounted[pair.object] && !isUsed[pair.detection] && !isFound[pair.object] {
            isUsed[pair.detection] = true
            isFound[pair.object] = true
            add(truth: Int(truth[pair.object].label), answer: Int(found[pair.detection].label))
        }
        for pair in pairs where !isCounted[pair.object] { isUsed[pair.detection] = true }
        for index in truth.indices where isCounted[index] && !isFound[index] {
            add(truth: Int(truth[index].label), answer: classes)
        }
        for index in found.indices where !isUsed[index] {
            add(truth: classes, answer: Int(found[index].label))
        }
    }
}
