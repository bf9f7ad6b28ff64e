import CKernels
import Graph

/// The whole steps of a tensor: a value is steps / levels.
///
/// Unsigned codes and SIMD's signed codes are steps themselves. The NPU's signed grid has no zero: code k is the odd
/// number of steps 2k - L, so that products and sums need no correction for where zero lies, and padding with 0 is exact.
final class IntegerValues {
    /// The training arithmetic's tensor of the same values.
    let tensor: Tensor
    /// Steps from 0 to 1.
    let levels: Double
    /// Steps from one code to the next: 2 on the NPU's signed grid.
    let stride: Int
    /// No step is larger.
    let bound: Int
    let count: Int
    let steps: UnsafeMutablePointer<Int32>

    init(_ tensor: Tensor, batch: Int, levels: Double, stride: Int = 1, bound: Int) {
        self.tensor = tensor
        self.levels = levels
        self.stride = stride
        self.bound = bound
        count = batch * tensor.shape.elements
        steps = .allocate(capacity: max(1, count))
        steps.initialize(repeating: 0, count: max(1, count))
    }

    deinit { steps.deallocate() }

    /// Takes over the training arithmetic's values; gives the number of those that lie between steps.
    @discardableResult
    func load() -> Int { Int(ck_integer_load(tensor.values, levels, Int64(count), steps)) }

    /// Hands the steps to the training arithmetic as values.
    func store() { ck_integer_values(steps, levels, Int64(count), tensor.values) }
}

/// Why a part of a network cannot be computed in integers.
struct NoIntegerForm: Error, Hashable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A kernel in integers. It is prepared once, with the weights of that moment, and then only runs.
protocol IntegerForm: AnyObject {
    /// What it reads.
    var inputs: [IntegerValues] { get }
    /// The codes that it fills.
    var outputs: [IntegerValues] { get }
    /// The float result that it fills instead of codes.
    var floatResult: FloatResult? { get }
    /// The largest magnitude that its accumulator had so far, and what it may have; nil where nothing is summed.
    var accumulator: IntegerReport.Accumulator? { get }
    /// Fills the outputs.
    func run()
    /// The same, each step of a sequence from the training arithmetic's states before it.
    func runLocally()
    /// How far what the last run rounded lies from where rounding changes, in codes; nil where the element is not its own.
    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double?
}

extension IntegerForm {
    var floatResult: FloatResult? { nil }
    var accumulator: IntegerReport.Accumulator? { nil }
    func runLocally() { run() }
    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double? { nil }
}

/// A layer's result in float, computed from whole sums.
final class FloatResult {
    let tensor: Tensor
    let count: Int
    let values: UnsafeMutablePointer<Float>
    /// The value of one unit of the sums, by channel.
    let units: [Double]

    init(_ tensor: Tensor, batch: Int, units: [Double]) {
        self.tensor = tensor
        self.units = units
        count = batch * tensor.shape.elements
        values = .allocate(capacity: max(1, count))
        values.initialize(repeating: 0, count: max(1, count))
    }

    deinit { values.deallocate() }

    /// Hands the values to the training arithmetic's tensor.
    func store() { tensor.values.update(from: values, count: count) }
}

/// The integer tensors of a network while its kernels get their integer forms.
final class IntegerTensors {
    let batch: Int
    let family: ArithmeticFamily
    private var known: [ObjectIdentifier: IntegerValues] = [:]
    /// In the order in which they were made.
    private(set) var made: [IntegerValues] = []

    init(batch: Int, family: ArithmeticFamily) { (self.batch, self.family) = (batch, family) }

    /// The steps of a tensor; throws where its values have none.
    func steps(of tensor: Tensor) throws(NoIntegerForm) -> IntegerValues {
        guard let values = known[ObjectIdentifier(tensor.storage)] else {
            throw NoIntegerForm("it reads values that are no codes")
        }
        return values
    }

    /// Room for the steps of a tensor on a grid; tensors that share values share steps.
    func make(_ tensor: Tensor, levels: Double, stride: Int = 1, bound: Int) -> IntegerValues {
        if let values = known[ObjectIdentifier(tensor.storage)] { return values }
        let values = IntegerValues(tensor, batch: batch, levels: levels, stride: stride, bound: bound)
        known[ObjectIdentifier(tensor.storage)] = values
        made.append(values)
        return values
    }

    /// Room for the codes that an activation quantizer fills; nil if the quantizer is disabled.
    func codes(_ tensor: Tensor) -> IntegerValues? {
        guard let grid = QuantizationGrid(tensor.signal, on: family) else { return nil }
        return make(tensor, levels: Double(grid.levels), stride: grid.stride, bound: grid.levels)
    }

    /// Room for a tensor whose values come from another as they are.
    func passing(_ input: IntegerValues, to tensor: Tensor) -> IntegerValues {
        make(tensor, levels: input.levels, stride: input.stride, bound: input.bound)
    }
}
