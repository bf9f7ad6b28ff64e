import CKernels
import Graph

/// The sum or product of two in whole steps, with its end: a + b, or a x b. Where the grids of a sum differ, each operand
/// is multiplied by a whole number that brings both to one.
final class IntegerCombination: IntegerForm {
    let inputs: [IntegerValues]
    var outputs: [IntegerValues] { end.outputs }
    var floatResult: FloatResult? { end.floatResult }
    private let multiplies: Bool
    private let factors: (first: Int32, second: Int32)
    private let channels, pixels: Int
    private let end: IntegerEpilogue
    /// All sums of the last run, where they are looked at.
    private let kept: Buffer?
    private(set) var accumulator: IntegerReport.Accumulator?

    /// One row of `channels` of the second operand serves `pixels` rows of the first.
    init(
        multiplies: Bool, inputs: [IntegerValues], factors: (first: Int32, second: Int32), channels: Int,
        pixels: Int, kept: Buffer?, end: IntegerEpilogue
    ) {
        self.multiplies = multiplies
        self.inputs = inputs
        self.factors = factors
        self.channels = channels
        self.pixels = pixels
        self.kept = kept
        self.end = end
        accumulator = IntegerReport.Accumulator(peak: 0, bound: IntegerReport.Accumulator.bits32)
    }

    func run() throws(EngineError) {
        var pair = ck_integer_pair(
            first: inputs[0].view, second: inputs[1].view, multiplies: multiplies ? 1 : 0,
            first_factor: factors.first, second_factor: factors.second, channels: Int64(channels),
            pixels: Int64(pixels))
        let count = Int64(inputs[0].count)
        let peak = try end.run(keeping: kept?.words32) { ck_integer_end_pair(&$0, &pair, count) }
        accumulator?.raise(to: peak)
    }

    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double? {
        kept.flatMap { end.distanceToBoundary(element, sum: $0.words32[element]) }
    }
}

/// The larger of two.
final class IntegerMaximum: IntegerForm {
    let inputs: [IntegerValues]
    let outputs: [IntegerValues]

    init(_ inputs: [IntegerValues], output: IntegerValues) { (self.inputs, outputs) = (inputs, [output]) }

    func run() {
        var first = inputs[0].view
        var second = inputs[1].view
        var output = outputs[0].view
        ck_integer_maximum(&first, &second, &output, Int64(outputs[0].count))
    }
}

extension CombineKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        _ = tensors.codes(output)
        let inputs = [try tensors.steps(of: first), try tensors.steps(of: second)]
        var factors = (first: Int32(1), second: Int32(1))
        var levels = inputs[0].levels
        let multiplies = operation == .multiply
        if multiplies {
            levels *= inputs[1].levels
            guard inputs[0].bound * inputs[1].bound <= Int(Int32.max) else {
                throw NoIntegerForm("the products of its inputs do not fit 32 bits")
            }
        } else if inputs[0].levels != inputs[1].levels {
            factors = try CombineKernel.factors(inputs)
            levels = inputs[0].levels * Double(factors.first)
        }
        let units = [Double](repeating: 1 / levels, count: Int(channels))
        let end = try IntegerEpilogue(
            tensors, output: output, affine: .init(scale: units, shift: units.map { _ in 0 }),
            activation: epilogue.activation, slopes: units.map { _ in 0.25 }, clip: Double(epilogue.clip))
        return IntegerCombination(
            multiplies: multiplies, inputs: inputs, factors: factors, channels: Int(channels),
            pixels: Int(pixels), kept: tensors.keptSums(inputs[0].count), end: end)
    }

    /// What brings two grids to one of as many levels as both divide.
    private static func factors(
        _ inputs: [IntegerValues]
    ) throws(NoIntegerForm) -> (first: Int32, second: Int32) {
        guard let first = Int32(exactly: inputs[0].levels), let second = Int32(exactly: inputs[1].levels),
            Int(second) * inputs[0].bound + Int(first) * inputs[1].bound <= Int(Int32.max)
        else { throw NoIntegerForm("it adds values on grids without a common step in 32 bits") }
        return (second, first)
    }
}

extension MaxKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        let inputs = [try tensors.steps(of: first), try tensors.steps(of: second)]
        guard inputs[0].levels == inputs[1].levels else {
            throw NoIntegerForm("it compares values on different grids")
        }
        return IntegerMaximum(inputs, output: tensors.passing(inputs, to: output))
    }
}
