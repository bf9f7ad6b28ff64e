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
    /// The results of inner layers that are compared in training, in one order.
    private let inner: [(mine: Program.Port, theirs: Program.Port)]
    /// Room for the sums of an inner layer's channels.
    private let sums: UnsafeMutablePointer<Double>
    /// From values as the student's loader normalizes them to those of the teacher: times scale, plus shift.
    private let change: (scale: Float, shift: Float)

    init(
        _ model: LoadedModel, beside student: Program, of network: Network, padsBothSides: Bool
    ) throws(TrainingError) {
        var options = Program.Options(batch: student.options.batch)
        options.isQuantized = false
        options.padsBothSides = padsBothSides
        options.comparedLayers = student.options.comparedLayers
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
        inner = try Teacher.pairs(student.compared, program.compared)
        sums = .allocate(capacity: max(1, 3 * (inner.map(\.mine.shape.channels).max() ?? 0)))
    }

    deinit { sums.deallocate() }

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

    /// The mean over the compared inner layers of the distance of their results, in a batch; fills their gradients.
    ///
    /// A quantized network holds its inner tensors on scales of its own, one or one for each channel: what counts is what
    /// remains of the squared error when each channel is scaled best.
    func innerDistance(count: Int) -> Double {
        inner.reduce(0) { sum, pair in
            sum
                + Loss.scaledDistance(
                    pair.mine.values, from: pair.theirs.values,
                    rows: count * pair.mine.shape.elements / pair.mine.shape.channels,
                    channels: pair.mine.shape.channels, weight: 1 / Double(inner.count), sums: sums,
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

extension LoadedModel {
    /// The inner layers of a quantized network whose results are those of the float model's layers of the same names, up to
    /// a factor for each channel and the quantizer: layers of one kind, shape and activation. Where that is none, the
    /// quantizer takes negative results away, which the float model keeps.
    func innerLayers(of student: Analysis) -> Set<String> {
        let nodes = student.network.nodes
        let found = nodes.indices.filter { index in
            let node = nodes[index]
            let facts = student.facts.nodes[index]
            guard let activation = node.layer.settings.activation, activation != .none, !facts.isLast,
                !facts.output.isFloat, let place = analysis.network.index(of: node.name),
                !analysis.facts.nodes[place].isLast, case .success(let mine) = student.shapes.outputs[index],
                case .success(let theirs) = analysis.shapes.outputs[place], mine == theirs
            else { return false }
            let other = analysis.network.nodes[place]
            return other.kind == node.kind && other.layer.settings.activation == activation
        }
        return Set(found.map { nodes[$0].name })
    }
}

extension InputNormalization {
    /// What brings a value that was normalized so to another normalization: times scale, plus shift.
    func change(to other: InputNormalization) -> (scale: Float, shift: Float) {
        guard mean != other.mean || variance != other.variance else { return (1, 0) }
        return (Float(variance / other.variance), Float((mean - other.mean) / other.variance))
    }
}
