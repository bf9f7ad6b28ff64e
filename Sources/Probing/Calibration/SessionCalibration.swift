import Datasets
import Devices
public import Editing
public import Graph
public import QAT
public import Sessions
public import Weights

/// Quantizing a session's trained float network from data.
extension Session {
    /// How many samples ranges come from where no number is said.
    public static let usualCalibrationSamples = 256

    /// What is quantized: the float model of the session where it has one, else its network with its weights, at some
    /// widths (nil keeps those that it has, 8 bits where it has none), with samples of a data set.
    ///
    /// Labels are not read. `progress` is told how many samples are read and gives false to stop, upon which
    /// `CancellationError` is thrown; else `SessionError`, `CalibrationError` or what the data set says.
    public func calibrationRequest(
        data: String?, samples: Int, widths: BitWidths?, seed: UInt64,
        progress: (Calibration.Progress) -> Bool = { _ in true }
    ) throws -> Calibration.Request {
        let model = try floatModel()
        let weights = model == nil ? try carried ?? weights(isRequired: true) : nil
        guard model != nil || weights != nil else { throw SessionError.noWeights(path) }
        return try document.calibrationRequest(
            of: model, weights, data: data, samples: samples, widths: widths, seed: seed, progress: progress)
    }

    /// Takes a quantized network over: the float model that it came from, the numbers, then the network.
    public mutating func adopt(_ result: CalibrationResult) throws(SessionError) {
        try save(floatModel: result.float)
        document = document.adopting(result)
        try save(with: result.weights)
    }
}

extension Document {
    /// The same of a document with its weights, or with the float model that it was quantized from before.
    ///
    /// Throws `CalibrationError`, `CancellationError` or what the data set says.
    public func calibrationRequest(
        of model: FloatModel?, _ weights: Safetensors?, data: String?, samples: Int, widths: BitWidths?,
        seed: UInt64, progress: (Calibration.Progress) -> Bool = { _ in true }
    ) throws -> Calibration.Request {
        guard let input = network.inputs.first, network.inputs.count == 1 else {
            throw CalibrationError.data(
                "samples feed one input; this network has \(network.inputs.count)")
        }
        let (float, weights) = try floatNetwork(model, weights)
        let spec =
            try data.map { text throws(DatasetError) in try DataSpec(text) } ?? .generated(for: network)
        guard progress(Calibration.Progress(step: .samples, share: 0)) else { throw CancellationError() }
        let dataset = try Dataset.open(
            spec, shape: input.shape, task: network.task, readsLabels: false, seed: seed)
        var request = Calibration.Request(
            try quantized(float, to: widths), weights: weights, on: device.family,
            samples: try CalibrationSamples(dataset, count: samples, for: float, seed: seed) {
                progress(Calibration.Progress(step: .samples, share: $0))
            })
        request.padsBothSides = device.padsBothSides
        return request
    }

    /// The float network with its numbers.
    private func floatNetwork(
        _ model: FloatModel?, _ weights: Safetensors?
    ) throws(CalibrationError) -> (Network, Safetensors) {
        if let model {
            let known = Set(network.nodes.map(\.name))
            if let lost = model.network.nodes.first(where: { !known.contains($0.name) }) {
                throw CalibrationError.network(
                    "the network was edited after it was quantized: it has no layer '\(lost.name)' any more, which the float model in \(Session.floatNetworkFileName) has; undo the edit, or import the model again"
                )
            }
            return (model.network.withQuantizers(of: network), model.weights)
        }
        guard let weights else {
            throw .weights("there are no trained weights to quantize; train in float, or import a model")
        }
        return (network, weights)
    }

    /// The network with its quantizers on.
    private func quantized(_ network: Network, to widths: BitWidths?) throws -> Network {
        let editing = EditBuilder(Analysis(network, on: device.family), for: device)
        let quantized =
            network.isQuantized && widths == nil
            ? network : try network.applying(try editing.quantizing(true))
        return widths.map { quantized.at($0) } ?? quantized
    }
}

extension Document {
    /// The document with the network of a calibration, and waivers for the factors that the data chose.
    public func adopting(_ result: CalibrationResult) -> Document {
        var document = self
        document.network = result.network
        for row in result.rows where (row.factor ?? 3) != 3 {
            let waiver = Waiver(
                rule: "factor-recommended", layer: row.layer,
                reason: "quantize chose it: it loses least of the trained weights")
            document.waivers.removeAll { $0.rule == waiver.rule && $0.layer == waiver.layer }
            document.waivers.append(waiver)
        }
        return document
    }
}

extension Network {
    /// The network with the bits and clips that the same layers have in another.
    fileprivate func withQuantizers(of other: Network) -> Network {
        var nodes: [Node] = []
        for node in self.nodes {
            var node = node
            if var own = node.layer.settings as? any Quantized,
                let theirs = other[node.name]?.layer.settings.quantization,
                other[node.name]?.kind == node.kind
            {
                own.quantizers = theirs
                node.layer = own.layer
            }
            nodes.append(node)
        }
        do {
            return try with(nodes)
        } catch {
            preconditionFailure("names and wires stay: \(error)")
        }
    }
}

extension EditorState {
    /// Takes a quantized network over as a step, with its numbers and the float model that it came from; taking the step
    /// back brings those from before. False where the network and its numbers stay as they are.
    @discardableResult
    public mutating func adopt(_ result: CalibrationResult, at time: Double) -> Bool {
        adopt(
            document.adopting(result), weights: result.weights, floatModel: result.float,
            title: "quantize from data", at: time)
    }
}
