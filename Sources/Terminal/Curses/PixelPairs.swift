import CCurses

/// The pairs of colours that pictures use, registered with curses when they are first needed.
struct PixelPairs {
    private let first: Int32
    private let end: Int32
    private var next: Int32
    private var numbers: [Int64: Int32] = [:]

    /// Pairs from a number on, as many as the terminal has.
    init(from first: Int32) {
        self.first = first
        end = cc_pairs()
        next = first
    }

    /// Whether the next pair that is not known yet has no number.
    var isFull: Bool { next >= end }

    /// Forgets all pairs, so that their numbers can be used again; every cell must be drawn anew.
    mutating func removeAll() {
        numbers = [:]
        next = first
    }

    /// The number of a pair; nil where the terminal has no more.
    mutating func number(_ foreground: Int32, _ background: Int32) -> Int32? {
        let key = Int64(foreground) << 32 | Int64(background)
        if let number = numbers[key] { return number }
        guard !isFull, init_extended_pair(next, foreground, background) != ERR else { return nil }
        numbers[key] = next
        next += 1
        return next - 1
    }
}
