import Graph
import QAT
import TestSupport
import TestTraits
import Testing

/// The layers that were measured in the kit, through the engine.
@Suite("The engine against measured codes", .limited)
struct EngineVectorTests {
    @Test(
        "a convolution has the measured codes", arguments: ReferenceVectorTests.layerCases,
        EngineCase.arithmetics)
    func convolution(of vector: ReferenceVectorTests.LayerCase, arithmetic: Program.Arithmetic) throws {
        // Behind a layer the convolution reads codes, which is where their arithmetic acts.
        for hasFront in [false, true] {
            let analysis = Analysis(
                try ReferenceVectorTests.network(vector, hasFront: hasFront), on: vector.family)
            let run = EngineCase(analysis: analysis, isQuantized: true, arithmetic: arithmetic, batch: 1)
            let store = ParameterStore(analysis)
            try store.set("conv.weight", to: ReferenceVectorTests.kernel.map(Float.init))
            try store.set("conv.bias", to: [0.1])
            if hasFront || vector.signedInput { try store.set("front.weight", to: [1]) }
            let quantizer = ReferenceFeatureQuantizer(
                Signal(bits: 4, isSigned: vector.activation == .linear), on: vector.family, clip: 1)
            for (isTraining, pass) in [(true, Pass.training), (false, .evaluation)] {
                let inputs = [ReferenceVectorTests.input(of: vector)]
                let program = try run.program(store, reading: inputs, isTraining: isTraining)
                try program.forward(pass)
                let values = try #require(program.values(of: "conv"))
                #expect(values.map { quantizer.code(of: Double($0)) } == vector.codes)
                expectClose(
                    values.map(Double.init), vector.codes.map { quantizer.value(ofCode: $0) }, within: 1e-6)
            }
        }
    }

    @Test(
        "a sum has the measured codes; a clip above 2.0 has no effect",
        arguments: ReferenceVectorTests.shortcutCases, EngineCase.arithmetics)
    func shortcut(of vector: ReferenceVectorTests.ShortcutCase, arithmetic: Program.Arithmetic) throws {
        var settings = Shortcut()
        (settings.quantizers.isEnabled, settings.quantizers.quantizesLastFeature) = (true, true)
        (settings.quantizers.outputBits, settings.quantizers.clip) = (4, vector.clip)
        let network = try Network(
            inputs: [Input("a", .vector(8)), Input("b", .vector(8))],
            nodes: [Node("sum", settings.layer, inputs: ["a", "b"])])
        let analysis = Analysis(network, on: vector.family)
        let run = EngineCase(analysis: analysis, isQuantized: true, arithmetic: arithmetic, batch: 1)
        let addends = ReferenceVectorTests.addends
        let inputs = [addends.first, addends.second].map { $0.map { Double($0) / 15 } }
        let program = try run.program(ParameterStore(analysis), reading: inputs, isTraining: false)
        try program.forward(.evaluation)
        #expect(program.values(of: "sum") == vector.codes.map { Float($0) / 15 })
    }
}
