/// The detections of one class in all pictures, and the curves that follow from them.
struct RankedBoxes {
    /// The recalls at which precision is asked.
    static let recalls: [Double] = (0..<100).map { Double($0) * 0.01 } + [1]

    private var judged: [JudgedBox] = []
    private var objects = SIMD4<Int>(repeating: 0)

    mutating func add(_ matching: BoxMatching) {
        judged += matching.judged()
        objects &+= matching.countedObjects
    }

    func result() -> DetectionResult.Class {
        var result = DetectionResult.Class()
        result.count = objects[AreaRange.all.rawValue]
        let ranked = judged.stablySorted { $0.score > $1.score }
        let all = curves(ranked, in: .all)
        result.ap = all.compactMap(\.average).mean
        result.ap50 = all.first?.average
        result.ap75 = all.isEmpty ? nil : all[5].average
        result.apSmall = curves(ranked, in: .small).compactMap(\.average).mean
        result.apMedium = curves(ranked, in: .medium).compactMap(\.average).mean
        result.apLarge = curves(ranked, in: .large).compactMap(\.average).mean
        result.recall100 = all.map(\.recall).mean
        result.largestRecall = all.first?.recall
        result.curve = all.first?.precisions ?? []
        guard result.count > 0 else { return result }
        result.best = best(ranked)
        result.voc50 = averageByVOC(ranked)
        return result
    }

    private struct Curve {
        /// At each of the recalls.
        var precisions: [Double]
        /// Of all detections.
        var recall: Double
        var average: Double? { precisions.mean }
    }

    /// A curve for each threshold; none where no object counts.
    private func curves(_ ranked: [JudgedBox], in range: AreaRange) -> [Curve] {
        let total = objects[range.rawValue]
        guard total > 0 else { return [] }
        return BoxMatching.thresholds.indices.map { bit in
            let mask: UInt16 = 1 << UInt16(bit)
            var right = 0
            var wrong = 0
            // Precision and recall change only where a detection is right or wrong, and only a right one begins a new recall.
            var points: [(recall: Double, precision: Double)] = []
            for box in ranked {
                if box.right[range.rawValue] & mask != 0 {
                    right += 1
                    let precision = Double(right) / (Double(wrong) + Double(right) + Double.ulpOfOne)
                    points.append((Double(right) / Double(total), precision))
                } else if box.wrong[range.rawValue] & mask != 0 {
                    wrong += 1
                }
            }
            return Curve(
                precisions: RankedBoxes.precisions(points), recall: Double(right) / Double(total))
        }
    }

    /// The largest precision at every recall or above; `points` have rising recalls.
    private static func precisions(_ points: [(recall: Double, precision: Double)]) -> [Double] {
        var precisions = [Double](repeating: 0, count: recalls.count)
        var largest = 0.0
        var next = points.count - 1
        for (index, recall) in recalls.enumerated().reversed() {
            while next >= 0, points[next].recall >= recall {
                largest = max(largest, points[next].precision)
                next -= 1
            }
            precisions[index] = largest
        }
        return precisions
    }

    /// The scores from which on recall and precision at an overlap of .50 have their largest harmonic mean.
    private func best(_ ranked: [JudgedBox]) -> DetectionResult.Point? {
        let total = objects[AreaRange.all.rawValue]
        var right = 0
        var wrong = 0
        var best: DetectionResult.Point?
        var largest = 0.0
        for (index, box) in ranked.enumerated() {
            if box.right[AreaRange.all.rawValue] & 1 != 0 { right += 1 }
            if box.wrong[AreaRange.all.rawValue] & 1 != 0 { wrong += 1 }
            // Detections of the same score count together.
            if index + 1 < ranked.count, ranked[index + 1].score == box.score { continue }
            // One division of whole numbers, so that equal means are equal, and the first of them stays.
            let f1 = Double(2 * right) / Double(right + wrong + total)
            guard f1 > largest else { continue }
            largest = f1
            best = DetectionResult.Point(
                score: box.score, recall: Double(right) / Double(total),
                precision: Double(right) / Double(right + wrong))
        }
        return best
    }

    /// The area below the curve of the largest precision at every recall or above.
    private func averageByVOC(_ ranked: [JudgedBox]) -> Double {
        var right = 0
        var wrong = 0
        var precisions: [Double] = []
        for box in ranked {
            guard let isRight = box.isRightByVOC else { continue }
            if isRight {
                right += 1
                precisions.append(Double(right) / Double(right + wrong))
            } else {
                wrong += 1
            }
        }
        var largest = 0.0
        var sum = 0.0
        for precision in precisions.reversed() {
            largest = max(largest, precision)
            sum += largest
        }
        return sum / Double(objects[AreaRange.all.rawValue])
    }
}
