import CKernels
import Graph

// Grids as the C kernels know them: nil is float.
extension QuantizationGrid? {
    /// CK_UNSIGNED, CK_SIGNED_NPU or CK_SIGNED_SIMD; CK_FLOAT without a grid.
    var kernelKind: Int32 {
        switch self?.kind {
        case nil: Int32(CK_FLOAT)
        case .unsigned: Int32(CK_UNSIGNED)
        case .offset: Int32(CK_SIGNED_NPU)
        case .twosComplement: Int32(CK_SIGNED_SIMD)
        }
    }

    /// The number of whole steps from 0 to 1; 1 without a grid.
    var kernelLevels: Float { self.map { Float($0.levels) } ?? 1 }
}

extension Activation {
    /// The activation as the C kernels know it, in front of a grid or with a float result. On a grid the range of the
    /// quantizer is the activation of the unsigned ones.
    func kernelCode(on grid: QuantizationGrid?) -> Int32 {
        if grid != nil, isRange { return Int32(CK_IDENTITY) }
        if grid != nil, self == .hsigmoid { return Int32(CK_OFFSET) }
        return Activation.kernelCodes[self] ?? Int32(CK_IDENTITY)
    }

    /// By an activation, its line of `CK_EACH_ACTIVATION`: the one with its name in capitals.
    private static let kernelCodes = Dictionary(
        uniqueKeysWithValues: allCases.filter { $0 != .none && $0 != .linear }.map { activation in
            let code = ck_activation("CK_" + activation.rawValue.uppercased())
            precondition(code >= 0, "the kernels have \(activation.rawValue)")
            return (activation, code)
        })
}
