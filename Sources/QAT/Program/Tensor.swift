import Graph

/// The values on an edge, channels last, and their gradient.
final class Tensor {
    /// The shape of one sample.
    let shape: Shape
    /// Bits and sign of the values in this program.
    let signal: Signal
    /// Where the values lie; tensors that are the same values in another shape share it.
    let storage: Storage
    /// Whether every value lies on the grid of the signal: it came out of a quantizer of ours, not out of a loader.
    var holdsCodes = false
    /// The map without the zeros between its pixels, where this one has zeros there and nothing reads it but windows
    /// that step over them; then this one has no gradient, and no values but to be looked at.
    var withoutZeros: Tensor?

    /// Where the values of one or several tensors lie.
    final class Storage {
        let values: Buffer
        /// Nil where the gradient is not needed.
        let gradient: Buffer?
        /// Whether the network gives the values out, so that the loss has written the gradient before any reader.
        var isOutput = false
        /// Whether any kernel reads the values, or knows how to do without.
        var isRead = false
        /// The kernel that fills the values first, the first that reads them, and those that read them in their backward pass.
        var producer: Int?
        var firstReader: Int?
        var keepingReaders: [Int] = []
        private var readers: [GradientTarget] = []

        init(values: Buffer, gradient: Buffer?) { (self.values, self.gradient) = (values, gradient) }

        /// Registers a kernel that hands gradients back; the one registered last runs first, and sets.
        func read() -> GradientTarget? {
            guard let gradient else { return nil }
            if !isOutput { readers.last?.adds = true }
            let target = GradientTarget(gradient, adds: isOutput)
            readers.append(target)
            return target
        }

        /// The loss writes first.
        func becomeOutput() {
            isOutput = true
            for reader in readers { reader.adds = true }
        }
    }

    init(shape: Shape, signal: Signal, storage: Storage) {
        self.shape = shape
        self.signal = signal
        self.storage = storage
    }

    /// Rows of `channels` in one sample.
    var rows: Int { shape.elements / shape.channels }
    var values: UnsafeMutablePointer<Float> { storage.values.floats }
    var needsGradient: Bool { storage.gradient != nil }

    /// The gradient, where there is one.
    var gradient: UnsafeMutablePointer<Float>? { storage.gradient?.floats }
}

/// The gradient of a tensor as one of its readers sees it: whether it adds to what others wrote.
final class GradientTarget {
    private let buffer: Buffer
    fileprivate(set) var adds: Bool

    fileprivate init(_ buffer: Buffer, adds: Bool) { (self.buffer, self.adds) = (buffer, adds) }

    var address: UnsafeMutablePointer<Float> { buffer.floats }
    /// The flag as C reads it.
    var addsFlag: Int32 { adds ? 1 : 0 }
}
