import Foundation
public import Graph

/// A tensor as it was seen.
public struct ProbedTensor: Hashable, Sendable {
    /// Range, moments, histogram, clip and local SQNR.
    public var observation: TensorObservation
    /// What its quantizer makes of it; nil where none acts.
    public var quantizer: ProbedQuantizer?
    /// Each output channel by itself.
    public var channels: ProbedChannels?
    /// A layer's quantized result beside the float network's; nil for weights, parts of composed layers and layers that
    /// only pass values on.
    public var match: FloatMatch?
    /// Of quantized weights, how they lie by channel.
    public var profile: WeightProfile?
    /// Of quantized weights behind which batch norm follows, what folding it into them would change: the size of
    /// Q(w) s - Q(w s) as a share of that of Q(w) s, both as the root of a sum of squares. Q is the weight quantizer,
    /// and s by channel is gamma over the running deviation. 0 where folding changes nothing; nil where it was not
    /// asked for or there is no batch norm.
    public var foldingError: Double?
    /// Of weights below 8 bit, the share whose code differs from that of the earlier weights; nil without these.
    public var flips: Double?

    /// A tensor with what its quantizer makes of it.
    public init(observation: TensorObservation, quantizer: ProbedQuantizer? = nil) {
        self.observation = observation
        self.quantizer = quantizer
    }

    /// Signal to noise in dB of the quantized network's result against the float network's on the same samples, at the
    /// one scale of the former that agrees best: quantized values are normalized, so that the scales differ. Batch norm
    /// takes the statistics of the batch in both. 0 is nothing alike; nil where both are equal, or there is nothing to
    /// compare.
    public var accumulatedSQNR: Double? { match?.decibels }

    /// The share of the quantizer's levels that occur; nil without a quantizer.
    public var levelUse: Double? { quantizer.map { Double($0.levelsUsed) / Double($0.levels) } }
}

/// Every output channel of a tensor by itself.
public struct ProbedChannels: Hashable, Sendable {
    /// By channel, the least value in front of the quantizer.
    public var minimum: [Float]
    /// By channel, the greatest.
    public var maximum: [Float]
    /// By channel, the one value that it gives behind the quantizer over all samples and places; nil where it gives
    /// several. Empty for weights.
    public var level: [Float?] = []

    /// The channels that give one value only.
    public var dead: [Int] { level.indices.filter { level[$0] != nil } }

    /// By channel, the largest magnitude; below zero nothing counts where the quantizer has no sign.
    public func reaches(isUnsigned: Bool) -> [Double] {
        zip(minimum, maximum).map { Double(isUnsigned ? max(0, $1) : max(-$0, $1)) }
    }
}

/// The grid of a quantizer and how a tensor lies on it. Levels are in the units of the tensor in front of the quantizer.
public struct ProbedQuantizer: Hashable, Sendable {
    /// The levels, in units of the range's end.
    public var grid: QuantizationGrid
    /// The lowest level. Of weights that have a scale for each output channel it is that of the channel whose scale is
    /// the median.
    public var lower: Double
    /// The highest level, of the same channel.
    public var upper: Double
    /// How many scales the grid has: the output channels of convolution weights, else 1.
    public var scales: Int
    /// How many values lie on each level, the lowest first; over all channels, by code.
    public var counts: [UInt32]
    /// The mean square of what the quantizer reads, in the units of `meanSquaredError`.
    public var meanSquare: Double
    /// The mean squared error of the quantizer: of weights in their own units, of activations in normalized ones, where
    /// `clip` is 1. 0 where it loses nothing.
    public var meanSquaredError: Double

    /// A grid and how a tensor lies on it.
    public init(
        _ grid: QuantizationGrid, lower: Double, upper: Double, scales: Int, counts: [UInt32],
        meanSquare: Double, meanSquaredError: Double
    ) {
        self.grid = grid
        self.lower = lower
        self.upper = upper
        self.scales = scales
        self.counts = counts
        self.meanSquare = meanSquare
        self.meanSquaredError = meanSquaredError
    }

    /// Bits of a value.
    public var bits: Int { grid.bits }

    /// How many levels there are, evenly from `lower` to `upper`.
    public var levels: Int { grid.codeCount }

    /// The distance of neighbouring levels.
    public var step: Double { (upper - lower) / Double(levels - 1) }

    /// Whether no level is below zero.
    public var isUnsigned: Bool { !grid.isSigned }

    /// Whether 0 is a level.
    public var hasExactZero: Bool { grid.hasExactZero }

    /// How many levels occur.
    public var levelsUsed: Int { counts.count { $0 > 0 } }

    /// The share of values that are quantized to 0.
    public var zeroShare: Double {
        guard hasExactZero else { return 0 }
        return share(UInt64(counts[Int(grid.zeroPlace)]))
    }

    private func share(_ count: UInt64) -> Double {
        Double(count) / Double(max(1, counts.reduce(UInt64(0)) { $0 + UInt64($1) }))
    }

    /// The signal-to-noise ratio in dB of two mean squares; nil where there is no signal or no noise.
    var decibels: Double? {
        Graph.decibels(signal: meanSquare, noise: meanSquaredError)
    }
}

/// The sums that say how alike a layer's results in the float and in the quantized network are.
public struct FloatMatch: Hashable, Sendable {
    /// How many values there are.
    public var count: Int
    /// The sum of the float network's squares.
    public var squares: Double
    /// The sum of the quantized network's squares.
    public var otherSquares: Double
    /// The sum of the products of both.
    public var products: Double
    /// The sum of squares of float - scale x quantized.
    public var noise: Double
    /// The scale of the quantized values that agrees best; at least 0, for values that point the other way are noise.
    public var scale: Double

    /// Whether both are the same values.
    public var isEqual: Bool

    /// Signal to noise in dB; 0 where nothing is alike, nil where both are equal, or there is no signal.
    var decibels: Double? {
        guard !isEqual, squares > 0 else { return nil }
        guard scale > 0 else { return 0 }
        return Graph.decibels(signal: squares, noise: noise)
    }

    /// The cosine of the angle between both: 1 where they differ by their scale alone; nil where one is all zeros.
    public var cosine: Double? {
        let norms = (squares * otherSquares).squareRoot()
        return norms > 0 && norms.isFinite ? max(-1, min(1, products / norms)) : nil
    }

    /// The mean squared error at the best scale, in the units of the float network.
    public var meanSquaredError: Double { noise / Double(max(1, count)) }

    /// Adds other values; the scale is then the best for all of them.
    mutating func add(_ other: FloatMatch) {
        let parts = [self, other]
        count += other.count
        squares += other.squares
        otherSquares += other.otherSquares
        products += other.products
        isEqual = isEqual && other.isEqual
        let best = otherSquares > 0 ? max(0, products / otherSquares) : 0
        // What another scale adds to noise that was measured at a near one, instead of a difference of large sums.
        noise = parts.reduce(0) { sum, part in
            let apart = best - part.scale
            let slope = part.products - part.scale * part.otherSquares
            return sum + max(0, part.noise - 2 * apart * slope + apart * apart * part.otherSquares)
        }
        scale = best
    }
}
