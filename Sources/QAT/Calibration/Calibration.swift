import Foundation
public import Graph
public import Weights

/// Quantizes a trained float network from data, without labels and without training: ranges of every tensor from samples,
/// scales folded into weights and batch norms, then gains and means corrected behind the quantizers, layer by layer.
///
/// The network keeps its layers; `docs/quantize.md` has the arithmetic.
public struct Calibration {
    /// What is quantized, and how.
    public struct Request: Sendable {
        /// The network with its quantizers on, at the bits that it is to have.
        public var network: Network
        /// The numbers of the same network in float.
        public var weights: Safetensors
        /// The arithmetic.
        public var family: ArithmeticFamily
        /// Whether any padding is 1 on both sides, as one chip has it.
        public var padsBothSides = false
        /// Samples as the network gets them.
        public var samples: CalibrationSamples
        /// How ranges follow from values.
        public var method = RangeMethod.mse
        /// Whether clips stay as they are; else sums and Hswish get those of the data, and others the recommended ones.
        public var keepsClips = false
        /// Whether weights are rounded up or down as it serves each layer's result best.
        public var learnsRounding = true
        /// Whether channels of one tensor are brought nearer to one magnitude.
        public var equalizes = true
        /// Whether signed maps that the chip would not pad with 0 are taken apart into two unsigned ones.
        public var splitsSigns = true
        /// Bytes that a pass over samples may take.
        public var memoryLimit = 2 << 30

        /// A request with the usual settings.
        public init(
            _ network: Network, weights: Safetensors, on family: ArithmeticFamily, samples: CalibrationSamples
        ) {
            self.network = network
            self.weights = weights
            self.family = family
            self.samples = samples
        }
    }

    /// How far it is.
    public struct Progress: Hashable, Sendable {
        /// What is done one after the other.
        public enum Step: String, CaseIterable, Sendable {
            /// Samples are read.
            case samples
            /// Channels are measured.
            case channels
            /// Ranges are measured.
            case ranges
            /// Layers are corrected behind their quantizers, which takes longest.
            case correction
        }

        /// What is being done.
        public var step: Step
        /// The share of the step that is done.
        public var share: Double
        /// Seconds until the step is done; nil where they cannot be told.
        public var left: Double?
        /// Seconds until all steps are done; nil where they cannot be told.
        public var leftInAll: Double?

        /// A step, and the share of it that is done.
        public init(step: Step, share: Double, left: Double? = nil, leftInAll: Double? = nil) {
            self.step = step
            self.share = share
            self.left = left
            self.leftInAll = leftInAll
        }
    }

    /// What a clip may be.
    static let clips = Quantization.clips

    let request: Request
    let floatStore: ParameterStore
    let floatAnalysis: Analysis

    /// Prepares a request; throws where numbers and network do not fit.
    public init(_ request: Request) throws(CalibrationError) {
        self.request = request
        let model = FloatModel(quantizersOffIn: request.network, weights: request.weights)
        floatAnalysis = Analysis(model.network, on: request.family)
        guard request.network.inputs.count == 1 else {
            throw .data(
                "samples feed one input; this network has \(request.network.inputs.count)")
        }
        guard request.samples.count > 0, request.samples.elements == request.network.inputs[0].shape.elements
        else { throw .data("the samples are not of the input's shape \(request.network.inputs[0].shape)") }
        floatStore = ParameterStore(floatAnalysis)
        do {
            try Checkpoint.load(request.weights, into: floatStore)
        } catch {
            throw .weights("\(error)")
        }
    }

    /// Equalizes the float network's channels where that serves the quantized one; its results stay the same.
    private func equalize(_ survey: ChannelSurvey) throws(CalibrationError) -> [String] {
        let equalization = Equalization(
            floatAnalysis, floatStore.numbers, survey,
            signals: Analysis(request.network, on: request.family).facts)
        do {
            for layer in floatStore.layout.parameters + floatStore.layout.statistics {
                if let values = equalization.numbers[layer.name] {
                    try floatStore.set(layer.name, to: values)
                }
            }
        } catch {
            throw .engine(error)
        }
        guard let first = equalization.layers.first else { return [] }
        let others = equalization.layers.count - 1
        return [
            "the channels of '\(first)'"
                + (others > 0 ? " and \(others) other \(others == 1 ? "layer" : "layers")" : "")
                + " were brought nearer to one magnitude, and their readers' weights take it back"
        ]
    }

    /// Quantizes; nil where `progress`, which is asked again and again, gave false.
    public func run(
        progress: (Progress) -> Bool = { _ in true }
    ) throws(CalibrationError) -> CalibrationResult? {
        guard progress(Progress(step: .channels, share: 0)) else { return nil }
        let before = try compare(try plainlyQuantized)
        let channels = try ChannelSurvey(
            floatAnalysis, store: floatStore, samples: request.samples, padsBothSides: request.padsBothSides)
        let equalized = request.equalizes ? try equalize(channels) : []
        var form = try CalibratableNetwork(request.network, floatStore.numbers, on: request.family)
        let padding = PaddingBalance(form.analysis, form.numbers, channels)
        form.replace(padding.weights)
        let signs =
            request.splitsSigns ? try form.splitSigns(of: padding.open) : SignSplit(left: padding.open)
        if !signs.halves.isEmpty { form.equalize(signs.halves, try survey(form)) }
        var groups = ScaleGroups(form.analysis, keepsClips: request.keepsClips)
        var added: Set<String> = []
        while let conflict = groups.conflict {
            guard !added.contains(conflict.name), form.network.nodes.count < Network.nodeLimit,
                let name = try form.separate(conflict)
            else { throw .network("'\(conflict)' cannot have the scale of what it is joined with") }
            added.insert(name)
            groups = ScaleGroups(form.analysis, keepsClips: request.keepsClips)
        }
        let analysis = form.analysis
        let plain = FloatModel.quantizersOff(form.network)
        let plainAnalysis = Analysis(plain, on: request.family)
        let plainStore = try ParameterStore(plainAnalysis, numbers: form.numbers)
        var isCancelled = false
        func report(_ step: Progress.Step, _ share: Double) -> Bool {
            if !isCancelled { isCancelled = !progress(Progress(step: step, share: share)) }
            return !isCancelled
        }
        let survey = try RangeSurvey(
            plainAnalysis, store: plainStore, samples: request.samples,
            padsBothSides: request.padsBothSides, wanted: Set(groups.quantized)
        ) { report(.ranges, $0) }
        guard report(.correction, 0) else { return nil }
        let scales = ChosenScales(groups, survey, analysis, request)
        var folded = try ScaleFolding(form, scales, analysis, request)
        if !folded.layersInNeedOfNorm.isEmpty {
            try form.switchNormOn(folded.layersInNeedOfNorm)
            folded = try ScaleFolding(form, scales, form.analysis, request)
        }
        let store = try ParameterStore(folded.analysis, numbers: folded.numbers)
        do {
            let pairs = try PairedRun(
                float: (folded.float, try ParameterStore(folded.float, numbers: folded.plainNumbers)),
                quantized: (folded.analysis, store), samples: request.samples,
                padsBothSides: request.padsBothSides, memoryLimit: request.memoryLimit)
            let correction = Correction(
                pairs, folded.parts, store, rounding: request.learnsRounding ? folded.placements : [:])
            let count = Double(max(1, folded.parts.count))
            try correction.correct { report(.correction, Double($0) / count) }
        } catch let error as CalibrationError {
            throw error
        } catch let error as EngineError {
            throw .engine(error)
        } catch {
            throw .network("\(error)")
        }
        if isCancelled { return nil }
        let after = try compare((folded.analysis, store))
        return CalibrationResult(
            network: folded.analysis.network,
            weights: Checkpoint.weights(store, digest: folded.analysis.network.digest),
            float: FloatModel(
                network: floatAnalysis.network,
                weights: Checkpoint.weights(floatStore, digest: floatAnalysis.network.digest)),
            notes: equalized + form.notes + padding.notes + PaddingBalance.notes(left: signs.left),
            samples: request.samples.count,
            rows: CalibrationResult.rows(
                request.network, folded, scales, survey, before: before, after: after),
            before: before.results, after: after.results)
    }

    /// How large the channels of a form's layers are in float.
    private func survey(_ form: CalibratableNetwork) throws(CalibrationError) -> ChannelSurvey {
        let analysis = Analysis(FloatModel.quantizersOff(form.network), on: request.family)
        return try ChannelSurvey(
            analysis, store: try ParameterStore(analysis, numbers: form.numbers), samples: request.samples,
            padsBothSides: request.padsBothSides)
    }

    /// The network with its quantizers on, and the float network's numbers as they are.
    var plainlyQuantized: (analysis: Analysis, store: ParameterStore) {
        get throws(CalibrationError) {
            let analysis = Analysis(request.network.withFixedClips, on: request.family)
            return (analysis, try ParameterStore(analysis, numbers: floatStore.numbers))
        }
    }

    private func compare(
        _ quantized: (analysis: Analysis, store: ParameterStore)
    ) throws(CalibrationError) -> CalibrationComparison {
        try CalibrationComparison(
            float: (floatAnalysis, floatStore), quantized: quantized, samples: request.samples,
            padsBothSides: request.padsBothSides, memoryLimit: request.memoryLimit)
    }
}

extension ParameterStore {
    /// All numbers by their names.
    var numbers: [String: [Float]] {
        var found: [String: [Float]] = [:]
        for entry in layout.parameters + layout.statistics { found[entry.name] = self[entry.name] }
        return found
    }

    /// A store with numbers; throws where one is missing or has another size.
    convenience init(_ analysis: Analysis, numbers: [String: [Float]]) throws(CalibrationError) {
        self.init(analysis)
        for entry in layout.parameters + layout.statistics where entry.role != .logClip {
            guard let values = numbers[entry.name] else {
                throw .weights("the weights have no '\(entry.name)'")
            }
            do {
                try set(entry.name, to: values)
            } catch {
                throw .weights("\(error)")
            }
        }
    }
}

extension Network {
    /// The network with clips that are not learned.
    fileprivate var withFixedClips: Network {
        replacingNodes { node in
            var node = node
            node.layer.changeQuantizers { $0.autoThreshold = false }
            return node
        }
    }

    /// The network with other settings in the same places; wires and names stay.
    func replacingNodes(_ change: (Node) -> Node) -> Network {
        do {
            return try with(nodes.map(change))
        } catch {
            preconditionFailure("names and wires stay: \(error)")
        }
    }
}

extension FloatModel {
    /// A network with all quantizers off, and its numbers.
    public init(quantizersOffIn network: Network, weights: Safetensors) {
        self.init(network: FloatModel.quantizersOff(network), weights: weights)
    }

    static func quantizersOff(_ network: Network) -> Network {
        network.replacingNodes { node in
            var node = node
            node.layer.changeQuantizers { $0.isEnabled = false }
            return node
        }
    }
}
