public import Graph
public import QAT

/// One field of a layer with a value that a sweep tries.
public struct SweepChoice: Hashable, Sendable {
    /// The layer.
    public var layer: String
    /// "weightBits", "outputBits", "clip" or "weightFactor".
    public var field: String
    /// Its value.
    public var value: Double

    /// The change.
    public var edit: Edit {
        let isWhole = field == "weightBits" || field == "outputBits"
        return .set(layer: layer, field: field, to: isWhole ? .integer(Int(held: value)) : .number(value))
    }

    /// "conv0.weightBits=4", as `magikbench set` takes it.
    public var assignment: String {
        let isWhole = value == value.rounded() && abs(value) < 1e9
        return "\(layer).\(field)=\(isWhole ? "\(Int(held: value))" : "\(value)")"
    }
}

/// How good a network is after changes.
public struct SweepMeasure: Hashable, Sendable {
    /// Signal to quantization noise of the network's results in dB; nil where nothing is lost.
    public var sqnr: Double?
    /// The share of right answers; nil where it was not asked for.
    public var accuracy: Double?

    /// Noise over signal, both as energies.
    var noise: Double { sqnr.map { ratio(decibels: -$0) } ?? 0 }

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

/// Several changes together.
public struct SweepMix: Hashable, Sendable {
    /// Those that differ from the network as it is, in its order.
    public var choices: [SweepChoice]
    /// What is expected of them, in dB, from each by itself.
    public var predicted: Double?
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
    /// remains of all that gain something, each added to those before. While layers are still tried by themselves, single
    /// changes.
    public var mixes: [SweepMix] = []
    /// Trials that are done, and those that there are to take; the second grows when mixes are known.
    public var progress = (done: 0, of: 0)
    /// The seconds that the trials left are expected to take; nil where that is not known.
    public var secondsLeft: Double?
    /// Whether nothing is left to try.
    public var isComplete = false
    /// How many samples the network was measured on.
    public var samples = 0
    /// What they were: the data set as a command line writes it, or "drawn values".
    public var data = ""
    /// Where the weights come from.
    public var weights = ProbedWeights()

    /// The best mix that costs no more than a number; nil where none does.
    public func best(within budget: Int) -> SweepMix? {
        mixes.filter { $0.measure != nil && $0.cost.counted(request) <= budget }
            .max { ($0.measure?.sqnr ?? .infinity) < ($1.measure?.sqnr ?? .infinity) }
    }
}

extension SweepResult {
    /// The trials of each layer's field, in the order of the network and of the values.
    public var rows: [[SweepTrial]] {
        var rows: [[SweepTrial]] = []
        for trial in trials {
            if let last = rows.last?.last?.choice, last.layer == trial.choice.layer,
                last.field == trial.choice.field
            {
                rows[rows.count - 1].append(trial)
            } else {
                rows.append([trial])
            }
        }
        return rows
    }
}

extension SweepMix {
    /// What is changed, by value: "4: conv9 conv10 rnn; 2: fc1", with results marked; "as it is" for nothing.
    public var words: String {
        guard !choices.isEmpty else { return "as it is" }
        var order: [Double] = []
        var layers: [Double: [String]] = [:]
        for choice in choices {
            if layers[choice.value] == nil { order.append(choice.value) }
            layers[choice.value, default: []].append(
                choice.layer + (choice.field == "outputBits" ? " (result)" : ""))
        }
        return order.sorted().map { value in
            let number = value == value.rounded() ? "\(Int(held: value))" : "\(value)"
            return "\(number): " + (layers[value] ?? []).joined(separator: " ")
        }.joined(separator: "; ")
    }
}
