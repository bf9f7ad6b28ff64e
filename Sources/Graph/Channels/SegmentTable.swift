/// Segments while a network is walked through: cut where channels part ways, and one where two are added.
struct SegmentTable {
    /// The units of each segment.
    private(set) var sizes: [Int] = []
    /// For each segment, the number that its units stay a multiple of.
    private(set) var units: [Int] = []
    /// For each segment, whether its units cannot change.
    private(set) var isFixed: [Bool] = []
    /// For each segment that is no longer one, what took its place.
    private var replacements: [[ChannelStrand]?] = []

    /// A segment of its own for so many channels.
    mutating func fresh(_ size: Int, isFixed: Bool = false) -> [ChannelStrand] {
        [ChannelStrand(append(size, unit: 1, isFixed: isFixed))]
    }

    /// Strands of the segments that there are now.
    func resolved(_ strands: [ChannelStrand]) -> [ChannelStrand] {
        strands.flatMap { strand -> [ChannelStrand] in
            guard let parts = replacements[strand.segment] else { return [strand] }
            return resolved(parts.map { $0.scaled(spread: strand.spread, gather: strand.gather) })
        }
    }

    /// The channels of some strands.
    func channels(_ strands: [ChannelStrand]) -> Int {
        resolved(strands).reduce(0) { $0.clampedSum($1.channels(of: sizes[$1.segment])) }
    }

    /// Holds all segments of some strands at their sizes.
    mutating func fix(_ strands: [ChannelStrand]) {
        for strand in resolved(strands) { isFixed[strand.segment] = true }
    }

    /// Lets the segments of some strands change only by so many channels of the strand at a time; false, and all held,
    /// where their sizes are no such multiple.
    mutating func step(_ strands: [ChannelStrand], by channels: Int) -> Bool {
        let strands = resolved(strands)
        let isWhole = strands.allSatisfy {
            let count = $0.channels(of: sizes[$0.segment])
            let step = $0.gather.clampedProduct(channels)
            return count.isMultiple(of: channels) && sizes[$0.segment].isMultiple(of: step)
        }
        guard isWhole else {
            fix(strands)
            return false
        }
        for strand in strands {
            units[strand.segment] = Int.commonMultiple(
                units[strand.segment], strand.gather.clampedProduct(channels))
        }
        return true
    }

    /// Cuts strands in front of a channel, so that a segment ends there; false, and the segment held, where none can.
    mutating func cut(_ strands: [ChannelStrand], at channel: Int) -> Bool {
        var start = 0
        for strand in resolved(strands) {
            let segment = strand.segment
            let count = strand.channels(of: sizes[strand.segment])
            guard channel >= start + count else {
                let inside = channel - start
                if inside == 0 { return true }
                let units = inside / strand.spread * strand.gather
                guard inside.isMultiple(of: strand.spread), units.isMultiple(of: self.units[segment]) else {
                    isFixed[segment] = true
                    return false
                }
                let parts = [units, sizes[segment] - units].map { size in
                    ChannelStrand(append(size, unit: self.units[segment], isFixed: isFixed[segment]))
                }
                replacements[segment] = parts
                return true
            }
            start += count
        }
        return channel == start
    }

    /// Makes the segments of two tensors one, channel by channel; where they do not fit, all are held.
    mutating func unify(_ first: [ChannelStrand], _ second: [ChannelStrand]) {
        while true {
            let left = resolved(first)
            let right = resolved(second)
            var position = 0
            var place = 0
            while place < left.count, place < right.count, left[place] == right[place] {
                position += left[place].channels(of: sizes[left[place].segment])
                place += 1
            }
            guard place < left.count, place < right.count else {
                if left.count != right.count { fix(left + right) }
                return
            }
            let counts = (
                left[place].channels(of: sizes[left[place].segment]),
                right[place].channels(of: sizes[right[place].segment])
            )
            let isDone =
                counts.0 > counts.1
                ? cut(left, at: position + counts.1)
                : counts.0 < counts.1
                    ? cut(right, at: position + counts.0) : join(left[place], right[place])
            guard isDone else { return fix(left + right) }
        }
    }

    /// Puts one of two segments in place of the other; false where they do not grow alike.
    private mutating func join(_ left: ChannelStrand, _ right: ChannelStrand) -> Bool {
        guard left.segment != right.segment else { return false }
        let isAlike = left.spread == right.spread && left.gather == right.gather
        let (kept, gone): (ChannelStrand, ChannelStrand)
        if isAlike {
            kept = ChannelStrand(left.segment)
            gone = right
        } else if right.isPlain, units[right.segment] == 1 {
            kept = left
            gone = right
        } else if left.isPlain, units[left.segment] == 1 {
            kept = right
            gone = left
        } else {
            return false
        }
        if isAlike {
            units[kept.segment] = Int.commonMultiple(units[kept.segment], units[gone.segment])
        }
        isFixed[kept.segment] = isFixed[kept.segment] || isFixed[gone.segment]
        replacements[gone.segment] = [kept]
        return true
    }

    private mutating func append(_ size: Int, unit: Int, isFixed: Bool) -> Int {
        sizes.append(size)
        units.append(unit)
        self.isFixed.append(isFixed)
        replacements.append(nil)
        return sizes.count - 1
    }
}
