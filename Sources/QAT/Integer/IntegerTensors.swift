import Graph

/// The integer tensors of a network, and all room that its integer forms need, while they are being made.
final class IntegerTensors {
    /// What a network in integers is made for.
    struct Options {
        var batch: Int
        var family: ArithmeticFamily
        /// Whether all steps and sums stay until the next run, to be looked at.
        var keepsValues: Bool
    }

    let options: Options
    let library: OneDNN
    /// The number of the kernel whose form is being made.
    var kernel = 0
    private var known: [ObjectIdentifier: IntegerValues] = [:]
    /// In the order in which they were made.
    private(set) var made: [IntegerValues] = []
    private var buffers: [Buffer] = []

    init(_ options: Options, library: OneDNN) {
        self.options = options
        self.library = library
    }

    var batch: Int { options.batch }

    /// Bytes for the kernel whose form is being made.
    func buffer(bytes: Int) -> Buffer {
        let buffer = Buffer(bytes: bytes)
        buffer.isNeeded(options.keepsValues ? .always : .forward(kernel))
        buffers.append(buffer)
        return buffer
    }

    /// Places everything.
    func plan(kernels: Int) throws(EngineError) -> Arena { try Arena(buffers, kernels: kernels) }

    /// The steps of a tensor; throws where its values have none.
    func steps(of tensor: Tensor) throws(NoIntegerForm) -> IntegerValues {
        guard let values = known[ObjectIdentifier(tensor.storage)] else {
            throw NoIntegerForm("it reads values that are no codes")
        }
        values.isNeeded(.forward(kernel))
        return values
    }

    /// Room for the steps of a tensor on a grid; tensors that share values share steps.
    func make(
        _ tensor: Tensor, levels: Double, stride: Int = 1, bound: Int, bytes: StepBytes? = nil
    ) -> IntegerValues {
        if let values = known[ObjectIdentifier(tensor.storage)] {
            values.isNeeded(.forward(kernel))
            return values
        }
        let count = batch * tensor.shape.elements
        let values = IntegerValues(
            tensor, count: count, levels: levels, stride: stride, bound: bound, bytes: bytes,
            buffer: buffer(bytes: bytes == nil ? 4 * count : count))
        known[ObjectIdentifier(tensor.storage)] = values
        made.append(values)
        return values
    }

    /// Room for the codes that an activation quantizer fills; nil if the quantizer is disabled.
    func codes(_ tensor: Tensor) -> IntegerValues? {
        guard let grid = QuantizationGrid(tensor.signal, on: options.family) else { return nil }
        return make(
            tensor, levels: Double(grid.levels), stride: grid.stride, bound: grid.levels,
            bytes: grid.stepBytes)
    }

    /// Room for a tensor whose values come from others as they are, beside `step`.
    func passing(_ inputs: [IntegerValues], to tensor: Tensor, beside step: Int? = nil) -> IntegerValues {
        let first = inputs[0]
        var bytes = first.bytes
        if inputs.contains(where: { $0.bytes != first.bytes }) { bytes = nil }
        if let step, bytes?.hold(step) == false { bytes = nil }
        return make(tensor, levels: first.levels, stride: first.stride, bound: first.bound, bytes: bytes)
    }

    /// Room for the float result of a layer.
    func floatResult(_ tensor: Tensor, units: [Double]) -> FloatResult {
        let count = batch * tensor.shape.elements
        return FloatResult(
            tensor, count: count, units: units, own: options.keepsValues ? buffer(bytes: 4 * count) : nil)
    }

    /// Room for sums, where they are looked at.
    func keptSums(_ count: Int) -> Buffer? { options.keepsValues ? buffer(bytes: 4 * count) : nil }
}
