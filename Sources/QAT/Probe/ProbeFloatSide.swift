import Graph
import Weights

// The float network that the quantized one is compared with: the float model that it was made from, or itself in float.
extension Probe {
    /// The float network of a request, ready to be run.
    struct FloatSide {
        var analysis: Analysis
        var weights: ProbeWeights
        var absent: Set<Int>
        /// Whether it is a float model, and not the quantized network itself in float.
        var isModel: Bool
        var change: (scale: Float, shift: Float)
    }

    func float(
        _ request: ProbeRequest, _ side: FloatSide, _ feed: ProbeBatch
    ) throws(EngineError) -> FloatResults {
        let key = floatKey(request, side, feed)
        if let float, float.key == key { return float }
        float = nil
        kept = nil
        let made = try FloatResults(key, try floatRun(request, side, feed), samples: feed.samples)
        float = made
        return made
    }

    /// What decides the float network's results.
    func floatKey(_ request: ProbeRequest, _ side: FloatSide, _ feed: ProbeBatch) -> FloatResults.Key {
        FloatResults.Key(
            network: side.analysis.network, family: request.family, padsBothSides: request.padsBothSides,
            absent: side.absent, feed: ObjectIdentifier(feed), weights: ObjectIdentifier(side.weights),
            isModel: side.isModel)
    }

    func floatRun(
        _ request: ProbeRequest, _ side: FloatSide, _ feed: ProbeBatch
    ) throws(EngineError) -> ProbeRun {
        try ProbeRun(
            side.analysis, leavingOut: side.absent, store: side.weights.store, feed: feed, isQuantized: false,
            padsBothSides: request.padsBothSides, memoryLimit: request.memoryLimit - keptBytes,
            change: side.change)
    }

    /// The float model of a request; nil where there is none that takes the same inputs.
    func floatModel(_ request: ProbeRequest) -> FloatSide? {
        guard let model = request.floatModel, Probe.misfit(of: model, in: request) == nil else {
            modelWeights = nil
            return nil
        }
        let analysis = Analysis(model.network, on: request.family)
        let layout = ParameterLayout(analysis)
        var weights = modelWeights
        if weights?.fit(layout, seed: request.seed, trained: model.weights) != true {
            weights = ProbeWeights(analysis, layout, seed: request.seed, trained: model.weights)
            modelWeights = weights
        }
        return weights.map {
            FloatSide(
                analysis: analysis, weights: $0, absent: [], isModel: true,
                change: InputNormalization(request.network).change(to: InputNormalization(model.network)))
        }
    }

    /// Why a float model cannot be compared with a network; nil where it can.
    static func misfit(of model: FloatModel, in request: ProbeRequest) -> String? {
        let mine = request.network.inputs.map(\.shape)
        let theirs = model.network.inputs.map(\.shape)
        guard mine == theirs else {
            func list(_ shapes: [Shape]) -> String { shapes.map(\.description).joined(separator: ", ") }
            return "the float model takes \(list(theirs)), the network \(list(mine))"
        }
        return nil
    }
}
