public import Graph

/// What a network's layers look like on one batch: ranges, histograms, levels and errors; and what could not be computed.
public struct ProbeReport: Hashable, Sendable {
    /// The number of the request.
    public var revision: Int
    /// What was computed, in the order of evaluation.
    public var parts: [ProbedPart] = []
    /// The layers that were not computed, in the order of the network.
    public var gaps: [ProbeGap] = []
    /// How the network in integers agrees with the training arithmetic on the first batch; nil where it was not asked for
    /// or `integerFailure` says why not.
    public var integers: IntegerReport?
    /// Why the network was asked for in integers and not computed so.
    public var integerFailure: String?
    /// Why nothing was computed at all; nil where something was, or each gap has its reason.
    public var failure: ProbeFailure?
    /// Where the weights come from.
    public var weights = ProbedWeights()
    /// What entered, for each input of the network.
    public var feeds: [ProbedInput] = []
    /// Why generated data stands in for the data that was asked for; nil where it does not.
    public var dataFailure: String?
    /// Why the network is compared with itself in float and not with the float model that was given; nil where it is not.
    public var floatModelFailure: String?
    /// Samples that were looked at: the number asked for, or fewer where that is too much memory or work.
    public var samples = 0
    /// How long it took, in milliseconds.
    public var milliseconds = 0.0
    /// The bytes that the probe keeps for the next request: data, weights, and what the float network computed.
    public var keptBytes = 0

    /// An answer to the request of that number, with nothing in it yet.
    public init(revision: Int) { self.revision = revision }

    /// The parts of a layer: one for most, several where a layer has several products or outputs.
    public func parts(of layer: String) -> [ProbedPart] { parts.filter { $0.layer == layer } }

    /// Why a layer was not computed; nil where it was.
    public func reason(for layer: String) -> ProbeReason? { gaps.first { $0.layer == layer }?.reason }

    /// Signal to quantization noise of a whole network's results in dB: the lowest of `results`. Nil where none was
    /// computed, or nothing is lost.
    public func outputSQNR(of network: Network) -> Double? { results(of: network).compactMap(\.sqnr).min() }

    /// A result of a network beside that of the float network.
    public struct Result: Hashable, Sendable {
        /// The layer that gives it.
        public var layer: String
        /// How many values it has, over all samples.
        public var values: Int
        /// Signal to quantization noise in dB; nil where nothing is lost.
        public var sqnr: Double?
    }

    /// The results of a network in the order of evaluation: of every path the last layer that is compared with the float network, so that
    /// a network that ends in moves, or that was not computed to its end, has results too.
    public func results(of network: Network) -> [Result] {
        let matches = Dictionary(
            parts.compactMap { part in part.feature?.match.map { (part.layer, $0) } }
        ) { $1 }
        var hasMatchBehind: Set<String> = []
        var found: [Result] = []
        for index in NetworkOrder(network).evaluation.reversed() {
            let node = network.nodes[index]
            let match = matches[node.name]
            if let match, !hasMatchBehind.contains(node.name) {
                found.append(Result(layer: node.name, values: match.count, sqnr: match.decibels))
            }
            if match != nil || hasMatchBehind.contains(node.name) {
                hasMatchBehind.formUnion(node.inputs.map(\.name))
            }
        }
        return found.reversed()
    }

    /// The first layer that could not be computed by its own fault, where there is one.
    public var firstFault: ProbeGap? { gaps.first { !$0.reason.isConsequence } }
}

/// A layer, or one product or output of a composed one, as it was seen.
public struct ProbedPart: Hashable, Sendable {
    /// The layer, or a part of it: "conv0", "se.reduce", "lstm.forward", "split[1]".
    public var name: String
    /// The layer.
    public var layer: String
    /// Its weights in float, as the weight quantizer reads them; nil without weights.
    public var weight: ProbedTensor?
    /// Its result as the activation quantizer reads it, or as it is where no quantizer follows; nil where the part has
    /// none of its own, as a Flatten that only changes axes.
    public var feature: ProbedTensor?

    /// A part with what was seen of it.
    public init(name: String, layer: String, weight: ProbedTensor? = nil, feature: ProbedTensor? = nil) {
        self.name = name
        self.layer = layer
        self.weight = weight
        self.feature = feature
    }
}

/// Where the weights of a probe come from.
public struct ProbedWeights: Hashable, Sendable {
    /// The layers all of whose tensors are trained ones.
    public var kept: [String] = []
    /// The layers with at least one tensor that is new: there are no trained weights, or theirs has another shape, or
    /// holds a number that is not finite.
    public var drawn: [String] = []
    /// The layers whose batch norm has the statistics of the batch.
    public var estimated: [String] = []

    /// Weights of these layers.
    public init(kept: [String] = [], drawn: [String] = [], estimated: [String] = []) {
        self.kept = kept
        self.drawn = drawn
        self.estimated = estimated
    }
}

extension ProbedWeights: CustomStringConvertible {
    /// The facts in a line: "8 of 10 layers keep their trained weights".
    public var description: String {
        guard !kept.isEmpty else {
            return drawn.isEmpty
                ? "no layer has weights"
                : estimated.isEmpty
                    ? "initial weights" : "initial weights, batch norm estimated on the batch"
        }
        guard !drawn.isEmpty else { return "trained weights" }
        return "\(kept.count) of \(counted(kept.count + drawn.count, "layer")) keep their trained weights"
    }
}

/// What entered an input.
public struct ProbedInput: Hashable, Sendable {
    /// The input.
    public var input: String
    /// What its values are.
    public var content: Content

    /// Where values come from.
    public enum Content: Hashable, Sendable {
        /// The first samples of a data set that are not trained on.
        case data(String)
        /// Whole numbers drawn evenly from 0 to below the number of indices that an Embedding has.
        case tokens(below: Int)
        /// Bytes drawn evenly, as the loader hands them on.
        case uniform
        /// Nothing that was computed reads it.
        case unread
    }
}
