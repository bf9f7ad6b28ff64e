import CKernels

// The pool of threads that kernels run on; it belongs to the thread that asks, and is in `CKernels/pool.c`. How many there are
// where no number is said is decided there: one a core. How many of them take part is decided here, by `ThreadBalance`; a
// number that was said stays.
//
// Results do not depend on the number of threads.
extension Engine {
    /// Sets how many threads the calling thread's pool has; 0 is automatic: one a core, of which training lets fewer take part
    /// while other work keeps the cores busy.
    public static func useThreads(_ count: Int) {
        ck_set_threads(Int32(clamping: count))
    }

    /// How many threads the calling thread's pool has.
    public static var threads: Int { Int(ck_threads()) }

    /// Whether the number of threads that take part may follow the load of the machine.
    public static var isAutomatic: Bool { ck_is_automatic() != 0 }

    /// How many of the threads take part in loops: 1 to `threads`.
    public static var activeThreads: Int {
        get { Int(ck_active_threads()) }
        set { ck_set_active_threads(Int32(clamping: newValue)) }
    }
}

/// Decides how many of the pool's threads take part in repeated work, from how long it takes with them.
///
/// Where other work keeps the cores busy, fewer threads may be faster. Now and then half as many, or twice as many, are
/// tried for some rounds, and stay where they are faster. Trials that change nothing become rare.
public struct ThreadBalance {
    /// The most threads.
    public let limit: Int
    /// How many take part now.
    public private(set) var active: Int

    /// Whether another number is tried at the moment.
    public var isTrying: Bool { trial != nil }

    /// The seconds of the last rounds with the number in use.
    private var rounds: [Double] = []
    /// The seconds of the rounds of a trial; nil while none is made.
    private var trial: (rounds: [Double], before: Int)?
    /// The round that begins: steps that together take long enough to be measured.
    private var begun = (seconds: 0.0, steps: 0)
    /// Rounds until the next trial, and how many are between trials.
    private var wait = ThreadBalance.leastPause
    private var pause = ThreadBalance.leastPause
    /// The seconds of a step when the last trial was made.
    private var settled: Double?
    private var triesMore = false

    /// A round is so long that the scheduler has changed threads several times.
    private static let roundSeconds = 0.05
    private static let roundsOfTrial = 3
    private static let leastPause = 8
    private static let longestPause = 1024
    /// Where threads were left out, they are wanted back soon.
    private static let longestPauseBelowLimit = 64

    /// Begins with all threads.
    public init(limit: Int) {
        self.limit = limit
        active = limit
    }

    /// Takes the seconds of one step, made with `active` threads; decides how many make the next.
    public mutating func add(step seconds: Double) {
        guard limit > 1 else { return }
        begun = (begun.seconds + seconds, begun.steps + 1)
        guard begun.seconds >= ThreadBalance.roundSeconds else { return }
        let time = begun.seconds / Double(begun.steps)
        begun = (0, 0)
        if trial == nil { addRound(time) } else { addTrial(time) }
    }

    private mutating func addRound(_ time: Double) {
        rounds.append(time)
        if rounds.count > 4 { rounds.removeFirst() }
        wait -= 1
        guard rounds.count == 4 else { return }
        let now = ThreadBalance.mean(rounds)
        // Other work that begins or ends asks for a trial at once.
        if let settled, now > 1.4 * settled || now < 0.7 * settled {
            pause = ThreadBalance.leastPause
            wait = 0
        }
        guard wait <= 0 else { return }
        trial = ([], active)
        settled = now
        active = candidate
    }

    /// Half as many threads or twice as many, in turn where there are both.
    private var candidate: Int {
        mutating get {
            triesMore = active == 1 || active < limit && !triesMore
            return triesMore ? min(limit, 2 * active) : max(1, active / 2)
        }
    }

    private mutating func addTrial(_ time: Double) {
        guard let (earlier, before) = trial, let settled else { return }
        let times = earlier + [time]
        trial = (times, before)
        // What is far slower is not tried further.
        let isHopeless = times.count == 1 && time > 1.5 * settled
        guard isHopeless || times.count == ThreadBalance.roundsOfTrial else { return }
        let found = ThreadBalance.mean(times)
        trial = nil
        rounds = []
        if found < 0.95 * settled {
            self.settled = found
            pause = ThreadBalance.leastPause
        } else {
            active = before
            let longest = active < limit ? ThreadBalance.longestPauseBelowLimit : ThreadBalance.longestPause
            pause = min(2 * pause, longest)
        }
        wait = pause
    }

    private static func mean(_ times: [Double]) -> Double { times.reduce(0, +) / Double(times.count) }
}
