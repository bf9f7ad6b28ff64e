import Foundation
public import Graph

/// The slow and obvious interpreter: the truth that every kernel is compared with.
///
/// It follows docs/arithmetic.md line by line in double precision. All values are in canonical order, the batch
/// outermost: maps channels, height, width; sequences time, features.
public struct ReferenceNetwork {
    /// What is computed.
    public let analysis: Analysis
    /// Whether quantizers act; if not, every layer runs in float mode.
    public let isQuantized: Bool
    /// Whether any padding is 1 on both sides, as on T02.
    public let padsBothSides: Bool
    /// The names of all parameters, in the order of the layers.
    public let parameterNames: [String]
    /// The axes of each parameter: out, in / groups, height, width of a kernel; out, in of a matrix; else one.
    public let parameterShapes: [String: [Int]]

    /// The values of each parameter, under "layer.parameter".
    public var parameters: [String: [Double]]
    /// The running mean and variance of each batch norm, under "layer.runningMean" and "layer.runningVariance".
    public var statistics: [String: [Double]]

    private var tape = ReferenceTape()
    private var parameterTensors: [String: ReferenceTensor] = [:]
    private var inputTensors: [ReferenceTensor] = []
    private var results: [String: [ReferenceTensor]] = [:]
    private var unrounded: [String: [Double]] = [:]

    /// A network whose every layer has shapes. `quantized` false runs all of it in float mode.
    ///
    /// Weights and biases start at 0, batch norms and PReLUs at their usual values, learned clips at the stored ones.
    public init(_ analysis: Analysis, quantized: Bool, padsBothSides: Bool = false) {
        self.analysis = analysis
        isQuantized = quantized
        self.padsBothSides = padsBothSides
        let starts = analysis.network.nodes.indices.flatMap {
            ReferenceNetwork.starts(of: $0, in: analysis, quantized: quantized)
        }
        parameterNames = starts.map(\.name)
        parameterShapes = Dictionary(uniqueKeysWithValues: starts.map { ($0.name, $0.shape) })
        parameters = Dictionary(
            uniqueKeysWithValues: starts.map {
                ($0.name, [Double](repeating: $0.value, count: $0.shape.reduce(1, *)))
            })
        statistics = [:]
        for start in starts where start.name.hasSuffix("gamma") {
            let stem = start.name.dropLast("gamma".count)
            statistics[stem + "runningMean"] = [Double](repeating: 0, count: start.shape[0])
            statistics[stem + "runningVariance"] = [Double](repeating: 1, count: start.shape[0])
        }
    }

    /// Computes every layer; takes the values of each network input, gives every output of each last layer, the
    /// layers in the network's order. In training, batch norms move the running statistics.
    public mutating func forward(_ inputs: [[Double]], batch: Int, training: Bool) -> [[Double]] {
        let network = analysis.network
        precondition(inputs.count == network.inputs.count, "\(network.inputs.count) inputs are needed")
        var pass = ReferencePass(
            analysis: analysis, batch: batch, isQuantized: isQuantized, isTraining: training,
            padsBothSides: padsBothSides)
        pass.statistics = statistics
        for name in parameterNames {
            pass.parameters[name] = pass.tape.leaf(parameters[name] ?? [], parameterShapes[name] ?? [])
        }
        inputTensors = zip(network.inputs, inputs).map { input, values in
            pass.tape.leaf(values, [batch] + input.shape.dimensions)
        }
        results = [:]
        for index in analysis.order.evaluation { evaluate(index, in: &pass) }
        (tape, parameterTensors, unrounded) = (pass.tape, pass.parameters, pass.unrounded)
        statistics = pass.statistics
        return lastTensors.map(\.values)
    }

    /// The gradients of all parameters and inputs, from those of what `forward` returned.
    public mutating func backward(
        _ outputGradients: [[Double]]
    ) -> (parameters: [String: [Double]], inputs: [[Double]]) {
        let outputs = lastTensors
        precondition(outputGradients.count == outputs.count, "\(outputs.count) gradients are needed")
        let gradients = tape.gradients(
            from: zip(outputs, outputGradients).map { (tensor: $0, gradient: $1) })
        return (parameterTensors.mapValues { gradients[$0] }, inputTensors.map { gradients[$0] })
    }

    /// The values that a layer's output had in the last `forward`.
    public func values(of layer: String, output: Int = 0) -> [Double] {
        guard let outputs = results[layer], outputs.indices.contains(output) else {
            preconditionFailure("no forward pass has computed output \(output) of '\(layer)'")
        }
        return outputs[output].values
    }

    /// What a layer's activation quantizer read in the last `forward`, in code units just before rounding; nil without a
    /// quantizer. The quantizers inside a layer are "layer.depthwise", or "layer.mean", "layer.reduce", "layer.expand".
    public func unrounded(of layer: String) -> [Double]? { unrounded[layer] }

    /// How near a value of the last `forward` came to a boundary of its quantizer, in steps.
    public var nearestBoundary: Double { tape.nearestBoundary }

    private var lastTensors: [ReferenceTensor] {
        analysis.network.nodes.indices.filter { analysis.facts.nodes[$0].isLast }
            .flatMap { results[analysis.network.nodes[$0].name] ?? [] }
    }

    private mutating func evaluate(_ index: Int, in pass: inout ReferencePass) {
        let node = analysis.network.nodes[index]
        let inputs = node.inputs.map { source in
            switch analysis.network.place(of: source.name) {
            case .input(let input): inputTensors[input]
            case .node: results[source.name, default: []][source.output]
            case nil: preconditionFailure("a wire of '\(node.name)' leads nowhere")
            }
        }
        pass.position = index
        let outputs = node.layer.reference.evaluate(inputs, in: &pass)
        precondition(
            outputs.map(\.shape) == pass.outputShapes,
            "'\(node.name)' gave \(outputs.map(\.shape)), not \(pass.outputShapes)")
        results[node.name] = outputs
    }
}

// What there is to learn, and where it starts.
extension ReferenceNetwork {
    private typealias Start = (name: String, shape: [Int], value: Double)

    private static func starts(of index: Int, in analysis: Analysis, quantized: Bool) -> [Start] {
        let node = analysis.network.nodes[index]
        guard let shapes = analysis.shapes.known(index) else { return [] }
        let settings = node.layer.settings
        var starts = settings.parameters(for: shapes, on: analysis.facts.family).map { parameter in
            (name: "\(node.name).\(parameter.name)", shape: parameter.shape, value: start(of: parameter.role))
        }
        if quantized, let quantization = settings.quantization, quantization.autoThreshold,
            !analysis.facts.nodes[index].output.isFloat, hasOwnClip(node.kind),
            settings.activation != .hsigmoid
        {
            starts.append((name: "\(node.name).logClip", shape: [1], value: log(quantization.clip)))
        }
        return starts
    }

    private static func start(of role: Parameter.Role) -> Double {
        switch role {
        case .weight, .bias, .shift: 0
        case .scale: 1
        case .slope: Activation.firstSlope
        }
    }

    /// Whether the operator's activation quantizer has a clip that can be learned (docs/arithmetic.md, Learned clips).
    private static func hasOwnClip(_ kind: OperatorKind) -> Bool {
        kind.fields.contains { $0.name == "autoThreshold" }
    }
}

extension Layer {
    /// The operator as the interpreter evaluates it.
    fileprivate var reference: any ReferenceOperator {
        switch self {
        case .preprocess(let settings): settings
        case .conv2D(let settings): settings
        case .convTranspose2D(let settings): settings
        case .depthwiseConv2D(let settings): settings
        case .fullConnected(let settings): settings
        case .batchNorm(let settings): settings
        case .flatten(let settings): settings
        case .route(let settings): settings
        case .shortcut(let settings): settings
        case .maxpool2D(let settings): settings
        case .avgpool2D(let settings): settings
        case .adaptiveAvgpool2D(let settings): settings
        case .unpool2D(let settings): settings
        case .seBlock(let settings): settings
        case .mul(let settings): settings
        case .channelSplit(let settings): settings
        case .pixelShuffle(let settings): settings
        case .lstm(let settings): settings
        case .embedding(let settings): settings
        case .max(let settings): settings
        }
    }
}
