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
        switch self {
        case .none, .linear: Int32(CK_IDENTITY)
        case .relu: Int32(grid == nil ? CK_RELU : CK_IDENTITY)
        case .relu6: Int32(grid == nil ? CK_RELU6 : CK_IDENTITY)
        case .leakyReLU: Int32(CK_LEAKY)
        case .prelu: Int32(CK_PRELU)
        case .hsigmoid: Int32(grid == nil ? CK_HSIGMOID : CK_OFFSET)
        case .hswish: Int32(CK_HSWISH)
        }
    }
}
