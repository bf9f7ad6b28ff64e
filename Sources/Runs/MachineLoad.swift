import Platform

/// How busy all processors of this machine are, over the last half second or more: `/proc/stat` is read that rarely.
struct MachineLoad {
    private var last: (time: ContinuousClock.Instant, ticks: Ticks)?
    private var share: Double?

    /// Processor time since the machine started, in ticks.
    struct Ticks: Hashable {
        var busy: UInt64
        var all: UInt64

        /// The first line of `/proc/stat`: "cpu user nice system idle iowait irq softirq steal ..."; nil for another text.
        init?(_ text: String) {
            guard let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
            // Time of guests is part of user and nice.
            let numbers = line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }
            guard numbers.count >= 4 else { return nil }
            all = numbers.reduce(0, &+)
            busy = all &- numbers[3] &- (numbers.count > 4 ? numbers[4] : 0)
        }

        /// The fraction of the time since earlier ticks that was busy; nil where no time has passed.
        func share(since earlier: Ticks) -> Double? {
            guard all > earlier.all, busy >= earlier.busy else { return nil }
            return min(1, Double(busy - earlier.busy) / Double(all - earlier.all))
        }
    }

    /// The fraction of processor time that was taken, 0 ... 1; nil at first, and where the system does not say.
    mutating func now() -> Double? {
        let time = ContinuousClock.now
        if let last, time - last.time < .milliseconds(500) { return share }
        let ticks: Ticks?
        do throws(DiskError) {
            ticks = Ticks(String(decoding: try Disk.read("/proc/stat", limit: 1 << 20), as: UTF8.self))
        } catch {
            // Another system: the load is not known there.
            ticks = nil
        }
        share = last.flatMap { last in ticks?.share(since: last.ticks) }
        last = ticks.map { (time, $0) }
        return share
    }
}
