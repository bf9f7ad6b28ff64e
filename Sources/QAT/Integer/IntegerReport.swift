import Foundation

/// How a network in integers agrees with the training arithmetic on one batch, part by part.
public struct IntegerReport: Hashable, Sendable {
    /// Codes that differ from those of the training arithmetic.
    public struct Difference: Hashable, Sendable {
        /// Codes that were compared.
        public var elements = 0
        /// How many differ.
        public var mismatched = 0
        /// By how many codes at most; for a float result in units of its sums, or of 2^-18 of its largest value where these
        /// are finer than floats are.
        public var largestStep = 0
        /// The farthest that what was rounded to a differing code lies from where rounding changes (a half, or 0.501), in
        /// codes; 0 without differences, nil where it was not asked or is not known.
        public var farthestFromBoundary: Double?
    }

    /// The sums of a layer.
    public struct Accumulator: Hashable, Sendable {
        /// The largest magnitude that a finished sum had.
        public var peak: Int
        /// The largest that it may have: 2^31 - 1, or less where the chip's accumulator is narrower.
        public var bound: Int

        /// The bound of a 32-bit accumulator.
        public static let bits32 = Int(Int32.max)

        /// Sums with a peak and a bound.
        public init(peak: Int, bound: Int) { (self.peak, self.bound) = (peak, bound) }

        /// How many bits the accumulator could lose before the peak left it; negative where the peak already does.
        public var headroomBits: Double { log2(Double(bound) / Double(max(1, peak))) }

        mutating func raise(to peak: Int) { self.peak = max(self.peak, peak) }

        /// Both together: the higher peak.
        func joined(with other: Accumulator?) -> Accumulator {
            Accumulator(peak: max(peak, other?.peak ?? 0), bound: min(bound, other?.bound ?? bound))
        }
    }

    /// A layer, or a part of a composed one.
    public struct Part: Hashable, Sendable {
        /// "conv0", or "se.reduce" of a Se_Block "se".
        public var name: String
        /// The layer that it belongs to.
        public var layer: String
        /// With the training arithmetic's codes as inputs; an LSTM with its states before each step too.
        public var local = Difference()
        /// With what the integer network itself has computed so far.
        public var accumulated = Difference()
        /// Its sums; nil where nothing is summed.
        public var accumulator: Accumulator?
        /// Whether the result is float: whole sums, scaled.
        public var isFloat = false
        /// Why it has no integer form; the training arithmetic stands in for it. Nil where it has one.
        public var reason: String?
    }

    /// What an input of the network lost when its values became steps.
    public struct Input: Hashable, Sendable {
        /// The input.
        public var name: String
        /// Its values.
        public var elements: Int
        /// How many lie between steps, or outside of 0 ... 255 before the loader's mean and variance.
        public var moved: Int
    }

    /// The inputs in the order of the network.
    public var inputs: [Input] = []
    /// In the order of evaluation.
    public var parts: [Part] = []

    /// The first part of the integer network whose codes differ from the training arithmetic's.
    public var firstToPart: Part? { parts.first { $0.accumulated.mismatched > 0 } }

    /// A layer as a whole: its last part, with the sums of all, the first reason, and the differences of all.
    public func layer(_ name: String) -> Part? {
        let own = parts.filter { $0.layer == name }
        guard var whole = own.last else { return nil }
        for part in own.dropLast() {
            whole.accumulator =
                part.accumulator.map { $0.joined(with: whole.accumulator) } ?? whole.accumulator
            whole.reason = part.reason ?? whole.reason
            whole.local.add(part.local)
            whole.accumulated.add(part.accumulated)
        }
        whole.name = name
        return whole
    }
}

extension IntegerReport.Difference {
    /// Counts those of another too.
    mutating func add(_ other: IntegerReport.Difference) {
        elements += other.elements
        mismatched += other.mismatched
        largestStep = max(largestStep, other.largestStep)
        if let theirs = other.farthestFromBoundary {
            farthestFromBoundary = max(farthestFromBoundary ?? 0, theirs)
        }
    }
}
