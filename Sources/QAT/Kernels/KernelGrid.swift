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
