import CKernels
import Graph

/// The values of a tensor, kept outside of its program: a byte each where they lie on a grid of at most 8 bits.
final class KeptTensor {
    /// What the tensor is, whatever its values.
    struct Form: Hashable {
        /// The shape of a sample.
        var shape: Shape
        var signal: Signal
        var holdsCodes: Bool
    }

    let form: Form
    /// The bytes that are kept.
    let byteCount: Int
    private let count: Int
    /// The grid of the bytes; nil where they are floats.
    private let grid: QuantizationGrid?
    private let bytes: UnsafeMutablePointer<UInt8>

    /// Copies a tensor of so many samples.
    init(_ tensor: Tensor, samples: Int, on family: ArithmeticFamily) {
        form = Form(shape: tensor.shape, signal: tensor.signal, holdsCodes: tensor.holdsCodes)
        count = samples * tensor.shape.elements
        if let (packed, grid) = KeptTensor.pack(tensor, count, on: family) {
            bytes = packed
            byteCount = count
            self.grid = grid
        } else {
            grid = nil
            byteCount = 4 * count
            bytes = .allocate(capacity: byteCount)
            UnsafeMutableRawPointer(bytes).copyMemory(from: tensor.values, byteCount: byteCount)
        }
    }

    /// The values as bytes; nil where these would not give each back to the bit.
    private static func pack(
        _ tensor: Tensor, _ count: Int, on family: ArithmeticFamily
    ) -> (UnsafeMutablePointer<UInt8>, QuantizationGrid)? {
        guard tensor.holdsCodes, tensor.signal.bits <= 8,
            let grid = QuantizationGrid(tensor.signal, on: family)
        else { return nil }
        let packed = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
        guard
            ck_pack(tensor.values, Optional(grid).kernelKind, Float(grid.levels), Int64(count), packed) != 0
        else {
            packed.deallocate()
            return nil
        }
        return (packed, grid)
    }

    deinit { bytes.deallocate() }

    /// Fills a tensor of the same form with the values, to the bit.
    func fill(_ tensor: Tensor) {
        guard let grid else {
            return UnsafeMutableRawPointer(tensor.values).copyMemory(from: bytes, byteCount: byteCount)
        }
        ck_unpack(bytes, Optional(grid).kernelKind, Float(grid.levels), Int64(count), tensor.values)
    }
}
