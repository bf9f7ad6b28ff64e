extension OperatorKind {
    /// The clip that the manual recommends for a width of 8, 4 or 2 bits (manual, clip_max_value); nil for other widths,
    /// and for operators without such advice.
    public func recommendedClip(bits: Int) -> Double? {
        guard let forFour = type.clipAtFourBits else { return nil }
        switch bits {
        case 8: return 6.0
        case 4: return forFour
        case 2: return 2.0
        default: return nil
        }
    }
}

extension OperatorKind {
    /// The clips that act on results of the operator: a larger one of a Shortcut counts as the largest of these.
    public var clips: ClosedRange<Double> {
        let all = Quantization.clips
        return self == .shortcut ? all.lowerBound...Shortcut.largestClip : all
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
