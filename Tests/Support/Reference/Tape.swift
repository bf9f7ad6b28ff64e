/// A tensor that a forward pass computed: its values in canonical order, the batch outermost.
struct ReferenceTensor {
    /// The position on the tape, by which gradients are looked up.
    let place: Int
    /// The values.
    let values: [Double]
    /// The axes: batch, channels, height, width; batch, time, features; or batch, features. Parameters have their own.
    let shape: [Int]
}

/// A tensor's axes taken together around its channels, so that one loop serves maps, sequences and vectors.
struct ChannelAxes {
    /// The number of blocks in front of the channels: the batch, times the time of a sequence.
    let outer: Int
    /// The channels or features.
    let channels: Int
    /// The number of values of one channel in one block: height times width of a map, else 1.
    let inner: Int

    /// The axes of a tensor with a batch.
    init(_ shape: [Int]) {
        if shape.count == 4 {
            outer = shape[0]
            channels = shape[1]
            inner = shape[2] * shape[3]
        } else {
            outer = shape.dropLast().reduce(1, *)
            channels = shape[shape.count - 1]
            inner = 1
        }
    }

    /// The channel of a value.
    func channel(of index: Int) -> Int { index / inner % channels }
}

/// What a forward pass did, so that it can be walked backward.
///
/// Every step knows how the gradient of its result reaches what it was made from. A tensor that several steps read gets
/// the sum.
struct ReferenceTape {
    /// Adds to the gradients of what a step read, given the gradient of its result.
    typealias Backward = (_ gradient: [Double], _ gradients: inout ReferenceGradients) -> Void

    private var steps: [Backward?] = []
    /// How near a value came to a place where another order of sums may change its code or whether its gradient passes,
    /// in steps of its quantizer: a rounding boundary or an end of the range.
    private(set) var nearestBoundary = Double.infinity

    /// Notes values in front of a quantizer: in steps just before rounding, and how far from the nearest end. An exact half,
    /// and a value at an end, are no such places.
    mutating func note(unrounded: [Double], fromEnd: [Double]) {
        for value in unrounded { note(ReferenceTape.rest(value), weight: 1) }
        for distance in fromEnd where distance > 1e-12 { nearestBoundary = min(nearestBoundary, distance) }
    }

    /// Notes weights in steps just before rounding. They are no sums, so only the last bits of a float move them.
    mutating func note(weights: [Double]) {
        for value in weights { note(ReferenceTape.rest(value), weight: 8) }
    }

    private mutating func note(_ rest: Double, weight: Double) {
        guard abs(rest - 0.5) >= 1e-9 else { return }
        nearestBoundary = min(nearestBoundary, weight * min(abs(rest - 0.5), abs(rest - 0.501)))
    }

    private static func rest(_ value: Double) -> Double { abs(value) - abs(value).rounded(.down) }

    /// A tensor that nothing was computed from: an input or a parameter.
    mutating func leaf(_ values: [Double], _ shape: [Int]) -> ReferenceTensor {
        record(values, shape, backward: nil)
    }

    /// The result of a step.
    mutating func record(_ values: [Double], _ shape: [Int], backward: Backward?) -> ReferenceTensor {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill \(shape)")
        steps.append(backward)
        return ReferenceTensor(place: steps.count - 1, values: values, shape: shape)
    }

    /// The gradients of all tensors, from those of some.
    func gradients(from seeds: [(tensor: ReferenceTensor, gradient: [Double])]) -> ReferenceGradients {
        var gradients = ReferenceGradients(count: steps.count)
        for seed in seeds { gradients.add(seed.gradient, to: seed.tensor) }
        for place in steps.indices.reversed() {
            if let backward = steps[place], let gradient = gradients.sums[place] {
                backward(gradient, &gradients)
            }
        }
        return gradients
    }
}

/// The gradients that have reached each tensor so far.
struct ReferenceGradients {
    fileprivate(set) var sums: [[Double]?]

    fileprivate init(count: Int) { sums = [[Double]?](repeating: nil, count: count) }

    /// The gradient of a tensor; zero where none has reached it.
    subscript(tensor: ReferenceTensor) -> [Double] {
        sums[tensor.place] ?? [Double](repeating: 0, count: tensor.values.count)
    }

    /// Adds to the gradient of a tensor.
    mutating func add(_ gradient: [Double], to tensor: ReferenceTensor) {
        precondition(gradient.count == tensor.values.count, "a gradient of another size")
        sums[tensor.place] = sums[tensor.place].map { zip($0, gradient).map(+) } ?? gradient
    }
}
