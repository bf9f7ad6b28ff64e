import CKernels
import Graph

/// An end without a product: batch norm on its own, or the quantizer behind a mean. The sums are its input's steps.
final class IntegerScaling: IntegerForm {
    let inputs: [IntegerValues]
    var outputs: [IntegerValues] { end.outputs }
    var floatResult: FloatResult? { end.floatResult }
    private let end: IntegerEpilogue
    private(set) var accumulator: IntegerReport.Accumulator?

    init(input: IntegerValues, end: IntegerEpilogue) {
        inputs = [input]
        self.end = end
        accumulator = IntegerReport.Accumulator(peak: 0, bound: IntegerReport.Accumulator.bits32)
    }

    func run() throws(EngineError) {
        var view = inputs[0].view
        let count = Int64(inputs[0].count)
        accumulator?.raise(to: try end.run(keeping: nil) { ck_integer_end_steps(&$0, &view, count) })
    }

    func distanceToBoundary(_ element: Int, of output: IntegerValues) -> Double? {
        end.distanceToBoundary(element, sum: inputs[0][element])
    }
}

/// The largest or the sum of each window. A sum is a mean whose grid has as many more levels as the window has places: the
/// division is part of the multiplier behind it.
final class IntegerWindow: IntegerForm {
    let inputs: [IntegerValues]
    let outputs: [IntegerValues]
    private var window: ck_window
    private let isMaximum: Bool
    private let pad: Int32

    init(
        _ window: ck_window, isMaximum: Bool, pad: Int32, input: IntegerValues, output: IntegerValues
    ) {
        self.window = window
        self.isMaximum = isMaximum
        self.pad = pad
        inputs = [input]
        outputs = [output]
    }

    func run() {
        var input = inputs[0].view
        var output = outputs[0].view
        if isMaximum {
            ck_integer_max_pool(&window, &input, pad, &output)
        } else {
            ck_integer_sum_pool(&window, &input, pad, &output)
        }
    }
}

/// Bilinear upsampling in integers: the weights are whole numbers of 1 / (2 factor), so the result has (2 factor)^2 times
/// as many levels, nothing is rounded, and the product that reads it takes the finer steps.
final class IntegerInterpolation: IntegerForm {
    let inputs: [IntegerValues]
    let outputs: [IntegerValues]
    private let window: ck_window
    private let rows, columns: [Neighbours]

    /// The two places along one axis that an output place lies between, and their weights.
    struct Neighbours {
        var first, second: Int
        var firstWeight, secondWeight: Int32

        /// Half-pixel centres, held to the first place.
        init(_ place: Int, factor: Int, size: Int) {
            let centre = max(0, 2 * place + 1 - factor)
            first = centre / (2 * factor)
            second = min(first + 1, size - 1)
            secondWeight = Int32(centre % (2 * factor))
            firstWeight = Int32(2 * factor) - secondWeight
        }
    }

    init(_ window: ck_window, input: IntegerValues, output: IntegerValues) {
        self.window = window
        inputs = [input]
        outputs = [output]
        rows = (0..<Int(window.out_height)).map {
            Neighbours($0, factor: Int(window.kernel_height), size: Int(window.in_height))
        }
        columns = (0..<Int(window.out_width)).map {
            Neighbours($0, factor: Int(window.kernel_width), size: Int(window.in_width))
        }
    }

    func run() {
        let channels = Int(window.channels)
        let height = Int(window.in_height)
        let width = Int(window.in_width)
        let input = inputs[0].array
        var line = [Int32](repeating: 0, count: columns.count * channels)
        var output = outputs[0].view
        var start: Int64 = 0
        for image in 0..<Int(window.batch) {
            for row in rows {
                let upper = (image * height + row.first) * width * channels
                let lower = (image * height + row.second) * width * channels
                var place = 0
                for column in columns {
                    let left = column.first * channels
                    let right = column.second * channels
                    for channel in 0..<channels {
                        let above =
                            column.firstWeight &* input[upper + left + channel]
                            &+ column.secondWeight &* input[upper + right + channel]
                        let below =
                            column.firstWeight &* input[lower + left + channel]
                            &+ column.secondWeight &* input[lower + right + channel]
                        line[place + channel] = row.firstWeight &* above &+ row.secondWeight &* below
                    }
                    place += channels
                }
                ck_steps_write(&output, start, Int64(line.count), line)
                start += Int64(line.count)
            }
        }
    }
}

extension EpilogueKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        _ = tensors.codes(output)
        let steps = try tensors.steps(of: input)
        let units = [Double](repeating: 1 / steps.levels, count: output.shape.channels)
        return IntegerScaling(
            input: steps, end: try epilogue.integerEpilogue(tensors, output: output, units: units))
    }
}

extension WindowKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        let steps = try tensors.steps(of: input)
        let pad = (Double(window.pad) * steps.levels).rounded()
        guard pad == Double(window.pad) * steps.levels else {
            throw NoIntegerForm("what pads its map, \(window.pad), is no whole step of the input's grid")
        }
        switch operation {
        case .max:
            return IntegerWindow(
                window, isMaximum: true, pad: Int32(pad), input: steps,
                output: tensors.passing([steps], to: output, beside: Int(pad)))
        case .mean:
            let places = Int(window.kernel_height * window.kernel_width)
            guard places * steps.bound <= Int(Int32.max) else {
                throw NoIntegerForm("the sum of its window does not fit 32 bits")
            }
            // In steps where the training arithmetic counts in steps, else in values.
            let levels = window.steps > 0 ? Double(places) : steps.levels * Double(places)
            return IntegerWindow(
                window, isMaximum: false, pad: Int32(pad), input: steps,
                output: tensors.make(output, levels: levels, bound: places * steps.bound))
        case .unpool(.bilinear):
            let finer = Int(4 * window.kernel_height * window.kernel_width)
            guard finer * steps.bound <= Int(Int32.max) else {
                throw NoIntegerForm("its steps between codes do not fit 32 bits")
            }
            return IntegerInterpolation(
                window, input: steps,
                output: tensors.make(
                    output, levels: steps.levels * Double(finer), bound: finer * steps.bound))
        case .unpool, .frame:
            return IntegerMove(
                [
                    IntegerMove.Leg(
                        window, operation, input: steps,
                        output: tensors.passing([steps], to: output, beside: Int(pad)))
                ],
                fill: Int32(pad))
        }
    }
}
