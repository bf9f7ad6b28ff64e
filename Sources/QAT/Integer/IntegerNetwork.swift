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
    private let library: OneDNN
    /// Where all steps and sums lie; nil until the first run.
    private var arena: Arena?
    /// The steps of the network's inputs.
    private(set) var inputs: [IntegerValues] = []
    /// Values of all inputs that were no whole step of the loader's, or beyond its range, in the run that was last.
    public private(set) var movedInputs = 0
    /// Whether tokens reach an input, which have no range.
    private let hasTokens: [Bool]

    /// Makes a network ready for a batch size; the store is read when `prepare` runs. Throws where its tensors take more
    /// than `memoryLimit` bytes as values.
    ///
    /// Without `keepsValues`, steps share room: only the results of the last layers are there after a run.
    public init(
        _ analysis: Analysis, store: ParameterStore, batch: Int, padsBothSides: Bool = false,
        arithmetic: Program.Arithmetic = .best, keepsValues: Bool = true, memoryLimit: Int = .max
    ) throws(EngineError) {
        var options = Program.Options(batch: batch)
        options.memoryLimit = memoryLimit
        options.padsBothSides = padsBothSides
        options.arithmetic = arithmetic
        options.keepsValues = keepsValues
        self.analysis = analysis
        let program = try Program(analysis, store: store, options: options)
        self.program = program
        library = try OneDNN()
        let tables = program.kernels.compactMap { $0 as? EmbeddingKernel }.flatMap(\.inputs)
        hasTokens = program.inputTensors.map { input in tables.contains { $0.storage === input.storage } }
        tensors = IntegerTensors(
            .init(batch: batch, family: analysis.facts.family, keepsValues: keepsValues), library: library)
    }

    /// Folds the numbers of the store into the constants of the integer forms.
    public func prepare() { makeForms(inputsAreBytes: true) }

    private func makeForms(inputsAreBytes: Bool) {
        tensors = IntegerTensors(tensors.options, library: library)
        arena = nil
        inputs = zip(analysis.network.inputs, program.inputTensors).enumerated().map { index, pair in
            let normalization = InputNormalization(analysis.network, of: pair.0.name)
            let grid = InputGrid(normalization)
            let bytes = inputsAreBytes && !hasTokens[index] ? InputGrid.bytes(normalization) : nil
            return tensors.make(pair.1, levels: grid.levels, bound: grid.bound, bytes: bytes)
        }
        steps = program.kernels.enumerated().map { index, kernel in
            tensors.kernel = index
            let known = tensors.made.count
            let form = Result { () throws(NoIntegerForm) in try kernel.integerForm(tensors) }
            return Step(kernel: kernel, form: form, made: Array(tensors.made.dropFirst(known)))
        }
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
    func loadInputs() throws(EngineError) -> [Int] {
        if arena == nil { arena = try tensors.plan(kernels: steps.count) }
        var moved: [Int] = []
        for (input, isTokens) in zip(inputs, hasTokens) {
            guard let found = input.load(bound: isTokens ? .max : input.bound) else {
                // What no loader of bytes gave takes 32 bits from now on.
                makeForms(inputsAreBytes: false)
                return try loadInputs()
            }
            if needsValues { input.store() }
            moved.append(found)
        }
        return moved
    }

    /// Whether the training arithmetic reads results too.
    private var needsValues: Bool {
        tensors.options.keepsValues || steps.contains { (try? $0.form.get()) == nil }
    }

    /// Computes all layers from the program's inputs; its outputs then hold the results. False where `isCancelled`, which is
    /// asked before each kernel, became true.
    @discardableResult
    public func run(_ isCancelled: () -> Bool = { false }) throws(EngineError) -> Bool {
        movedInputs = try loadInputs().reduce(0, +)
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
                try form.run()
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

    init(_ normalization: InputNormalization) {
        let mean = normalization.mean
        let divisor = InputGrid.divisor(mean)
        let variance = abs(normalization.variance)
        // A loader that divides by nothing gives no number at all.
        levels = (variance > 0 && variance.isFinite ? variance : 255) * Double(divisor)
        bound = Int(held: (max(abs(mean), abs(255 - mean)) * Double(divisor)).rounded(.up))
    }

    private static func divisor(_ mean: Double) -> Int {
        (1...100).first { abs((mean * Double($0)).rounded() - mean * Double($0)) < 1e-9 } ?? 64
    }

    /// How the loader's bytes stand for steps; nil where it turns them round, or moves them far.
    static func bytes(_ normalization: InputNormalization) -> StepBytes? {
        let divisor = divisor(normalization.mean)
        let zero = Int(held: (-normalization.mean * Double(divisor)).rounded())
        guard normalization.variance > 0, abs(zero) <= Int(Int16.max) else { return nil }
        return StepBytes(stride: divisor, zero: zero)
    }
}

extension InputNormalization {
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
