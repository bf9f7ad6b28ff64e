/// Where a product's tensors lie whose numbers are all in single precision.
struct BoundFloats {
    /// Activations that it reads, or their gradient, channels last.
    let source: UnsafeMutablePointer<Float>
    /// Activations that it gives, or their gradient, channels last.
    let destination: UnsafeMutablePointer<Float>
    /// Weights, or their gradient, in the order of files.
    let plain: UnsafeMutablePointer<Float>

    init(
        _ source: UnsafeMutableRawPointer, _ destination: UnsafeMutableRawPointer,
        _ plain: UnsafeMutableRawPointer
    ) {
        self.source = source.assumingMemoryBound(to: Float.self)
        self.destination = destination.assumingMemoryBound(to: Float.self)
        self.plain = plain.assumingMemoryBound(to: Float.self)
    }
}

/// A pass whose numbers are all in single precision.
protocol FloatPass: ProductPass {
    /// Where its tensors lie; nil before they are bound.
    var bound: BoundFloats? { get set }
}

extension FloatPass {
    func bind(
        source: UnsafeMutableRawPointer, destination: UnsafeMutableRawPointer, plain: UnsafeMutableRawPointer
    ) {
        bound = BoundFloats(source, destination, plain)
    }
}
