import Terminal

/// The lanes beside the rows of a list, in the columns that there is room for.
struct RailsColumns {
    /// The lanes.
    private let rails: Rails
    /// How many lanes are shown; further ones are one sign.
    private let shown: Int
    /// Cells from one lane to the next.
    private let step: Int
    /// The wires of the selected row.
    private let chosen: [Rails.Wire]
    /// The selected row.
    private let selected: Int?

    /// Lanes beside a list of that many columns; a narrow one has no room for any.
    init(_ rails: Rails, in columns: Int, selected: Int?) {
        self.rails = rails
        self.selected = selected
        step = columns >= 96 ? 2 : 1
        shown = min(rails.lanes, columns >= 96 ? Rails.most : columns >= 70 ? 4 : 0)
        chosen = selected.map(rails.wires(of:)) ?? []
    }

    /// Whether some wires have no lane of their own here.
    private var isFolded: Bool { rails.isCrowded || rails.lanes > shown }

    /// Cells that they take, with a blank behind them; none where there are no lanes.
    var width: Int { shown == 0 ? 0 : (shown - 1) * step + 1 + (isFolded ? step : 0) + 1 }

    /// Draws the lanes of a row of the list.
    func draw(_ number: Int, row line: Int, column: Int, on canvas: inout Canvas) {
        guard shown > 0, rails.rows.indices.contains(number) else { return }
        let row = rails.rows[number]
        let bright = brightLanes(at: number)
        let joined = span(of: row.joined, row.lane)
        for cell in 0..<(shown - 1) * step + 1 {
            let lane = cell / step
            let isLane = cell % step == 0
            var joint: Joint = []
            if isLane {
                if row.above.has(lane) { joint.insert(.up) }
                if row.below.has(lane) { joint.insert(.down) }
            }
            if let joined {
                if cell > joined.lowerBound * step, cell <= joined.upperBound * step { joint.insert(.left) }
                if cell >= joined.lowerBound * step, cell < joined.upperBound * step { joint.insert(.right) }
            }
            let isOwn = isLane && row.lane == lane
            let isAlone = (row.above | row.below | row.joined) & ~(1 << lane) == 0 && row.uncounted == 0
            let sign =
                isOwn && !(isAlone && !joint.isEmpty) ? canvas.glyphs.dot : canvas.glyphs.sign(of: joint)
            guard sign != " " else { continue }
            let isBright = bright.lanes.has(lane) && isLane || isWithin(cell, bright.joined, row.lane)
            canvas.frame[line, column + cell] = Cell(sign, isBright ? .accent.bold : .dim)
        }
        let further = (row.above | row.below | row.joined) >> shown != 0 || row.uncounted > 0
        if further, isFolded {
            canvas.frame[line, column + shown * step] = Cell(canvas.glyphs.ellipsis, .dim)
        }
    }

    /// The first and the last lane that a row joins, with its own; nil where it joins none.
    private func span(of joined: UInt8, _ own: Int?) -> ClosedRange<Int>? {
        guard joined != 0 else { return nil }
        return joined.trailingZeroBitCount...7 - joined.leadingZeroBitCount
    }

    /// The lanes that are the selected row's wires at a row, and those of them that the row joins.
    private func brightLanes(at number: Int) -> (lanes: UInt8, joined: UInt8) {
        var lanes: UInt8 = 0
        var joined: UInt8 = 0
        for wire in chosen {
            guard let lane = wire.lane, let last = wire.readers.last else { continue }
            // A wire that others read too is the selected row's only as far as the row itself.
            let end = wire.source == selected ? last : selected ?? last
            guard (wire.source...max(wire.source, end)).contains(number) else { continue }
            lanes |= 1 << lane
            if number == wire.source || wire.readers.contains(number) { joined |= 1 << lane }
        }
        return (lanes, joined)
    }

    /// Whether a cell lies on the way from a row's own lane to one of the joined ones.
    private func isWithin(_ cell: Int, _ joined: UInt8, _ own: Int?) -> Bool {
        guard let own else { return false }
        return (0..<Rails.most).contains { lane in
            joined.has(lane) && (min(own, lane) * step...max(own, lane) * step).contains(cell)
        }
    }
}

extension UInt8 {
    fileprivate func has(_ lane: Int) -> Bool { self & 1 << lane != 0 }
}
