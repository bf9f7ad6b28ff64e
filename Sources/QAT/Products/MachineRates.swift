import CKernels
import COneDNN
import Graph

/// What the factors of a product are, once they are rounded.
public enum ProductFactors: String, CaseIterable, Hashable, Sendable {
    case single, bfloat, codes
}

/// What this machine does in a second at most: the best of the methods on a product that suits them, and on a copy that no
/// cache holds.
public struct MachineRates: Sendable {
    /// Multiplications and sums a second, of all threads of the pool; none for factors that the machine has no products for.
    public let operations: [ProductFactors: Double]
    /// Bytes that all threads read and write together.
    public let bytes: Double

    /// Numbers that are copied: 64 MiB.
    private static let copied = 1 << 24
    private static let rounds = 12

    /// Measures for some tenths of a second.
    public init() throws(EngineError) {
        let library = try OneDNN()
        let shape = onednn_convolution(
            batch: 32, groups: 1, in_channels: 128, in_height: 16, in_width: 16, out_channels: 128,
            out_height: 16, out_width: 16, kernel_height: 1, kernel_width: 1, stride: 1, dilation: 1,
            pad_top: 0, pad_left: 0, pad_bottom: 0, pad_right: 0)
        var operations: [ProductFactors: Double] = [:]
        for factors in ProductFactors.allCases {
            let direction = ProductDirection(
                direction: .forward, shape: shape, layer: "-", library: library,
                factors: factors == .codes ? .codes(areSigned: false) : .floats)
            let methods = ProductMethod.allCases.filter { $0.isRounded == (factors == .bfloat) }
            let times = try ProductStopwatch(direction: direction).times(of: methods)
            if let least = times.values.min(), least.isFinite {
                operations[factors] = direction.existingOperations / least * 1000
            }
        }
        self.operations = operations
        bytes = MachineRates.copyRate()
    }

    private static func copyRate() -> Double {
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: 2 * copied)
        memory.initialize(repeating: 1, count: 2 * copied)
        defer { memory.deallocate() }
        let clock = ContinuousClock()
        var best = Duration.seconds(1000)
        for _ in 0..<rounds {
            let start = clock.now
            ck_copy_columns(memory, 1024, memory + copied, 1024, 1024, Int64(copied / 1024), 0)
            best = min(best, clock.now - start)
        }
        return Double(2 * 4 * copied) / (best / .seconds(1))
    }
}
