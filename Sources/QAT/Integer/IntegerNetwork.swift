import CKernels
import Foundation
public import Graph

/// A network in integers: the kernels of a program, each in its integer form.
///
/// A kernel without one runs in the training arithmetic, on the values of the codes that reach it; the report says why.
/// A network belongs to the thread that uses it.
public final class IntegerNetwork {
    /// One kernel of the program.
    struct Step {
        let kernel: any Kernel
        let form: Result<any IntegerForm, NoIntegerForm>
        /// The steps that the kernel fills.
        let made: [IntegerValues]
    }

    /// Where the sample that was read last lies in its data set; nil where a caller filled the input.
    var readSample: SamplePlace?

    /// A layer that has no integer form.
    public struct Fallback: Hashable, Sendable {
        /// The layer, or a part of it.
        public var layer: String
        /// Why.
        public var reason: String
    }

    /// The program whose kernels these are. Its inputs are to be filled, its outputs hold the results.
    public let program: Program
    let analysis: Analysis
    private(set) var steps: [Step] = []
    private(set) var tensors: IntegerTensors
    /// The steps of the network's inputs.
    private(set) var inputs: [IntegerValues] = []
    /// Values of all inputs that were no whole step of the loader's, or beyond its range, in the run that was last.
    public private(set) var movedInputs = 0
    /// Whether tokens reach an input, which have no range.
    private var hasTokens: [Bool] = []

    /// Makes a network ready for a batch size; the store is read when `prepare` runs. Throws where its tensors take more
    /// than `memoryLimit` bytes as values.
    public init(
        _ analysis: Analysis, store: ParameterStore, batch: Int, padsBothSides: Bool = false,
        arithmetic: Program.Arithmetic = .best, memoryLimit: Int = .max
    ) throws(EngineError) {
        var options = Program.Options(batch: batch)
        options.memoryLimit = memoryLimit
        (options.padsBothSides, options.arithmetic, options.keepsValues) = (padsBothSides, arithmetic, true)
        self.analysis = analysis
        program = try Program(analysis, store: store, options: options)
        tensors = IntegerTensors(batch: batch, family: analysis.facts.family)
    }

    /// Folds the numbers of the store into the constants of the integer forms.
    public func prepare() {
        tensors = IntegerTensors(batch: program.options.batch, family: analysis.facts.family)
        inputs = zip(analysis.network.inputs, program.inputTensors).map { input, tensor in
            let grid = InputGrid(Normalization(analysis.network, of: input.name))
            return tensors.make(tensor, levels: grid.levels, bound: grid.bound)
        }
        steps = program.kernels.map { kernel in
            let known = tensors.made.count
            let form = Result { () throws(NoIntegerForm) in try kernel.integerForm(tensors) }
            return Step(kernel: kernel, form: form, made: Array(tensors.made.dropFirst(known)))
        }
        let tables = steps.compactMap { try? $0.form.get() as? IntegerEmbedding }
        hasTokens = inputs.map { input in tables.contains { $0.inputs.contains { $0 === input } } }
    }

    /// The layers that the training arithmetic stands in for; known once it is prepared.
    public var fallbacks: [Fallback] {
        var found: [Fallback] = []
        for step in steps {
            guard case .failure(let missing) = step.form, found.last?.layer != step.kernel.layer else {
                continue
            }
            found.append(Fallback(layer: step.kernel.layer, reason: missing.reason))
        }
        return found
    }

    /// Turns the values in the program's inputs into steps, and back, so that the training arithmetic reads the same; gives
    /// for each input how many values were moved.
    func loadInputs() -> [Int] {
        zip(inputs, hasTokens).map { input, isTokens in
            var moved = input.load()
            if !isTokens {
                let bound = Int32(clamping: input.bound)
                for index in 0..<input.count where abs(input.steps[index]) > bound {
                    input.steps[index] = min(max(input.steps[index], -bound), bound)
                    moved += 1
                }
            }
            input.store()
            return moved
        }
    }

    /// Computes all layers from the program's inputs; its outputs then hold the results. False where `isCancelled`, which is
    /// asked before each kernel, became true.
    @discardableResult
    public func run(_ isCancelled: () -> Bool = { false }) throws(EngineError) -> Bool {
        movedInputs = loadInputs().reduce(0, +)
        let needsValues = steps.contains { (try? $0.form.get()) == nil }
        for step in steps {
            if isCancelled() { return false }
            switch step.form {
            case .success(let form):
                if let table = step.kernel as? EmbeddingKernel {
                    do throws(EngineError) {
                        try table.checkIndices()
                    } catch {
                        throw error.naming { _ in self.readSample }
                    }
                }
                form.run()
                for output in form.outputs where needsValues || output.tensor.storage.isOutput {
                    output.store()
                }
                form.floatResult?.store()
            case .failure:
                try step.kernel.forward(.evaluation)
                for output in step.made { output.load() }
            }
        }
        return true
    }
}

/// The steps of a network's input: the bytes that the loader read, moved by the mean.
///
/// (x - mean) / variance with a byte x is a whole number of 1 / variance where the mean is whole, and of 1 / (d variance)
/// where d times the mean is. A mean that no d up to 100 makes whole gets d = 64; its values are rounded to the nearest
/// step, and the report counts them.
struct InputGrid: Hashable {
    let levels: Double
    let bound: Int

    init(levels: Double, bound: Int) { (self.levels, self.bound) = (levels, bound) }

    init(_ normalization: Normalization) {
        let mean = normalization.mean
        let divisor =
            (1...100).first { abs((mean * Double($0)).rounded() - mean * Double($0)) < 1e-9 } ?? 64
        let variance = abs(normalization.variance)
        // A loader that divides by nothing gives no number at all.
        levels = (variance > 0 && variance.isFinite ? variance : 255) * Double(divisor)
        bound = Int(held: (max(abs(mean), abs(255 - mean)) * Double(divisor)).rounded(.up))
    }
}

extension Normalization {
    /// What the loader does to one input: its own Preprocess, or the network's.
    init(_ network: Network, of input: String) {
        self.init(network)
        for node in network.nodes where node.inputs.contains(where: { $0.name == input }) {
            guard case .preprocess(let settings) = node.layer else { continue }
            mean = settings.mean
            variance = settings.variance
            return
        }
    }
}
