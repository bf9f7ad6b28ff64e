/// How many samples a run trains in a second, over its last steps.
public struct TrainingRate {
    private var times: [(time: ContinuousClock.Instant, step: Int)] = []
    private static let window = 32

    /// No step yet.
    public init() {}

    /// Time passes that is no step's.
    public mutating func pause() { times = [] }

    /// A step is done.
    public mutating func add(_ step: Int) {
        times.append((.now, step))
        if times.count > TrainingRate.window { times.removeFirst() }
    }

    /// Samples in a second; 0 until two steps are done.
    public func samplesPerSecond(batch: Int) -> Double {
        guard let first = times.first, let last = times.last, last.step > first.step else { return 0 }
        return Double((last.step - first.step) * batch) / ((last.time - first.time) / .seconds(1))
    }
}
