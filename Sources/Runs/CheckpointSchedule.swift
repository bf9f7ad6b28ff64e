/// When a run writes a checkpoint within an epoch: a minute after the last one. At the end of an epoch it always does.
package struct CheckpointSchedule {
    private var last = ContinuousClock.now

    /// A schedule that begins now.
    package init() {}

    /// Whether a minute is over.
    package var isDue: Bool { ContinuousClock.now - last > .seconds(60) }

    /// A checkpoint was written now.
    package mutating func restart() { last = ContinuousClock.now }
}
