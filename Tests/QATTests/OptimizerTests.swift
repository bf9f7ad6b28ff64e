import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// Steps of optimizers against PyTorch's.
@Suite("Optimizers", .limited)
struct OptimizerTests {
    @Test("three steps give PyTorch's numbers")
    func steps() throws {
        for fixture in try PyTorchFixture.cases("optimizers") {
            let (store, entry) = try Self.store(outputs: 1)
            try store.set(entry.name, to: try fixture.values("start").map(Float.init))
            let optimizer = Optimizer(
                try Self.rule(of: fixture), weightDecay: try fixture.setting("weightDecay"), for: store)
            let gradients = Gradients(store.layout)
            for step in 1...3 {
                gradients.set(entry, to: try fixture.values("gradient.\(step)").map(Float.init))
                optimizer.step(gradients.values, rate: try fixture.setting("learningRate"))
                let found = try #require(store[entry.name]).map(Double.init)
                let expected = try fixture.values("after.\(step)")
                expectClose(found, expected, within: 1e-6, "\(fixture), step \(step)")
            }
            #expect(optimizer.steps == 3)
        }
    }

    @Test(
        "an optimizer that is restored goes on to the same bits",
        arguments: [OptimizerRule.sgd, .adam, .adamW])
    func restored(rule: OptimizerRule) throws {
        func finalBits(stopping: Bool) throws -> [UInt32] {
            let (store, entry) = try Self.store(outputs: 3)
            store.initialize(seed: 5)
            var optimizer = Optimizer(rule, weightDecay: 0.01, for: store)
            let gradients = Gradients(store.layout)
            var random = SeededGenerator(seed: 6)
            for step in 0..<6 {
                if stopping, step == 3 {
                    let before = optimizer
                    optimizer = Optimizer(rule, weightDecay: 0.01, for: store)
                    try optimizer.restore(before.memories, steps: before.steps)
                }
                gradients.set(
                    entry, to: (0..<entry.count).map { _ in Float.random(in: -1...1, using: &random) })
                optimizer.step(gradients.values, rate: 0.1)
            }
            return try #require(store[entry.name]).map(\.bitPattern)
        }
        let (stopped, through) = (try finalBits(stopping: true), try finalBits(stopping: false))
        #expect(stopped == through)
    }

    @Test(
        "decay acts on weights alone, scaled gradients act as if they were smaller, and what fits not is refused"
    )
    func details() throws {
        let (store, weight) = try Self.store(outputs: 2)
        let bias = try #require(store.layout.parameter("layer.bias"))
        store.initialize(seed: 1)
        let before = (weight: try #require(store[weight.name]), bias: try #require(store[bias.name]))
        let optimizer = Optimizer(.sgd(momentum: 0, nesterov: false), weightDecay: 0.5, for: store)
        let gradients = Gradients(store.layout)
        optimizer.step(gradients.values, rate: 0.5)
        #expect(store[weight.name] == before.weight.map { $0 - 0.5 * (0.5 * $0) })
        #expect(store[bias.name] == before.bias)

        gradients.set(bias, to: [3, 4])
        #expect(optimizer.norm(of: gradients.values) == 5)
        optimizer.step(gradients.values, rate: 1, scale: 0.5)
        #expect(store[bias.name] == [before.bias[0] - 1.5, before.bias[1] - 2])
        #expect(throws: EngineError.self) { try optimizer.restore([], steps: 0) }
        #expect(throws: EngineError.self) { try optimizer.restore([[1, 2]], steps: 0) }
    }

    private static func rule(of fixture: PyTorchFixture) throws -> OptimizerRule {
        guard fixture.settings["beta1"] != nil else {
            return .sgd(momentum: try fixture.setting("momentum"), nesterov: try fixture.flag("nesterov"))
        }
        return .adam(
            beta1: try fixture.setting("beta1"), beta2: try fixture.setting("beta2"),
            epsilon: try fixture.setting("epsilon"), decoupled: fixture.name == "AdamW")
    }

    /// The numbers of a matrix of 6 columns with a bias.
    private static func store(outputs: Int) throws -> (ParameterStore, ParameterLayout.Entry) {
        var product = FullConnected()
        product.outChannels = outputs
        let network = try Network(
            inputs: [Input("in", .vector(6))], nodes: [Node("layer", product.layer, inputs: ["in"])])
        let store = ParameterStore(Analysis(network, on: .npu))
        return (store, try #require(store.layout.parameter("layer.weight")))
    }
}

/// Gradients of all parameters, zero at first.
private final class Gradients {
    let values: UnsafeMutableBufferPointer<Float>

    init(_ layout: ParameterLayout) {
        values = .allocate(capacity: layout.parameterCount)
        values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }

    func set(_ entry: ParameterLayout.Entry, to numbers: [Float]) {
        for (index, number) in numbers.enumerated() { values[entry.offset + index] = number }
    }
}
