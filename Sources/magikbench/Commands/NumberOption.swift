import ArgumentParser
import QAT

/// Checks whole numbers from the command line. Each has a range; no product of numbers within their ranges overflows.
enum NumberOption {
    /// Throws where a given number lies outside of its range, naming the option.
    static func check(_ options: [(name: String, value: Int?, range: ClosedRange<Int>)]) throws {
        for (name, value, range) in options {
            guard let value, !range.contains(value) else { continue }
            throw ValidationError(
                value < range.lowerBound
                    ? "\(name) is at least \(range.lowerBound), not \(value)"
                    : "\(name) is at most \(range.upperBound), not \(value)")
        }
    }

    /// Samples, in a batch or to be looked at.
    static let samples = 1...TrainingLimits.batch
    /// Threads; 0 is one a core.
    static let threads = 0...TrainingLimits.threads
    /// Whatever is counted from 0.
    static let count = 0...TrainingLimits.count
    /// How often something is measured.
    static let rounds = 1...1_000_000
}
