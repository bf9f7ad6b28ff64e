/// Wires between the rows of a list, as lanes beside it: drawn as histories of versions are.
///
/// Every row stands on a lane. The first row that reads it stays on its lane; all others that read it share a second lane,
/// which ends at the last of them. Where every wire leads to the next row there are no lanes at all.
struct Rails: Hashable, Sendable {
    /// So many lanes are told apart; wires beyond them are only counted.
    static let most = 8

    /// A lane for a stretch of rows.
    struct Wire: Hashable, Sendable {
        /// The row that is read.
        let source: Int
        /// The rows that read it, from top to bottom; at least one.
        let readers: [Int]
        /// The lane; nil where all were taken.
        let lane: Int?
    }

    /// What one row shows. Sets of lanes have a bit for each lane.
    struct Row: Hashable, Sendable {
        /// The lane that the row stands on; nil where all were taken.
        var lane: Int?
        /// Lanes that come from the row above.
        var above: UInt8 = 0
        /// Lanes that go on to the row below.
        var below: UInt8 = 0
        /// Lanes that lead to the row or begin at it.
        var joined: UInt8 = 0
        /// How many wires pass or end here that have no lane.
        var uncounted = 0
    }

    /// What each row shows; nothing where there are no lanes.
    private(set) var rows: [Row] = []
    /// Every wire, those of upper rows first.
    private(set) var wires: [Wire] = []
    /// How many lanes are used.
    private(set) var lanes = 0
    /// Whether some wires have no lane.
    private(set) var isCrowded = false

    /// No lanes.
    init() {}

    /// The lanes of a list of `count` rows; each wire leads from the row that is read to the row that reads it. One that leads
    /// upwards is drawn as if it led down, one within a row not at all.
    init(rows count: Int, wires: [(source: Int, reader: Int)]) {
        var readers = [[Int]](repeating: [], count: count)
        for wire in wires where wire.source != wire.reader {
            readers[min(wire.source, wire.reader)].append(max(wire.source, wire.reader))
        }
        guard readers.enumerated().contains(where: { row, all in all.contains { $0 != row + 1 } }) else {
            return
        }
        var run = RailsRun(rows: count)
        for row in 0..<count { run.add(row, readers: Set(readers[row]).sorted()) }
        rows = run.rows
        self.wires = run.wires
        lanes = run.lanes
        isCrowded = run.isCrowded
    }

    /// The wires that a row reads or is read by.
    func wires(of row: Int) -> [Wire] { wires.filter { $0.source == row || $0.readers.contains(row) } }
}

/// Gives lanes to wires, row after row.
private struct RailsRun {
    private(set) var rows: [Rails.Row] = []
    private(set) var wires: [Rails.Wire] = []
    private(set) var lanes = 0
    private(set) var isCrowded = false

    /// Lanes that are in use below the last row.
    private var taken: UInt8 = 0
    /// How many wires without a lane are in use there.
    private var withoutLane = 0
    /// Positions of the wires that each row reads.
    private var incoming: [[Int]]

    init(rows count: Int) {
        incoming = [[Int]](repeating: [], count: count)
        rows.reserveCapacity(count)
    }

    mutating func add(_ number: Int, readers: [Int]) {
        var row = Rails.Row()
        row.above = taken
        row.uncounted = withoutLane
        var ending: UInt8 = 0
        for wire in incoming[number].map({ wires[$0] }) {
            let isLast = wire.readers.last == number
            guard let lane = wire.lane else {
                if isLast { withoutLane -= 1 }
                continue
            }
            row.joined |= 1 << lane
            if isLast { ending |= 1 << lane }
        }
        // The row goes on on a lane that leads to it and ends; a lane that others still read cannot be its own.
        row.lane = ending == 0 ? free(besides: taken) : ending.trailingZeroBitCount
        if let lane = row.lane { row.joined |= 1 << lane }
        var using = taken & ~ending
        if let nearest = readers.first {
            begin(number, [nearest], row.lane, &using)
            let others = Array(readers.dropFirst())
            if !others.isEmpty {
                let lane = free(besides: taken | (row.lane.map { 1 << $0 } ?? 0))
                if let lane { row.joined |= 1 << lane }
                begin(number, others, lane, &using)
            }
        }
        taken = using
        row.below = taken
        row.uncounted = max(row.uncounted, withoutLane)
        for lane in 0..<Rails.most where (row.above | row.below | row.joined) & 1 << lane != 0 {
            lanes = max(lanes, lane + 1)
        }
        rows.append(row)
    }

    private func free(besides taken: UInt8) -> Int? {
        taken == .max ? nil : (~taken).trailingZeroBitCount
    }

    private mutating func begin(_ source: Int, _ readers: [Int], _ lane: Int?, _ using: inout UInt8) {
        for reader in readers { incoming[reader].append(wires.count) }
        wires.append(Rails.Wire(source: source, readers: readers, lane: lane))
        if let lane {
            using |= 1 << lane
        } else {
            withoutLane += 1
            isCrowded = true
        }
    }
}
