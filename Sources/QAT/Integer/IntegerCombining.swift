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
    private let channels, pixels, count: Int
    private let end: IntegerEpilogue
    private let sums: UnsafeMutablePointer<Int32>
    private(set) var accumulator: IntegerReport.Accumulator?

    /// One row of `channels` of the second operand serves `pixels` rows of the first.
    init(
        multiplies: Bool, inputs: [IntegerValues], factors: (first: Int32, second: Int32), channels: Int,
        pixels: Int, end: IntegerEpilogue
    ) {
        self.multiplies = multiplies
        self.inputs = inputs
        self.factors = factors
        self.channels = channels
        self.pixels = pixels
        self.end = end
        count = inputs[0].count
        sums = .allocate(capacity: count)
        sums.initialize(repeating: 0, count: count)
        accumulator = IntegerReport.Accumulator(peak: 0, bound: IntegerReport.Accumulator.bits32)
    }

    deinit { sums.deallocate() }

    func run() {
        let (first, second) = (inputs[0].steps, inputs[1].steps)
        for row in 0..<count / channels {
            let start = row * channels
            let other = pixels > 1 ? row / pixels * channels : start
            for channel in 0..<channels {
                let (left, right) = (first[start + channel], second[other + channel])
                sums[start + channel] =
                    multiplies ? left * right : factors.first * left + factors.second * right
            }
        }
        accumulator?.raise(to: Int(ck_integer_peak(sums, Int64(count))))
        end.run(sums, count: count)
    }

    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double? {
        end.distanceToBoundary(element, sums)
    }
}

/// The larger of two.
final class IntegerMaximum: IntegerForm {
    let inputs: [IntegerValues]
    let outputs: [IntegerValues]

    init(_ inputs: [IntegerValues], output: IntegerValues) { (self.inputs, outputs) = (inputs, [output]) }

    func run() {
        let (first, second) = (inputs[0].steps, inputs[1].steps)
        for index in 0..<outputs[0].count { outputs[0].steps[index] = max(first[index], second[index]) }
    }
}

extension CombineKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        _ = tensors.codes(output)
        let inputs = [try tensors.steps(of: first), try tensors.steps(of: second)]
        var (factors, levels) = ((first: Int32(1), second: Int32(1)), inputs[0].levels)
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
            pixels: Int(pixels), end: end)
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
        return IntegerMaximum(inputs, output: tensors.passing(inputs[0], to: output))
    }
}
