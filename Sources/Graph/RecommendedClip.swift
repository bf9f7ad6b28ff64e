extension OperatorKind {
    /// The clip that the manual recommends for a width of 8, 4 or 2 bits (manual, clip_max_value); nil for other widths,
    /// and for operators without such advice.
    public func recommendedClip(bits: Int) -> Double? {
        let forFour: Double
        switch self {
        case .conv2D, .convTranspose2D: forFour = 4.0
        case .depthwiseConv2D, .fullConnected, .batchNorm, .seBlock: forFour = 3.0
        case .preprocess, .flatten, .route, .shortcut, .maxpool2D, .avgpool2D, .adaptiveAvgpool2D, .unpool2D,
            .mul, .channelSplit, .pixelShuffle, .lstm, .embedding, .max:
            return nil
        }
        switch bits {
        case 8: return 6.0
        case 4: return forFour
        case 2: return 2.0
        default: return nil
        }
    }
}

extension Layer {
    /// Whether the layer has a feature quantizer of its own whose clip is learned.
    package var learnsClip: Bool {
        guard let quantization = settings.quantization, quantization.isEnabled, quantization.autoThreshold,
            settings.activation != .hsigmoid
        else { return false }
        return kind.fields.contains { $0.name == "autoThreshold" }
    }
}

extension Network {
    /// The network at another width.
    public func atBits(_ bits: Int) -> Network {
        do {
            return try applying(edit(toBits: bits))
        } catch {
            preconditionFailure("bits and clips of layers that have them can be set: \(error)")
        }
    }

    /// The change to another width: every layer whose quantizer is on gets so many bits for weights and results, where
    /// it has any below 32; clips that were the recommended ones of the old width become those of the new. Of all
    /// layers, or of the ones named.
    public func edit(toBits bits: Int, in layers: Set<String>? = nil) -> Edit {
        var edits: [Edit] = []
        for node in nodes where layers?.contains(node.name) ?? true {
            guard let old = node.layer.settings.quantization, old.isEnabled else { continue }
            let names = node.kind.fields.map(\.name)
            if names.contains("weightBits"), old.weightBits < Quantization.float {
                edits.append(.set(layer: node.name, field: "weightBits", to: .integer(bits)))
            }
            if names.contains("outputBits"), let output = old.outputBits, output < Quantization.float {
                edits.append(.set(layer: node.name, field: "outputBits", to: .integer(bits)))
            }
            guard names.contains("clip"),
                let current = node.kind.recommendedClip(bits: Quantization.advisedWidth(old.width)),
                old.clip == current,
                let clip = node.kind.recommendedClip(bits: Quantization.advisedWidth(bits))
            else { continue }
            edits.append(.set(layer: node.name, field: "clip", to: .number(clip)))
        }
        return .all("\(bits) bits", edits)
    }
}

extension Quantization {
    /// The width that the recommended clip goes by.
    fileprivate var width: Int { min(weightBits, outputBits ?? weightBits, 8) }

    /// The nearest width that the manual advises for: 8, 4 or 2.
    fileprivate static func advisedWidth(_ bits: Int) -> Int { bits >= 5 ? 8 : bits >= 3 ? 4 : 2 }
}
