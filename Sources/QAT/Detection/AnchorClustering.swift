public import Graph

/// Anchors from the sizes of boxes: k-means with the distance 1 - IoU (Redmon and Farhadi 2017, section 2).
public enum AnchorClustering {
    /// So many beginnings are tried; the one whose anchors overlap best is kept.
    private static let beginnings = 10
    /// Anchors stop moving long before.
    private static let roundLimit = 300

    /// So many anchors for boxes, the smallest area first; fewer where there are fewer different boxes. The seed decides
    /// where the search begins.
    public static func anchors(boxes: [BoxSize], count: Int, seed: UInt64) -> [BoxSize] {
        precondition(count > 0, "anchors are counted from 1")
        guard Set(boxes).count > count else {
            return Set(boxes).sorted { ($0.area, $0.width) < ($1.area, $1.width) }
        }
        var random = SplitMix64(seed: seed)
        var best: (anchors: [BoxSize], overlap: Double) = ([], -1)
        for _ in 0..<beginnings {
            let anchors = settled(begun(boxes, count, &random), boxes)
            let overlap = meanOverlap(boxes: boxes, anchors: anchors)
            if overlap > best.overlap { best = (anchors, overlap) }
        }
        return best.anchors.sorted { ($0.area, $0.width) < ($1.area, $1.width) }
    }

    /// The mean over boxes of the intersection over union with their best anchor, both at one place.
    public static func meanOverlap(boxes: [BoxSize], anchors: [BoxSize]) -> Double {
        guard !boxes.isEmpty else { return 0 }
        let sum = boxes.reduce(0.0) { sum, box in
            sum + (anchors.map(box.overlap).max() ?? 0)
        }
        return sum / Double(boxes.count)
    }

    /// Boxes to begin with, each drawn with the square of its distance from those before (Arthur and Vassilvitskii 2007).
    private static func begun(_ boxes: [BoxSize], _ count: Int, _ random: inout SplitMix64) -> [BoxSize] {
        var chosen = [boxes[Int.random(in: 0..<boxes.count, using: &random)]]
        var distances = boxes.map { 1 - $0.overlap(chosen[0]) }
        while chosen.count < count {
            var place = Double.random(in: 0..<1, using: &random) * distances.reduce(0) { $0 + $1 * $1 }
            var index = 0
            while index < boxes.count - 1, place >= distances[index] * distances[index] {
                place -= distances[index] * distances[index]
                index += 1
            }
            chosen.append(boxes[index])
            for other in boxes.indices {
                distances[other] = min(distances[other], 1 - boxes[other].overlap(boxes[index]))
            }
        }
        return chosen
    }

    /// Moves each anchor to the mean of the boxes that it overlaps best, until none changes.
    private static func settled(_ begun: [BoxSize], _ boxes: [BoxSize]) -> [BoxSize] {
        var anchors = begun
        var owners = [Int](repeating: -1, count: boxes.count)
        for _ in 0..<roundLimit {
            var isSettled = true
            for (index, box) in boxes.enumerated() {
                var owner = 0
                var largest = -1.0
                for (place, anchor) in anchors.enumerated() {
                    let overlap = box.overlap(anchor)
                    if overlap > largest {
                        largest = overlap
                        owner = place
                    }
                }
                isSettled = isSettled && owners[index] == owner
                owners[index] = owner
            }
            if isSettled { break }
            var sums = [(width: Double, height: Double, count: Double)](
                repeating: (0, 0, 0), count: anchors.count)
            for (owner, box) in zip(owners, boxes) {
                sums[owner].width += box.width
                sums[owner].height += box.height
                sums[owner].count += 1
            }
            for (place, sum) in sums.enumerated() where sum.count > 0 {
                anchors[place] = BoxSize(width: sum.width / sum.count, height: sum.height / sum.count)
            }
        }
        return anchors
    }
}

extension BoxSize {
    fileprivate var area: Double { width * height }

    /// Intersection over union of two sizes at one place.
    fileprivate func overlap(_ other: BoxSize) -> Double {
        let shared = min(width, other.width) * min(height, other.height)
        return shared / (area + other.area - shared)
    }
}
