import Datasets
import Foundation

/// An anchor in a cell that has to find an object.
struct AnchorPositive {
    var sample: Int
    var cell: Int
    var anchor: Int
    var box: BoxSides
    var label: Int
}

/// Which anchors have to find which objects.
enum AnchorAssignment {
    /// The largest quotient of two widths or heights, either way, that YOLOv5 still matches.
    static let ratio: Float = 4

    /// For each head, the anchors of YOLOv5's rule: width and height differ by less than a factor of 4; the cell of the
    /// object's centre, and the nearest neighbour to the side and the nearest above or below.
    static func ratios(_ maps: [AnchorMap], boxes: [[ObjectBox]]) -> [[AnchorPositive]] {
        maps.map { map in
            var positives: [AnchorPositive] = []
            for (sample, objects) in boxes.enumerated() {
                for object in objects where !object.isIgnored {
                    let box = BoxSides(object)
                    let cells = neighbours(of: box, in: map.grid)
                    for anchor in 0..<map.count {
                        let wide = box.width / map.widths[anchor]
                        let high = box.height / map.heights[anchor]
                        guard max(max(wide, 1 / wide), max(high, 1 / high)) < ratio else { continue }
                        for cell in cells {
                            positives.append(
                                AnchorPositive(
                                    sample: sample, cell: cell, anchor: anchor, box: box,
                                    label: Int(object.label)))
                        }
                    }
                }
            }
            return positives
        }
    }

    /// The cell of a box's centre and its two nearest neighbours, where the map has them.
    private static func neighbours(of box: BoxSides, in grid: HeadGrid) -> [Int] {
        let x = box.centreX / grid.strideX
        let y = box.centreY / grid.strideY
        let column = min(max(Int(x), 0), grid.width - 1)
        let row = min(max(Int(y), 0), grid.height - 1)
        let cell = row * grid.width + column
        var cells = [cell]
        let across = x - floor(x)
        let down = y - floor(y)
        if across < 0.5, column > 0 { cells.append(cell - 1) }
        if across > 0.5, column < grid.width - 1 { cells.append(cell + 1) }
        if down < 0.5, row > 0 { cells.append(cell - grid.width) }
        if down > 0.5, row < grid.height - 1 { cells.append(cell + grid.width) }
        return cells
    }

    /// For each head, the anchors of YOLOv3's rule: for each object the one anchor of all heads whose size overlaps most
    /// with its own, in the cell of its centre.
    static func best(_ maps: [AnchorMap], boxes: [[ObjectBox]]) -> [[AnchorPositive]] {
        var positives = [[AnchorPositive]](repeating: [], count: maps.count)
        for (sample, objects) in boxes.enumerated() {
            for object in objects where !object.isIgnored {
                let box = BoxSides(object)
                var best = (overlap: Float(-1), map: 0, anchor: 0)
                for (index, map) in maps.enumerated() {
                    for anchor in 0..<map.count {
                        let shared = min(box.width, map.widths[anchor]) * min(box.height, map.heights[anchor])
                        let all = box.width * box.height + map.widths[anchor] * map.heights[anchor]
                        let overlap = shared / (all - shared)
                        if overlap > best.overlap { best = (overlap, index, anchor) }
                    }
                }
                let grid = maps[best.map].grid
                let column = min(max(Int(box.centreX / grid.strideX), 0), grid.width - 1)
                let row = min(max(Int(box.centreY / grid.strideY), 0), grid.height - 1)
                positives[best.map].append(
                    AnchorPositive(
                        sample: sample, cell: row * grid.width + column, anchor: best.anchor, box: box,
                        label: Int(object.label)))
            }
        }
        return positives
    }
}

/// Which anchors of a sample are not judged: those in cells whose middle lies in an ignored object, and by YOLOv3's rule those
/// whose boxes overlap an object anyway, though they do not have to find it.
struct UnjudgedAnchors {
    private let ignored: [BoxSides]
    private let judged: [BoxSides]

    /// What YOLOv3 does not judge overlaps an object by more.
    private static let overlap: Float = 0.5

    /// Nil where all are judged.
    init?(_ objects: [ObjectBox], _ coding: AnchorMap.Coding) {
        ignored = objects.filter(\.isIgnored).map { BoxSides($0) }
        judged =
            switch coding {
            case .exponential: objects.filter { !$0.isIgnored }.map { BoxSides($0) }
            case .squared: []
            }
        if ignored.isEmpty, judged.isEmpty { return nil }
    }

    /// Whether what an anchor finds decides too.
    var dependOnBoxes: Bool { !judged.isEmpty }

    /// Whether all anchors of a cell are among them, by its middle.
    func contain(x: Float, y: Float) -> Bool { ignored.contains { $0.contains(x: x, y: y) } }

    /// Whether an anchor that finds such a box is.
    func contain(_ box: BoxSides) -> Bool { judged.contains { box.overlap($0) > Self.overlap } }
}
