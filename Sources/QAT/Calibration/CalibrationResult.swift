public import Graph
public import Weights

/// A quantized network as a calibration made it, and how near it is to the float one.
public struct CalibrationResult: Sendable {
    /// A layer before and after.
    public struct Row: Hashable, Sendable {
        /// The layer.
        public var layer: String
        /// What its tensor reaches in real units where the quantizer's range ends; nil where the result is float.
        public var range: Double?
        /// The largest magnitude that the samples showed.
        public var largest: Double?
        /// The clip and the weight factor that it has now; nil where it has none.
        public var clip, factor: Double?
        /// The quantized network's result against the float one's, in dB, each scaled to the other; nil where nothing is
        /// lost, or the layer was not there.
        public var before, after: Double?
    }

    /// The network.
    public let network: Network
    /// Its numbers.
    public let weights: Safetensors
    /// The float network that it came from.
    public let float: FloatModel
    /// What was put in or replaced, one sentence each.
    public let notes: [String]
    /// Samples that the ranges come from.
    public let samples: Int
    /// The layers, in the order of the network.
    public let rows: [Row]
    /// By result, dB in real units, before and after.
    public let before, after: [String: Double]

    static func rows(
        _ old: Network, _ folded: ScaleFolding, _ scales: ChosenScales, _ survey: RangeSurvey,
        before: CalibrationComparison, after: CalibrationComparison
    ) -> [Row] {
        folded.analysis.network.nodes.enumerated().compactMap { index, node in
            guard FloatResults.compares(node) else { return nil }
            let signal = folded.analysis.facts.nodes[index].output
            let histogram = survey.histograms[Source(node.name)]
            let quantization = node.layer.settings.quantization
            let names = node.kind.fields.map(\.name)
            return Row(
                layer: node.name, range: signal.isFloat ? nil : scales[Source(node.name)],
                largest: histogram.map { max(-$0.minimum, $0.maximum) },
                clip: names.contains("clip") ? quantization?.clip : nil,
                factor: names.contains("weightFactor") ? quantization?.weightFactor : nil,
                before: before.layers[node.name], after: after.layers[node.name])
        }
    }
}
