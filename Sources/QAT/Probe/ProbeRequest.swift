public import Graph
public import Weights

/// What is to be looked at: a network on one batch of data, with trained weights or with initial ones.
public struct ProbeRequest: Sendable {
    /// The number that the answer repeats, so that a newer request is told from an older one.
    public var revision = 0
    /// The network, finished or not.
    public var network: Network
    /// The arithmetic of its chip.
    public var family: ArithmeticFamily
    /// Whether any padding is 1 on both sides, as one chip has it.
    public var padsBothSides = false
    /// The data set as a command line writes it (`DataSpec`); nil is the generated one that fits the first input.
    public var data: String?
    /// Whether the generated data set stands in for one that cannot be read; the report then says why.
    public var replacesUnreadData = false
    /// Decides generated data and initial weights.
    public var seed: UInt64 = 1
    /// Trained weights, taken over by name wherever the shape still fits; nil begins with initial ones.
    public var weights: Safetensors?
    /// The float model that the network was quantized from, in whose place the network itself in float is compared with
    /// where there is none: layers of the same name and shape.
    public var floatModel: FloatModel?
    /// Whether batch norm takes the statistics of the batch also where trained ones are there: for weights that were
    /// trained in float, or at other bits.
    public var estimatesNormalization = false
    /// Samples; fewer are taken where these would be too large, or there are not so many.
    public var batch = 32
    /// Batches that are looked at one after the other, in memory that does not grow with their number.
    public var batches = 1
    /// Whether `foldingError` is measured too, which quantizes the weights once more.
    public var measuresFolding = false
    /// Whether the network is also computed in integers, on the first batch, and compared with the training arithmetic.
    public var comparesIntegers = false
    /// Weights of an earlier moment, for `flips`; nil compares with nothing.
    public var earlierWeights: Safetensors?
    /// Threads of the pool; 0 is one a core.
    public var threads = 0
    /// The most bytes that the probe may work with and keep.
    public var memoryLimit = 1 << 30

    /// A probe of a network.
    public init(_ network: Network, on family: ArithmeticFamily) {
        self.network = network
        self.family = family
    }

    /// Asks for so many samples, 1 or more: more than a batch holds are looked at batch by batch, in equal batches, which may
    /// leave a few out.
    public mutating func take(samples: Int) {
        let batches = (samples + batch - 1) / batch
        batch = samples / batches
        self.batches = batches
    }
}
