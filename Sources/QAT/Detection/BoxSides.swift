import Datasets
import Foundation

/// A box by its sides in pixels; also the slopes of a number with respect to them.
struct BoxSides: Hashable, Sendable {
    var left: Float
    var top: Float
    var right: Float
    var bottom: Float

    init(left: Float, top: Float, right: Float, bottom: Float) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    init(centreX: Float, centreY: Float, width: Float, height: Float) {
        self.init(
            left: centreX - width / 2, top: centreY - height / 2, right: centreX + width / 2,
            bottom: centreY + height / 2)
    }

    /// The box of an object; no side is shorter than one pixel, so that the size has a logarithm.
    init(_ box: ObjectBox) {
        self.init(
            centreX: (box.left + box.right) / 2, centreY: (box.top + box.bottom) / 2,
            width: max(box.width, 1),
            height: max(box.height, 1))
    }

    var width: Float { right - left }
    var height: Float { bottom - top }
    var centreX: Float { (left + right) / 2 }
    var centreY: Float { (top + bottom) / 2 }
    var isFinite: Bool { (left + top + right + bottom).isFinite }

    func contains(x: Float, y: Float) -> Bool { x > left && x < right && y > top && y < bottom }

    /// The area of the intersection over that of the union.
    func overlap(_ other: BoxSides) -> Float {
        let sharedWidth = min(right, other.right) - max(left, other.left)
        let sharedHeight = min(bottom, other.bottom) - max(top, other.top)
        guard sharedWidth > 0, sharedHeight > 0 else { return 0 }
        let shared = sharedWidth * sharedHeight
        return shared / (width * height + other.width * other.height - shared)
    }
}

/// How well a box agrees with the right one, at most 1, and the slopes with respect to the box's sides.
struct BoxAgreement {
    var value: Float
    var slopes: BoxSides

    /// Keeps quotients finite where boxes have no area.
    private static let least: Float = 1e-7

    /// Intersection over union, less the empty share of the smallest box around both (Rezatofighi et al. 2019).
    static func generalized(_ box: BoxSides, _ right: BoxSides) -> BoxAgreement {
        let pair = BoxPair(box, right)
        let area = pair.aroundWidth * pair.aroundHeight + least
        let union = pair.union + least
        let value = pair.shared / union + union / area - 1
        func slope(shared: Float, own: Float, around: Float) -> Float {
            let unionSlope = own - shared
            return shared / union - pair.shared * unionSlope / (union * union) + unionSlope / area
                - union * around / (area * area)
        }
        return BoxAgreement(value: value, slopes: pair.slopes(slope))
    }

    /// Intersection over union, less the distance of the centres and the difference in shape (Zheng et al. 2020).
    ///
    /// The factor of the difference in shape is a constant in the slopes.
    static func complete(_ box: BoxSides, _ right: BoxSides) -> BoxAgreement {
        let pair = BoxPair(box, right)
        let union = pair.union + least
        let overlap = pair.shared / union
        let apartX = box.centreX - right.centreX
        let apartY = box.centreY - right.centreY
        let distance = apartX * apartX + apartY * apartY
        let diagonal =
            pair.aroundWidth * pair.aroundWidth + pair.aroundHeight * pair.aroundHeight + least
        let scale = 4 / (Float.pi * Float.pi)
        let angle = atan2(box.width, box.height) - atan2(right.width, right.height)
        let difference = scale * angle * angle
        let factor = difference / (1 - overlap + difference + least)

        var slopes = pair.slopes { shared, own, around in
            shared / union - pair.shared * (own - shared) / (union * union)
        }
        let aroundSlope = distance / (diagonal * diagonal) * 2
        slopes.left -= apartX / diagonal + (box.left < right.left ? aroundSlope * pair.aroundWidth : 0)
        slopes.right -= apartX / diagonal - (box.right > right.right ? aroundSlope * pair.aroundWidth : 0)
        slopes.top -= apartY / diagonal + (box.top < right.top ? aroundSlope * pair.aroundHeight : 0)
        slopes.bottom -= apartY / diagonal - (box.bottom > right.bottom ? aroundSlope * pair.aroundHeight : 0)
        let square = box.width * box.width + box.height * box.height + least
        let widthSlope = factor * 2 * scale * angle * box.height / square
        let heightSlope = -factor * 2 * scale * angle * box.width / square
        slopes.left += widthSlope
        slopes.right -= widthSlope
        slopes.top += heightSlope
        slopes.bottom -= heightSlope
        return BoxAgreement(
            value: overlap - distance / diagonal - factor * difference, slopes: slopes)
    }
}

/// What two boxes share and what is around them.
private struct BoxPair {
    let box: BoxSides
    let right: BoxSides
    /// Below 0 where the boxes are apart.
    let sharedWidth: Float
    let sharedHeight: Float
    let aroundWidth: Float
    let aroundHeight: Float

    init(_ box: BoxSides, _ right: BoxSides) {
        self.box = box
        self.right = right
        sharedWidth = min(box.right, right.right) - max(box.left, right.left)
        sharedHeight = min(box.bottom, right.bottom) - max(box.top, right.top)
        aroundWidth = max(box.right, right.right) - min(box.left, right.left)
        aroundHeight = max(box.bottom, right.bottom) - min(box.top, right.top)
    }

    var shared: Float { max(0, sharedWidth) * max(0, sharedHeight) }
    var union: Float { box.width * box.height + right.width * right.height - shared }

    /// The slope for each side of the first box, from those of the shared area, of its own area and of the area around both.
    func slopes(_ slope: (_ shared: Float, _ own: Float, _ around: Float) -> Float) -> BoxSides {
        // A box without width or height, which shares nothing yet, learns to grow.
        let wide: Float = sharedWidth >= 0 ? max(0, sharedHeight) : 0
        let high: Float = sharedHeight >= 0 ? max(0, sharedWidth) : 0
        return BoxSides(
            left: slope(
                box.left > right.left ? -wide : 0, -box.height, box.left < right.left ? -aroundHeight : 0),
            top: slope(box.top > right.top ? -high : 0, -box.width, box.top < right.top ? -aroundWidth : 0),
            right: slope(
                box.right < right.right ? wide : 0, box.height, box.right > right.right ? aroundHeight : 0),
            bottom: slope(
                box.bottom < right.bottom ? high : 0, box.width, box.bottom > right.bottom ? aroundWidth : 0))
    }
}
