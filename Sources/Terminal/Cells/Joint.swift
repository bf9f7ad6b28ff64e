/// To which sides the arms of a sign of a line drawing lead.
public struct Joint: OptionSet, Hashable, Sendable {
    /// A bit for each side.
    public let rawValue: UInt8

    /// The sides whose bits are set.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// An arm to the upper edge of the cell.
    public static let up = Joint(rawValue: 1)
    /// An arm to the lower edge.
    public static let down = Joint(rawValue: 2)
    /// An arm to the left edge.
    public static let left = Joint(rawValue: 4)
    /// An arm to the right edge.
    public static let right = Joint(rawValue: 8)
    /// A line from top to bottom.
    public static let upright: Joint = [.up, .down]
    /// A line from left to right.
    public static let flat: Joint = [.left, .right]
}

extension Glyphs {
    /// The sign with these arms; an arm alone is drawn as a whole line, no arm as a blank.
    public func sign(of joint: Joint) -> Unicode.Scalar {
        let (topLeft, topRight, bottomLeft, bottomRight) = corners
        let isFlat = !joint.isDisjoint(with: .flat)
        let isUpright = !joint.isDisjoint(with: .upright)
        guard isFlat else { return isUpright ? vertical : " " }
        guard isUpright else { return horizontal }
        let down = joint.contains(.down)
        let up = joint.contains(.up)
        if joint.isSuperset(of: .flat) { return up && down ? cross : down ? teeDown : teeUp }
        let isRight = joint.contains(.right)
        if up && down { return isRight ? teeRight : teeLeft }
        if down { return isRight ? topLeft : topRight }
        return isRight ? bottomLeft : bottomRight
    }
}
