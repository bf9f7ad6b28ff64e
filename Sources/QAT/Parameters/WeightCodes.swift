import CKernels
public import Graph

/// A weight as a chip stores it: a whole number for each, and the step from one to the next by row.
public struct WeightCodes: Hashable, Sendable {
    /// The numbers, row-major: 0 ... 2^b - 1 on the NPU's grid, -2^(b-1) ... 2^(b-1) - 1 on the SIMD family's.
    public let codes: [Int16]
    /// By row, or once for all, the scale T0 of docs/arithmetic.md: the NPU's value is T0 (2 k - L) / L, the SIMD family's
    /// T0 k / H.
    public let scales: [Float]
    /// The grid that the numbers are codes of, in units of the scale.
    public let grid: QuantizationGrid

    /// Quantizes weights of some rows, one for each channel of the result; nil where no scale is finite.
    public init?(
        _ weights: [Float], rows: Int, bits: Int, factor: Double, isPerTensor: Bool, isSIMD: Bool
    ) {
        let quantizer = WeightQuantizer(bits: bits, factor: factor, isPerTensor: isPerTensor, isSIMD: isSIMD)
        var kernelGrid = quantizer.grid(rows: rows, count: weights.count)
        var codes = [Int8](repeating: 0, count: weights.count)
        var units = [Float](repeating: 0, count: rows)
        var partials = [Double](repeating: 0, count: 2 * Int(CK_PARTS) + 2 * rows)
        guard ck_quantize_weights(&kernelGrid, weights, nil, &codes, &units, nil, &partials) < 0 else {
            return nil
        }
        self.grid = quantizer.grid
        let levels = quantizer.grid.levels
        if isSIMD {
            self.codes = codes.map(Int16.init)
        } else if ck_halves_codes(&kernelGrid) != 0 {
            self.codes = codes.map { Int16($0) + 128 }
        } else {
            self.codes = codes.map { (Int16($0) + Int16(levels)) / 2 }
        }
        let scales = units.map { $0 * Float(levels) }
        self.scales = isPerTensor ? Array(scales.prefix(1)) : scales
    }
}
