import CKernels
import Graph
import TestTraits
import Testing

@testable import QAT

@Suite("Grids of quantizers and the kernels", .limited)
struct QuantizationGridKernelTests {
    @Test(
        "the kernel gives the value of the code that the grid gives",
        arguments: QuantizationGrid.Kind.allCases,
        [2, 4, 8, 12])
    func codes(kind: QuantizationGrid.Kind, bits: Int) {
        let grid = QuantizationGrid(kind, bits: bits)
        let clip: Float = 3
        let count = 1024
        // From beyond one end to beyond the other, with the middles between the codes of few bits.
        let input = (0..<count).map { Float($0 - count / 2) / Float(count / 2) * 4 }
        let (scale, shift) = ([Float](repeating: 1, count: 64), [Float](repeating: 0, count: 64))
        var output = [Float](repeating: 0, count: count)
        scale.withUnsafeBufferPointer { scale in
            shift.withUnsafeBufferPointer { shift in
                var epilogue = ck_epilogue(
                    activation: Int32(CK_IDENTITY), grid: Optional(grid).kernelKind, clip: clip,
                    levels: Optional(grid).kernelLevels, period: 64, scale: scale.baseAddress,
                    shift: shift.baseAddress, slope: nil)
                ck_epilogue_forward(&epilogue, input, &output, Int64(count))
            }
        }
        for (value, quantized) in zip(input, output) {
            let code = grid.code(of: value, clip: clip)
            #expect(abs(Double(quantized) - grid.value(of: code)) < 1e-6, "\(value)")
        }
    }
}
