import Graph

/// How far one output of a network is from that of the float model: sums over all elements of all samples.
public struct OutputNoise: Hashable, Sendable {
    /// The layer that gives the output.
    public var name: String
    /// The sum of the squares of the float model's values.
    public var signal: Double
    /// The sum of the squares of the differences.
    public var noise: Double

    /// Sums of an output.
    public init(name: String, signal: Double, noise: Double) {
        self.name = name
        self.signal = signal
        self.noise = noise
    }

    /// Whether both are the same values.
    public var isExact: Bool { noise == 0 }

    /// Signal to quantization noise in dB; nil where both are equal, or there is no signal.
    public var decibels: Double? { Graph.decibels(signal: signal, noise: noise) }
}

extension [OutputNoise] {
    /// The signal to quantization noise of the output that has the least, in dB; nil where there is none, or no noise.
    public var lowest: Double? { compactMap(\.decibels).min() }

    /// The mean of the signal to quantization noise of the outputs that have noise, in dB; nil where none has.
    public var mean: Double? {
        let found = compactMap(\.decibels)
        return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
    }
}
