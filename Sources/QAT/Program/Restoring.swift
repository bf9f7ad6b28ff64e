import CKernels
import Graph

/// Brings back values that were not kept until the backward pass, to the bit.
protocol Restorer: AnyObject {
    /// Fills the values again where the forward pass had them.
    func restore()
}

/// The whole numbers behind a tensor's values, one byte each: a quarter of their memory.
final class KeptCodes: Restorer {
    private let tensor: Tensor
    private let grid: QuantizationGrid
    private let codes: Buffer
    private let count: Int

    /// `codes` has a byte for each value.
    init(_ tensor: Tensor, _ grid: QuantizationGrid, _ codes: Buffer) {
        self.tensor = tensor
        self.grid = grid
        self.codes = codes
        count = codes.bytes
    }

    /// Takes the codes of the values.
    func keep() {
        ck_encode(
            tensor.values, Optional(grid).kernelKind, Float(grid.levels), Int64(count), 1, codes.codes, nil)
    }

    func restore() {
        ck_decode(
            codes.codes, Optional(grid).kernelKind, Float(grid.levels), Int64(count), tensor.values)
    }
}
