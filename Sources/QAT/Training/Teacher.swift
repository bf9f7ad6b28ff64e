import CKernels
import Graph
import Weights

/// The numbers of a float model, loaded for the arithmetic of a chip.
final class LoadedModel {
    let analysis: Analysis
    let store: ParameterStore

    init(_ model: FloatModel, on family: ArithmeticFamily) throws(TrainingError) {
        analysis = Analysis(model.network, on: family)
        store = ParameterStore(analysis)
        do {
            try Checkpoint.load(model.weights, into: store)
        } catch .checkpoint(let reason) {
            throw .mismatch("the float model cannot be used: \(reason)")
        }
    }
}

/// A float model beside a program that is compared with it or learns from it: it answers what is in the program's inputs.
final class Teacher {
    private let student: Program
    private let program: Program
    /// The outputs of both, in the order of the student's.
    private let pairs: [(mine: Program.Port, theirs: Program.Port)]
    /// From values as the student's loader normalizes them to those of the teacher: times scale, plus shift.
    private let change: (scale: Float, shift: Float)

    init(
        _ model: LoadedModel, beside student: Program, of network: Network, padsBothSides: Bool
    ) throws(TrainingError) {
        var options = Program.Options(batch: student.options.batch)
        options.isQuantized = false
        options.padsBothSides = padsBothSides
        do {
            program = try Program(model.analysis, store: model.store, options: options)
        } catch {
            throw .engine(error)
        }
        self.student = student
        guard student.inputs.map(\.shape) == program.inputs.map(\.shape) else {
            throw .mismatch(
                "the float model takes \(Teacher.list(program.inputs)), this network \(Teacher.list(student.inputs))"
            )
        }
        change = InputNormalization(network).change(to: InputNormalization(model.analysis.network))
        pairs = try Teacher.pairs(student.outputs, program.outputs)
    }

    /// Pairs outputs by the names of their layers; the second output of a layer with that layer's second.
    private static func pairs(
        _ mine: [Program.Port], _ theirs: [Program.Port]
    ) throws(TrainingError) -> [(mine: Program.Port, theirs: Program.Port)] {
        var rest = theirs
        var pairs: [(Program.Port, Program.Port)] = []
        for port in mine {
            guard let place = rest.firstIndex(where: { $0.name == port.name }) else {
                throw .mismatch(
                    "output '\(port.name)' has no counterpart in the float model, whose outputs are \(list(theirs)); an output keeps its name, or the network is quantized anew"
                )
            }
            let other = rest.remove(at: place)
            guard other.shape == port.shape else {
                throw .mismatch(
                    "output '\(port.name)' has the shape \(port.shape), in the float model \(other.shape)")
            }
            pairs.append((port, other))
        }
        return pairs
    }

    private static func list(_ ports: [Program.Port]) -> String {
        ports.map { "'\($0.name)' \($0.shape)" }.joined(separator: ", ")
    }

    /// Computes the teacher's outputs from what is in the student's inputs.
    func answer() throws(EngineError) {
        for (mine, theirs) in zip(student.inputs, program.inputs) {
            _ = theirs.values.update(fromContentsOf: mine.values)
            guard change != (1, 0) else { continue }
            for index in theirs.values.indices {
                theirs.values[index] = theirs.values[index] * change.scale + change.shift
            }
        }
        try program.forward(.evaluation)
    }

    /// The sum of the distances of the first `count` samples over all outputs; fills the gradients where there is training.
    func distance(count: Int) -> Double {
        pairs.reduce(0) { sum, pair in
            sum
                + Loss.distance(
                    pair.mine.values, from: pair.theirs.values, count: count,
                    elements: pair.mine.shape.elements,
                    isVector: pair.mine.shape.elements == pair.mine.shape.channels,
                    gradient: pair.mine.gradient)
        }
    }

    /// Signal and noise of the first `count` samples, for each output.
    func noise(count: Int) -> [OutputNoise] {
        pairs.map { pair in
            var found = OutputNoise(name: pair.mine.name, signal: 0, noise: 0)
            if let theirs = pair.theirs.values.baseAddress, let mine = pair.mine.values.baseAddress {
                ck_noise(
                    theirs, mine, 1, Int64(count * pair.mine.shape.elements), &found.signal, &found.noise)
            }
            return found
        }
    }
}

extension InputNormalization {
    /// What brings a value that was normalized so to another normalization: times scale, plus shift.
    func change(to other: InputNormalization) -> (scale: Float, shift: Float) {
        guard mean != other.mean || variance != other.variance else { return (1, 0) }
        return (Float(variance / other.variance), Float((mean - other.mean) / other.variance))
    }
}
