/// Puts changes together that are each good alone: some all at once, and where they make the network worse, one after the
/// other; then others, one after the other. The result is never worse than the network at the start.
///
/// The type runs no probe: its caller measures the network `next` and passes in the value.
struct JointTrial<Change: Hashable & Sendable>: Sendable {
    /// The changes that are kept so far.
    private(set) var kept: [Change] = []
    /// How good the network is with them; larger is better, and infinity where nothing is lost.
    private(set) var value: Double
    private let leastGain: Double
    private let isReplaced: @Sendable (Change, Change) -> Bool
    private var together: [Change]
    private var rest: [Change]

    /// Begins with a network of some value. A change that is added must gain at least so much, which may be below 0; it
    /// takes the place of a kept one for which `isReplaced(kept, added)` is true.
    init(
        _ value: Double, together: [Change] = [], then rest: [Change], leastGain: Double,
        isReplaced: @escaping @Sendable (Change, Change) -> Bool = { $0 == $1 }
    ) {
        self.value = value
        self.leastGain = leastGain
        self.isReplaced = isReplaced
        self.together = together
        self.rest = rest.filter { !together.contains($0) }
    }

    /// The changes that are to be measured next; nil where nothing is left.
    var next: [Change]? {
        guard together.isEmpty else { return together }
        return rest.first.map { added in kept.filter { !isReplaced($0, added) } + [added] }
    }

    /// Measures that are left at most; more where what was put together is worse.
    var remaining: Int { (together.isEmpty ? 0 : 1) + rest.count }

    /// What is measured if nothing of it makes the network worse.
    var left: [[Change]] { (together.isEmpty ? [] : [together]) + rest.map { [$0] } }

    /// Takes the value of the network with `next`; whether they are kept.
    mutating func take(_ found: Double) -> Bool {
        guard let next else { return false }
        let isTogether = !together.isEmpty
        let least = isTogether ? min(0, leastGain) : leastGain
        let isKept = found == value ? least <= 0 : found >= value + least
        drop()
        if isKept { (kept, value) = (next, found) }
        if isTogether, !isKept { rest = next + rest }
        return isKept
    }

    /// Leaves `next` out, which cannot be measured; what was to be put together is tried one after the other.
    mutating func skip() {
        let all = together
        drop()
        rest = all + rest
    }

    private mutating func drop() {
        if together.isEmpty { rest.removeFirst() } else { together = [] }
    }
}
