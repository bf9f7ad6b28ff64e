import CKernels
import Graph

/// Turns the layers of a network into kernels, family by family.
struct LayerLowering {
    let builder: Builder
    let analysis: Analysis
    /// The chip pads 1 on both sides, whatever the number.
    let padsBothSides: Bool
    let index: Int

    var node: Node { analysis.network.nodes[index] }
    var name: String { node.name }
    var facts: SignalAnalysis.Facts { analysis.facts.nodes[index] }
    /// The signal of the results in this program.
    var signal: Signal { builder.isQuantized ? facts.output : .float }
    /// The shapes of the results.
    var shapes: [Shape] {
        guard case .success(let shapes) = analysis.shapes.outputs[index] else { return [] }
        return shapes
    }

    /// Adds the kernels of the layer; gives one tensor for each of its outputs.
    func lower(_ inputs: [Tensor]) throws(EngineError) -> [Tensor] {
        let inputs = separated(inputs)
        switch node.layer {
        case .preprocess: return [builder.alias(inputs[0], shape: shapes[0], signal: preprocessed)]
        case .conv2D(let settings): return [try convolution(settings, inputs[0])]
        case .depthwiseConv2D(let settings): return [try depthwise(settings, inputs[0])]
        case .convTranspose2D(let settings): return [try transposed(settings, inputs[0])]
        case .fullConnected(let settings): return [try dense(settings, inputs[0])]
        case .seBlock(let settings): return [try squeezeExcite(settings, inputs[0])]
        case .batchNorm(let settings): return [batchNorm(settings, inputs[0])]
        case .maxpool2D(let settings): return [try maxPool(settings, inputs[0])]
        case .avgpool2D(let settings): return [try meanPool(settings.window, inputs[0])]
        case .adaptiveAvgpool2D: return [try globalMean(inputs[0], shape: shapes[0], signal: signal)]
        case .unpool2D(let settings): return [unpool(settings, inputs[0], shape: shapes[0])]
        case .route: return [route(inputs)]
        case .shortcut(let settings): return [shortcut(settings, inputs)]
        case .mul: return [multiplied(inputs)]
        case .max: return [maximum(inputs)]
        case .flatten: return [flattened(inputs[0])]
        case .channelSplit: return split(inputs[0])
        case .pixelShuffle(let settings): return [shuffled(settings, inputs[0])]
        case .lstm(let settings): return try recurrent(settings, inputs[0])
        case .embedding(let settings): return [try embedded(settings, inputs)]
        }
    }

    /// A tensor that stands twice among the inputs is copied: each reader hands back a gradient of its own.
    private func separated(_ inputs: [Tensor]) -> [Tensor] {
        var seen: [Tensor] = []
        return inputs.map { input in
            let isNew = !seen.contains { $0.storage === input.storage }
            seen.append(input)
            guard !isNew else { return input }
            let copy = builder.tensor(input.shape, input.signal, needsGradient: input.needsGradient)
            copy.holdsCodes = input.holdsCodes
            builder.add(MoveKernel(builder, layer: name, .copy, input: input, output: copy))
            return copy
        }
    }

    private var preprocessed: Signal { builder.isQuantized ? facts.output : .float }

    /// What surrounds a map where a window reaches over its edge.
    func padValue(_ input: Tensor) -> Float {
        builder.isQuantized ? builder.family.padding(of: input.signal, isFirst: facts.isFirst) : 0
    }

    /// A result of the layer.
    func result(_ shape: Shape, of inputs: [Tensor], holdsCodes: Bool) -> Tensor {
        let tensor = builder.tensor(
            shape, signal, needsGradient: inputs.contains { $0.needsGradient } || node.kind.learns)
        tensor.holdsCodes = holdsCodes
        return tensor
    }

    /// How the layer's weights are quantized in this program.
    func weightQuantizer(isPerTensor: Bool = false, isDepthwise: Bool = false) -> WeightQuantizer {
        WeightQuantizer(
            bits: builder.isQuantized ? facts.weightBits ?? Quantization.float : Quantization.float,
            factor: node.layer.settings.quantization?.weightFactor ?? 3, isPerTensor: isPerTensor,
            isSIMD: isDepthwise || builder.family == .simd)
    }

    /// The bound of the SIMD family's accumulator below 8 weight bits (docs/arithmetic.md, Bits chosen by the kit); nil where it is free.
    func accumulatorBound(_ bound: Int) -> Int? {
        let isNarrow = builder.family == .simd && (facts.weightBits ?? Quantization.float) < 8
        return isNarrow && !facts.isFirst && !facts.isLast ? bound : nil
    }

    /// The layer's own epilogue, under the parameter names of the operator.
    func epilogue(
        _ activation: Activation, batchNorm: Bool, bias: Bool, signal: Signal? = nil
    ) -> Epilogue.Settings {
        Epilogue.Settings(
            activation: activation, signal: signal ?? self.signal,
            clip: node.layer.settings.quantization?.clip ?? 1, prefix: "\(name).", hasBatchNorm: batchNorm,
            biasName: bias ? "\(name).bias" : nil,
            logClipName: node.layer.learnsClip ? "\(name).logClip" : nil)
    }
}
