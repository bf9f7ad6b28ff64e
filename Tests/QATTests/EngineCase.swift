import Graph
import QAT
import TestSupport
import Testing

/// One network run through the engine and the reference with the same numbers.
struct EngineCase {
    let analysis: Analysis
    let isQuantized: Bool
    let arithmetic: Program.Arithmetic
    var batch = 3
    var padsBothSides = false

    /// What both made of it.
    struct Outcome {
        var reference: ReferenceNetwork
        let program: Program
        let store: ParameterStore
        let referenceGradients: (parameters: [String: [Double]], inputs: [[Double]])
    }

    /// Runs a forward and a backward pass of training in both, with seeded parameters, inputs and output gradients;
    /// `prepare` may change the reference's numbers before, which the engine then takes over.
    func run(seed: UInt64, prepare: (inout ReferenceNetwork) -> Void = { _ in }) throws -> Outcome {
        var reference = ReferenceNetwork(analysis, quantized: isQuantized, padsBothSides: padsBothSides)
        reference.randomizeParameters(seed: seed)
        prepare(&reference)
        let store = try store(of: reference)
        let inputs = reference.randomInputs(batch: batch, seed: seed &+ 1)
        let program = try program(store, reading: inputs, isTraining: true)
        let results = reference.forward(inputs, batch: batch, training: true)
        try program.forward(.training)
        var random = SeededGenerator(seed: seed &+ 2)
        var gradients: [[Double]] = []
        program.clearOutputGradients()
        for (output, result) in zip(program.outputs, results) {
            let gradient = result.map { _ in Double(Float(Double(random.next() % 2001) / 1000 - 1)) }
            gradients.append(gradient)
            let last = Program.channelsLast(gradient.map(Float.init), output.shape, batch: batch)
            for (index, value) in last.enumerated() { output.gradient?[index] = value }
        }
        let referenceGradients = reference.backward(gradients)
        try program.backward()
        return Outcome(
            reference: reference, program: program, store: store, referenceGradients: referenceGradients)
    }

    /// Runs a forward pass of evaluation in both.
    func evaluate(seed: UInt64, prepare: (inout ReferenceNetwork) -> Void = { _ in }) throws -> Outcome {
        var reference = ReferenceNetwork(analysis, quantized: isQuantized, padsBothSides: padsBothSides)
        reference.randomizeParameters(seed: seed)
        prepare(&reference)
        let store = try store(of: reference)
        let inputs = reference.randomInputs(batch: batch, seed: seed &+ 1)
        let program = try program(store, reading: inputs, isTraining: false)
        _ = reference.forward(inputs, batch: batch, training: false)
        try program.forward(.evaluation)
        return Outcome(reference: reference, program: program, store: store, referenceGradients: ([:], []))
    }

    /// The numbers of the reference as the engine keeps them.
    func store(of reference: ReferenceNetwork) throws -> ParameterStore {
        let store = ParameterStore(analysis)
        for (name, values) in reference.parameters { try store.set(name, to: values.map(Float.init)) }
        for (name, values) in reference.statistics { try store.set(name, to: values.map(Float.init)) }
        return store
    }

    /// A program that keeps every value, with inputs in the order of files.
    func program(_ store: ParameterStore, reading inputs: [[Double]], isTraining: Bool) throws -> Program {
        var options = Program.Options(batch: batch)
        options.isTraining = isTraining
        options.isQuantized = isQuantized
        options.arithmetic = arithmetic
        options.padsBothSides = padsBothSides
        options.keepsValues = true
        options.wantsInputGradients = isTraining
        let program = try Program(analysis, store: store, options: options)
        for (input, values) in zip(program.inputs, inputs) {
            let last = Program.channelsLast(values.map(Float.init), input.shape, batch: batch)
            for (index, value) in last.enumerated() { input.values[index] = value }
        }
        return program
    }

    /// The kinds of arithmetic that this processor has.
    static var arithmetics: [Program.Arithmetic] {
        Program.Arithmetic.hasCodes ? [.float, .codes] : [.float]
    }
}

extension EngineCase {
    /// The engine gives the reference's values and gradients at each of some seeds. Seeds with a value at a boundary,
    /// where another order of sums rounds it to the other side, are left out. Inside of composed layers a value may lie
    /// exactly between two codes in double precision and not in single: there, one of the seeds is enough.
    func expectAgreement(
        within tolerance: Double, gradients: Double, boundary: Double, seeds: Int, isComposed: Bool = false,
        run: (UInt64) throws -> Outcome
    ) throws {
        var tried = 0
        var complaints: [String] = []
        for seed in UInt64(1)...200 where tried < seeds {
            let outcome = try run(seed)
            let isOnBoundary =
                isComposed
                ? outcome.touchesBoundary(within: boundary) : outcome.reference.nearestBoundary < boundary
            if isQuantized && isOnBoundary { continue }
            tried += 1
            let found = try outcome.disagreements(tolerance, gradients).map { "\($0) (seed \(seed))" }
            if found.isEmpty && isComposed { return }
            complaints += found
        }
        for complaint in complaints { Issue.record("\(complaint)") }
        #expect(tried == seeds, "seeds without a value at a boundary: \(tried)")
    }
}

extension EngineCase.Outcome {
    /// The gradient of a parameter as the engine found it.
    func gradient(of name: String) -> [Float] {
        guard let entry = store.layout.parameter(name) else { return [] }
        return Array(program.gradients[entry.offset..<entry.offset + entry.count])
    }

    /// Whether a value of the reference lies so near to a rounding boundary that another order of sums may round it
    /// the other way. Exact halves of whole steps are no boundary: both round them alike.
    func touchesBoundary(within reach: Double) -> Bool {
        let layers = reference.analysis.network.nodes.map(\.name)
        let inner = layers.flatMap { [$0, $0 + ".depthwise", $0 + ".mean", $0 + ".reduce", $0 + ".expand"] }
        return inner.contains { name in
            (reference.unrounded(of: name) ?? []).contains { value in
                let rest = abs(value) - abs(value).rounded(.down)
                let isHalf = abs(rest - 0.5) < 1e-9
                return !isHalf && (abs(rest - 0.5) < reach || abs(rest - 0.501) < reach)
            }
        }
    }
}

/// The largest difference of two lists, in units of the largest magnitude of the second, at least `floor`.
func difference(_ found: [Float], _ expected: [Double], floor: Double = 1e-3) -> Double {
    guard found.count == expected.count else { return .infinity }
    let scale = max(expected.map(abs).max() ?? 0, floor)
    return zip(found, expected).map { abs(Double($0) - $1) }.max().map { $0 / scale } ?? 0
}
