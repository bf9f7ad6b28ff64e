import ArgumentParser
import QAT

/// How many threads a command computes on: a number, or "auto" for one a core.
struct ThreadCount: ExpressibleByArgument, CustomStringConvertible {
    /// The number; 0 is automatic.
    var count = 0

    /// One a core.
    static let automatic = ThreadCount()

    /// A single one.
    static let one = ThreadCount(count: 1)

    private init(count: Int = 0) { self.count = count }

    init?(argument: String) {
        if argument != "auto" {
            guard let number = Int(argument) else { return nil }
            count = number
        }
    }

    var description: String { count == 0 ? "auto" : "\(count)" }

    /// Makes the pool of the calling thread.
    func use() { Engine.useThreads(count) }
}
