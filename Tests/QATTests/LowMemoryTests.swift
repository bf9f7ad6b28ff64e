import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// Training that computes cheap results again instead of keeping them.
@Suite("Low memory", .limited)
struct LowMemoryTests {
    /// One step's gradients, results and running statistics, and the bytes of the block.
    private struct Step: Equatable {
        var gradients, statistics: [Float]
        var results: [[Float]]
        var bytes: Int

        static func == (first: Step, second: Step) -> Bool {
            first.gradients == second.gradients && first.statistics == second.statistics
                && first.results == second.results
        }
    }

    private func step(
        _ network: Network, on family: ArithmeticFamily, isQuantized: Bool, arithmetic: Program.Arithmetic,
        batch: Int = 3, memory: Program.Memory
    ) throws -> Step {
        let analysis = Analysis(network, on: family)
        let store = ParameterStore(analysis)
        store.initialize(seed: 5)
        var options = Program.Options(batch: batch)
        (options.isTraining, options.isQuantized, options.arithmetic) = (true, isQuantized, arithmetic)
        (options.wantsInputGradients, options.memory) = (true, memory)
        let program = try Program(analysis, store: store, options: options)
        let hasIndices = network.nodes.contains { $0.kind == .embedding }
        var random = SeededGenerator(seed: 9)
        for input in program.inputs {
            for index in input.values.indices {
                input.values[index] = hasIndices ? Float(random.next() % 2) : Float(random.next() % 256) / 255
            }
        }
        try program.forward(.training)
        program.clearOutputGradients()
        for output in program.outputs {
            guard let gradient = output.gradient else { continue }
            for index in gradient.indices { gradient[index] = Float(random.next() % 2001) / 1000 - 1 }
        }
        let results = program.outputs.map { Array($0.values) }
        try program.backward()
        let running = UnsafeBufferPointer(start: store.running, count: store.layout.statisticCount)
        return Step(
            gradients: Array(program.gradients), statistics: Array(running), results: results,
            bytes: program.arenaBytes)
    }

    @Test("gradients through every operator are the same to the bit", arguments: SandwichCase.all)
    func operators(_ sandwich: SandwichCase) throws {
        for arithmetic in EngineCase.arithmetics {
            func step(_ memory: Program.Memory) throws -> Step {
                try self.step(
                    try sandwich.network(), on: sandwich.family, isQuantized: sandwich.isQuantized,
                    arithmetic: arithmetic, memory: memory)
            }
            #expect(try step(.low) == (try step(.normal)), "\(arithmetic.rawValue)")
        }
    }

    @Test("gradients of a block are the same to the bit", arguments: NetworkCase.all)
    func block(_ network: NetworkCase) throws {
        let block = try SmallNetwork.block(bits: network.bits, signed: network.isSigned)
        func step(_ memory: Program.Memory) throws -> Step {
            try self.step(
                block, on: network.family, isQuantized: network.isQuantized, arithmetic: network.arithmetic,
                memory: memory)
        }
        let (low, normal) = (try step(.low), try step(.normal))
        #expect(low == normal)
        #expect(normal.gradients.contains { $0 != 0 })
    }

    @Test("a deep network of codes needs half of the memory, and one of floats less")
    func bytes() throws {
        var product = Conv2D()
        (product.outChannels, product.padding, product.batchNorm, product.bias) = (16, 1, true, false)
        product.quantizers = Quantization(outputBits: 8, clip: 2)
        (product.quantizers.isEnabled, product.quantizers.weightBits) = (true, 8)
        let nodes = (0..<12).map { index in
            Node("conv\(index)", product.layer, inputs: [Source(index == 0 ? "in" : "conv\(index - 1)")])
        }
        let network = try Network(
            inputs: [Input("in", .map(channels: 3, height: 24, width: 24))], nodes: nodes)
        func share(isQuantized: Bool) throws -> Double {
            func bytes(_ memory: Program.Memory) throws -> Double {
                Double(
                    try step(
                        network, on: .npu, isQuantized: isQuantized, arithmetic: .best, batch: 8,
                        memory: memory
                    ).bytes)
            }
            return try bytes(.low) / bytes(.normal)
        }
        #expect(try share(isQuantized: false) < 0.75)
        if Program.Arithmetic.hasCodes { #expect(try share(isQuantized: true) < 0.5) }
    }
}
