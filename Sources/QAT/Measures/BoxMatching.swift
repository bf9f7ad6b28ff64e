import Datasets

/// A detection that was compared with the objects of its class in its picture.
struct JudgedBox {
    var score: Float
    /// By range of areas, a bit for each threshold at which it found an object that counts.
    var right = SIMD4<UInt16>(repeating: 0)
    /// By range of areas, a bit for each threshold at which it found nothing. Where neither bit is set it does not count.
    var wrong = SIMD4<UInt16>(repeating: 0)
    /// By Pascal VOC's rule at an overlap of .5: whether it found an object; nil where it does not count.
    var isRightByVOC: Bool?
}

/// The sizes of objects that are judged apart, by their area in pixels of the stored picture.
enum AreaRange: Int, CaseIterable {
    case all, small, medium, large

    /// The areas, both ends included.
    var areas: ClosedRange<Double> {
        switch self {
        case .all: 0...1e10
        case .small: 0...1024
        case .medium: 1024...9216
        case .large: 9216...1e10
        }
    }
}

/// Compares the detections of one class in one picture with its objects.
struct BoxMatching {
    /// The overlaps from which on a detection is right: .50, .55, ... .95, in COCO's own rounding.
    static let thresholds: [Double] = {
        let step = (0.95 - 0.5) / 9
        return (0..<9).map { Double($0) * step + 0.5 } + [0.95]
    }()

    private let found: [DetectedBox]
    private let truth: [ObjectBox]
    private let areaScale: Double
    /// Axes detection, object.
    private let overlaps: [Double]
    private let foundAreas: [Double]
    private let truthAreas: [Double]

    /// `found` are the best detections, best first.
    init(_ found: [DetectedBox], truth: [ObjectBox], areaScale: Double) {
        self.found = found
        self.truth = truth
        self.areaScale = areaScale
        let truthSides = truth.map { MeasuredBox($0) }
        let foundSides = found.map { MeasuredBox($0) }
        foundAreas = foundSides.map { $0.area * areaScale }
        truthAreas = zip(truth, truthSides).map { box, sides in
            box.area.map(Double.init) ?? sides.area * areaScale
        }
        var overlaps: [Double] = []
        overlaps.reserveCapacity(found.count * truth.count)
        for sides in foundSides {
            for index in truth.indices {
                overlaps.append(sides.overlap(with: truthSides[index], isCrowd: truth[index].isCrowd))
            }
        }
        self.overlaps = overlaps
    }

    /// How many objects count, by range of areas.
    var countedObjects: SIMD4<Int> {
        var counts = SIMD4<Int>(repeating: 0)
        for range in AreaRange.allCases {
            counts[range.rawValue] = truth.indices.count { !isIgnored($0, in: range) }
        }
        return counts
    }

    /// Every detection, in the same order.
    func judged() -> [JudgedBox] {
        var judged = found.map { JudgedBox(score: $0.score) }
        for range in AreaRange.allCases { judge(&judged, in: range) }
        judgeByVOC(&judged)
        return judged
    }

    private func isIgnored(_ index: Int, in range: AreaRange) -> Bool {
        truth[index].isIgnored || truth[index].isCrowd || !range.areas.contains(truthAreas[index])
    }

    /// COCO's rule: the best detections choose first, each the object of the largest overlap that is left; what does not
    /// count is chosen only where nothing that counts is left, and a crowd by any number of detections.
    private func judge(_ judged: inout [JudgedBox], in range: AreaRange) {
        let ignored = truth.indices.map { isIgnored($0, in: range) }
        let order = truth.indices.filter { !ignored[$0] } + truth.indices.filter { ignored[$0] }
        var isTaken = [Bool](repeating: false, count: truth.count)
        for (bit, threshold) in BoxMatching.thresholds.enumerated() {
            for index in isTaken.indices { isTaken[index] = false }
            for detection in found.indices {
                let row = detection * truth.count
                var match = -1
                var largest = threshold
                for object in order {
                    if isTaken[object] && !truth[object].isCrowd { continue }
                    if match >= 0 && !ignored[match] && ignored[object] { break }
                    if overlaps[row + object] < largest { continue }
                    largest = overlaps[row + object]
                    match = object
                }
                let mask: UInt16 = 1 << UInt16(bit)
                if match >= 0 {
                    isTaken[match] = true
                    if !ignored[match] { judged[detection].right[range.rawValue] |= mask }
                } else if range.areas.contains(foundAreas[detection]) {
                    judged[detection].wrong[range.rawValue] |= mask
                }
            }
        }
    }

    /// Pascal VOC's rule: a detection asks only the object of the largest overlap, and is wrong where another one has it.
    private func judgeByVOC(_ judged: inout [JudgedBox]) {
        var isTaken = [Bool](repeating: false, count: truth.count)
        for detection in found.indices {
            let row = detection * truth.count
            guard let object = truth.indices.max(by: { overlaps[row + $0] < overlaps[row + $1] }),
                overlaps[row + object] >= 0.5
            else {
                judged[detection].isRightByVOC = false
                continue
            }
            guard !truth[object].isIgnored, !truth[object].isCrowd else { continue }
            judged[detection].isRightByVOC = !isTaken[object]
            isTaken[object] = true
        }
    }
}
