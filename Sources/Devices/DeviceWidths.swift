public import Graph

/// The bit widths that a chip has, as its rules ask for them.
extension Device {
    /// The bits that a quantized weight may have, the fewest first.
    public var weightWidths: [Int] {
        switch family {
        case .npu: NPUBitRules.weightWidths
        case .simd: Array(SIMDBitRules.widths)
        }
    }

    /// The bits that a quantized result of an operator may have, the fewest first.
    public func featureWidths(of kind: OperatorKind) -> [Int] {
        switch family {
        case .npu: NPUBitRules.featureWidths(of: kind)
        case .simd: Array(SIMDBitRules.widths)
        }
    }
}
