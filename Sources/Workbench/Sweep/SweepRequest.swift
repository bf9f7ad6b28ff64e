public import Devices
public import Graph
public import QAT

/// What a sweep tries on a network: other bits, clips or weight factors, one layer at a time and then together.
public struct SweepRequest: Sendable {
    /// What is changed.
    public enum Subject: String, CaseIterable, Hashable, Sendable {
        /// Bits of weights and, where asked for, of results.
        case bits
        /// Clips of results.
        case clip
        /// Factors that clip weights.
        case factor
    }

    /// Whose bits are changed.
    public enum Tensors: String, CaseIterable, Hashable, Sendable {
        case weights, results, both

        var includesWeights: Bool { self != .results }
        var includesResults: Bool { self != .weights }
    }

    /// What a mix of bits is to save.
    public enum Cost: String, CaseIterable, Hashable, Sendable {
        /// Bytes of weights; with those of all results where results have other bits.
        case bytes
        /// Multiplications times the bits of both factors.
        case operations
    }

    /// What is changed.
    public var subject = Subject.bits
    /// Whose bits are changed, where the subject is bits.
    public var tensors = Tensors.weights
    /// Bits that may be tried; nil tries all that the chip has.
    public var widths: [Int]?
    /// What a mix is to save.
    public var cost = Cost.bytes
    /// The most that a mix may cost, which is measured beside those of the list; nil asks for none.
    public var budget: Int?
    /// The network, its weights and the samples that are looked at.
    public var look: ProbeRequest
    /// The chip whose rules hold.
    public var device: Device
    /// Labelled samples that accuracy is measured on: of the validation split, or else the test split. 0 measures none.
    public var labelled = 0

    /// A sweep over a network's bits.
    public init(_ look: ProbeRequest, on device: Device) {
        self.look = look
        self.device = device
        // Other bits and clips give other statistics: all candidates get those of the same batch.
        self.look.estimatesNormalization = true
        (self.look.comparesIntegers, self.look.measuresFolding) = (false, false)
    }
}

/// One field of a layer with a value that a sweep tries.
public struct SweepChoice: Hashable, Sendable {
    /// The layer.
    public var layer: String
    /// "weightBits", "outputBits", "clip" or "weightFactor".
    public var field: String
    /// Its value.
    public var value: Double

    var edit: Edit {
        let isWhole = field == "weightBits" || field == "outputBits"
        return .set(layer: layer, field: field, to: isWhole ? .integer(Int(value)) : .number(value))
    }

    /// "conv0.weightBits=4", as `magikbench set` takes it.
    public var assignment: String {
        let isWhole = value == value.rounded() && abs(value) < 1e9
        return "\(layer).\(field)=\(isWhole ? "\(Int(value))" : "\(value)")"
    }
}

/// How good a network is after changes.
public struct SweepMeasure: Hashable, Sendable {
    /// Signal to quantization noise of the network's results in dB; nil where nothing is lost.
    public var sqnr: Double?
    /// The share of right answers; nil where it was not asked for.
    public var accuracy: Double?

    /// Noise over signal, both as energies.
    var noise: Double { sqnr.map { Sweep.ratio(-$0) } ?? 0 }

    /// A measure.
    public init(sqnr: Double?, accuracy: Double? = nil) { (self.sqnr, self.accuracy) = (sqnr, accuracy) }
}

/// The network with one value of one layer changed.
public struct SweepTrial: Hashable, Sendable {
    /// What is changed.
    public var choice: SweepChoice
    /// Whether the layer has this value already.
    public var isPresent: Bool
    /// Whether a rule of the chip was found against it.
    public var isForbidden = false
    /// What came out; nil until it was tried, and where it is forbidden.
    public var measure: SweepMeasure?
    /// What the whole network costs with it; nil until it was tried.
    public var cost: SweepCosts?
}

/// What a network costs, as far as bits decide it.
public struct SweepCosts: Hashable, Sendable {
    /// Bytes of all weights.
    public var weightBytes: Int
    /// Bytes of all results of a sample.
    public var featureBytes: Int
    /// Multiplications of a sample times the bits of both factors; float counts 32.
    public var operations: Int

    init(_ analysis: Analysis) {
        (weightBytes, featureBytes) = (analysis.cost.total.weightBytes, analysis.cost.total.featureBytes)
        operations = analysis.network.nodes.indices.reduce(0) { sum, index in
            let facts = analysis.facts.nodes[index]
            let bits =
                (facts.weightBits ?? Quantization.float) * (facts.inputs.first?.bits ?? Quantization.float)
            let (product, isOver) = analysis.cost.nodes[index].multiplyAccumulates
                .multipliedReportingOverflow(
                    by: bits)
            return isOver || product > Int.max - sum ? Int.max : sum + product
        }
    }

    /// The number that a sweep counts.
    public func counted(_ request: SweepRequest) -> Int {
        switch request.cost {
        case .bytes: request.tensors.includesResults ? weightBytes + featureBytes : weightBytes
        case .operations: operations
        }
    }
}

/// Several changes together.
public struct SweepMix: Hashable, Sendable {
    /// Those that differ from the network as it is, in its order.
    public var choices: [SweepChoice]
    /// What is expected of them, in dB, from each by itself.
    public var foretold: Double?
    /// What came out; nil until it was tried.
    public var measure: SweepMeasure?
    /// What the whole network costs with them.
    public var cost: SweepCosts

    /// The change as one step of undo; nil for the network as it is.
    public var edit: Edit? {
        choices.isEmpty ? nil : .all("\(counted(choices.count, "value")) of the sweep", choices.map(\.edit))
    }
}

/// What a sweep has found so far.
public struct SweepResult: Sendable {
    /// What was asked.
    public var request: SweepRequest
    /// The network as it is; nil until it was measured.
    public var baseline: SweepMeasure?
    /// What the network costs as it is.
    public var cost: SweepCosts
    /// Each layer with each value by itself, in the order of the network.
    public var trials: [SweepTrial]
    /// Changes together, the cheapest first, with none that another beats in cost and SQNR; for clips and factors, what
    /// remains of all that gain something, each added to those before.
    public var mixes: [SweepMix] = []
    /// Looks taken, and those that there are to take; the second grows when mixes are known.
    public var looks = (done: 0, of: 0)
    /// Whether nothing is left to try.
    public var isComplete = false
    /// What the samples were, and where the weights come from.
    public var samples = 0
    public var data = ""
    public var weights = ProbedWeights()

    /// The best mix that costs no more than a number; nil where none does.
    public func best(within budget: Int) -> SweepMix? {
        mixes.filter { $0.measure != nil && $0.cost.counted(request) <= budget }
            .max { ($0.measure?.sqnr ?? .infinity) < ($1.measure?.sqnr ?? .infinity) }
    }
}
