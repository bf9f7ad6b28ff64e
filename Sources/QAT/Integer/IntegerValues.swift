import CKernels
import Graph

/// How bytes stand for whole steps: a step is stride x byte + zero.
struct StepBytes: Hashable {
    var stride: Int
    var zero: Int

    /// Whether a byte stands for a step.
    func hold(_ step: Int) -> Bool {
        (step - zero) % stride == 0 && 0...255 ~= (step - zero) / stride
    }
}

extension QuantizationGrid {
    /// How bytes stand for the steps of the codes; nil where a code has more than 8 bits.
    var stepBytes: StepBytes? {
        guard bits <= 8 else { return nil }
        return StepBytes(stride: stride, zero: hasNegativeCodes ? -levels : 0)
    }

    private var hasNegativeCodes: Bool {
        switch kind {
        case .unsigned: false
        case .offset, .twosComplement: true
        }
    }
}

/// The whole steps of a tensor: a value is steps / levels.
///
/// Unsigned codes and SIMD's signed codes are steps themselves. The NPU's signed grid has no zero: code k is the odd
/// number of steps 2k - L, so that products and sums need no correction for where zero lies, and padding with 0 is exact.
/// Codes of at most 8 bits take a byte, other steps 32 bits.
final class IntegerValues {
    /// The training arithmetic's tensor of the same values.
    let tensor: Tensor
    /// Steps from 0 to 1.
    let levels: Double
    /// Steps from one code to the next: 2 on the NPU's signed grid.
    let stride: Int
    /// No step is larger.
    let bound: Int
    /// How bytes stand for steps; nil where a step takes 32 bits.
    let bytes: StepBytes?
    let count: Int
    private let buffer: Buffer

    /// `buffer` has room for `bytes(of:_:)`.
    init(
        _ tensor: Tensor, count: Int, levels: Double, stride: Int, bound: Int, bytes: StepBytes?,
        buffer: Buffer
    ) {
        self.tensor = tensor
        self.levels = levels
        self.stride = stride
        self.bound = bound
        self.bytes = bytes
        self.count = count
        self.buffer = buffer
    }

    /// The steps at that moment of a run that they are kept for.
    var view: ck_steps {
        ck_steps(
            numbers: buffer.address, stride: Int32(bytes?.stride ?? 0), zero: Int32(bytes?.zero ?? 0))
    }

    /// The bytes of a sample's steps, where steps are bytes.
    var codes: UnsafeMutablePointer<UInt8> { buffer.codes }

    /// Keeps the steps until that moment, or from it on.
    func isNeeded(_ moment: Moment) { buffer.isNeeded(moment) }

    /// All steps.
    var array: [Int32] {
        var view = view
        return [Int32](unsafeUninitializedCapacity: count) { place, size in
            if let start = place.baseAddress { ck_steps_read(&view, 0, Int64(count), start) }
            size = count
        }
    }

    /// One step.
    subscript(index: Int) -> Int32 {
        get {
            var view = view
            var step: Int32 = 0
            ck_steps_read(&view, Int64(index), 1, &step)
            return step
        }
        set {
            var view = view
            var step = newValue
            ck_steps_write(&view, Int64(index), 1, &step)
        }
    }

    /// Makes all steps the same.
    func fill(_ step: Int32) {
        guard let bytes else {
            return buffer.address.assumingMemoryBound(to: Int32.self).update(repeating: step, count: count)
        }
        codes.update(repeating: UInt8((Int(step) - bytes.zero) / bytes.stride), count: count)
    }

    /// Takes over the training arithmetic's values; gives the number of those that lie between steps, or beyond `bound`;
    /// nil where steps are bytes and one of them is none.
    @discardableResult
    func load(bound: Int = .max) -> Int? {
        var view = view
        let moved = ck_steps_load(&view, tensor.values, levels, Int64(bound), Int64(count))
        return moved < 0 ? nil : Int(moved)
    }

    /// Hands the steps to the training arithmetic as values.
    func store() {
        var view = view
        ck_steps_values(&view, levels, Int64(count), tensor.values)
    }
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
    func run() throws(EngineError)
    /// The same, each step of a sequence from the training arithmetic's states before it.
    func runLocally() throws(EngineError)
    /// How far what the last run rounded lies from where rounding changes, in codes; nil where the element is not its own.
    /// Known in a network that keeps all values.
    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double?
}

extension IntegerForm {
    var floatResult: FloatResult? { nil }
    var accumulator: IntegerReport.Accumulator? { nil }
    func runLocally() throws(EngineError) { try run() }
    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double? { nil }
}

/// A layer's result in float, computed from whole sums.
final class FloatResult {
    let tensor: Tensor
    let count: Int
    /// The value of one unit of the sums, by channel.
    let units: [Double]
    /// Where the training arithmetic's values stay too.
    private let own: Buffer?

    /// Without a buffer of its own it takes the place of the training arithmetic's values.
    init(_ tensor: Tensor, count: Int, units: [Double], own: Buffer?) {
        self.tensor = tensor
        self.units = units
        self.count = count
        self.own = own
    }

    var values: UnsafeMutablePointer<Float> { own?.floats ?? tensor.values }

    /// Hands the values to the training arithmetic's tensor.
    func store() {
        if own != nil { tensor.values.update(from: values, count: count) }
    }
}
