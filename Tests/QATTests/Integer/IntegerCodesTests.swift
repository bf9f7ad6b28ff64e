import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// The codes that `dump` writes, beside those of the reference interpreter.
@Suite("Codes against the reference", .limited)
struct IntegerCodesTests {
    @Test(
        "whole numbers give the reference's codes, but where a value lies at a rounding boundary",
        arguments: OperatorSample.all, ArithmeticFamily.allCases)
    func codes(sample: OperatorSample, family: ArithmeticFamily) throws {
        let test = try IntegerCase(try sample.network(), on: family, batch: 1)
        let integers = try IntegerNetwork(test.analysis, store: test.store, batch: 1)
        for (port, values) in zip(integers.program.inputs, test.inputs) {
            _ = port.values.update(fromContentsOf: values)
        }
        integers.prepare()
        try integers.run()
        var reference = ReferenceNetwork(test.analysis, quantized: true)
        for entry in test.store.layout.parameters {
            reference.parameters[entry.name] = test.store[entry.name]?.map(Double.init)
        }
        for entry in test.store.layout.statistics {
            reference.statistics[entry.name] = test.store[entry.name]?.map(Double.init)
        }
        let inputs = zip(test.analysis.network.inputs, test.inputs).map { input, values in
            Program.channelsFirst(values, input.shape, batch: 1).map(Double.init)
        }
        _ = reference.forward(inputs, batch: 1, training: false)
        for layer in integers.results {
            guard let codes = layer.codes else { continue }
            let signal = Signal(bits: layer.bits, isSigned: test.analysis.facts.nodes[0].output.isSigned)
            let quantizer = ReferenceFeatureQuantizer(signal, on: family, clip: 1)
            let values = Program.channelsLast(
                reference.values(of: layer.layer, output: layer.output).map(Float.init), layer.shape, batch: 1
            )
            // A step of rounding inside of a layer may move the codes behind it by one.
            let apart = zip(codes, values).map { abs(Int($0) - quantizer.code(of: Double($1))) }
            #expect(apart.max() ?? 0 <= 1, "\(layer.layer): \(apart.max() ?? 0) codes apart")
            let share = Double(apart.count { $0 > 0 }) / Double(max(1, apart.count))
            #expect(share <= 0.02, "\(layer.layer): \(share) of the codes differ")
        }
    }
}
