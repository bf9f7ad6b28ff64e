import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Imports of functions of one number", .limited)
struct FunctionImportTests {
    /// A convolution `a` of 32 channels in front.
    private var base: RewriteCase {
        var base = RewriteCase([1, 3, 6, 6])
        base.convolve("x", "a", 3, 32, kernel: 3)
        base.model.weight("three", [3], [])
        base.model.weight("six", [6], [])
        base.model.weight("sixth", [1 / 6], [1])
        base.model.weight("none", [0], [])
        base.model.weight("one", [1], [])
        base.model.weight("half", [0.5], [])
        return base
    }

    /// HardSwish as files write it.
    enum HardSwish: CaseIterable { case dividedFirst, dividedLast, multiplied, hardSigmoid, operatorItself }

    private func hardSwish(_ form: HardSwish, _ model: inout ModelText) {
        switch form {
        case .operatorItself:
            model.add("HardSwish", ["a"], "y")
            return
        case .hardSigmoid:
            model.add("HardSigmoid", ["a"], "g", [.number("alpha", 1 / 6)])
            model.add("Mul", ["g", "a"], "y")
            return
        case .dividedFirst, .dividedLast, .multiplied: break
        }
        model.add("Add", ["three", "a"], "p")
        model.add("Clip", ["p", "none", "six"], "c")
        switch form {
        case .dividedFirst:
            model.add("Div", ["c", "six"], "g")
            model.add("Mul", ["a", "g"], "y")
        case .dividedLast:
            model.add("Mul", ["a", "c"], "g")
            model.add("Div", ["g", "six"], "y")
        case .multiplied, .hardSigmoid, .operatorItself:
            model.add("Mul", ["c", "a"], "g")
            model.add("Mul", ["sixth", "g"], "y")
        }
    }

    @Test("HardSwish written out is the activation of the layer before", arguments: HardSwish.allCases)
    func hardSwish(_ form: HardSwish) throws {
        var model = base
        hardSwish(form, &model.model)
        let (read, values) = try model.results("y")
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D])
        #expect(read.network.nodes.last?.layer.settings.activation == .hswish)
        let plain = try base.results("a").values
        expectClose(values, plain.map { $0 * min(1, max(0, $0 / 6 + 0.5)) })
    }

    @Test("a part of it that something else reads is computed all the same")
    func sharedPart() throws {
        var model = base
        hardSwish(.dividedFirst, &model.model)
        model.model.add("Add", ["g", "y"], "z")
        let (_, values) = try model.results("z")
        let plain = try base.results("a").values
        expectClose(values, plain.map { ($0 + 1) * min(1, max(0, $0 / 6 + 0.5)) })
    }

    @Test("a leaky ReLU written as the larger of two is PReLU, ReLU6 as bounds is ReLU6")
    func written() throws {
        var model = base
        model.model.weight("slope", [0.25], [])
        model.model.add("Mul", ["a", "slope"], "l")
        model.model.add("Max", ["a", "l"], "m")
        model.model.add("Max", ["m", "none"], "n")
        model.model.add("Min", ["six", "n"], "y")
        let (read, values) = try model.results("y")
        #expect(read.network.nodes.map { $0.layer.settings.activation } == [nil, .relu6])
        let plain = try base.results("a").values
        expectClose(values, plain.map { min(6, max(0, $0)) })
        let (leaky, others) = try model.results("m")
        #expect(leaky.network.nodes.contains { $0.layer.settings.activation == .prelu })
        expectClose(others, plain.map { $0 < 0 ? 0.25 * $0 : $0 })
    }

    /// Functions that no chip has.
    enum Smooth: CaseIterable { case silu, gelu, geluByTanh, sigmoid }

    private func smooth(_ function: Smooth, _ model: inout ModelText) {
        switch function {
        case .silu:
            model.add("Sigmoid", ["a"], "s")
            model.add("Mul", ["a", "s"], "f")
        case .gelu:
            model.weight("root", [Float(2).squareRoot()], [])
            model.add("Div", ["a", "root"], "d")
            model.add("Erf", ["d"], "e")
            model.add("Add", ["e", "one"], "p")
            model.add("Mul", ["a", "p"], "m")
            model.add("Mul", ["m", "half"], "f")
        case .geluByTanh:
            model.weight("cube", [3], [])
            model.weight("share", [0.044715], [])
            model.weight("root", [(2 / Float.pi).squareRoot()], [])
            model.add("Pow", ["a", "cube"], "c")
            model.add("Mul", ["c", "share"], "d")
            model.add("Add", ["a", "d"], "e")
            model.add("Mul", ["root", "e"], "g")
            model.add("Tanh", ["g"], "h")
            model.add("Add", ["one", "h"], "i")
            model.add("Mul", ["half", "i"], "j")
            model.add("Mul", ["a", "j"], "f")
        case .sigmoid: model.add("Sigmoid", ["a"], "f")
        }
    }

    @Test(
        "SiLU, GELU and Sigmoid come near to functions of the chips on request alone",
        arguments: Smooth.allCases)
    func approximate(_ function: Smooth) throws {
        var model = base
        smooth(function, &model.model)
        model.convolve("f", "y", 32, 8, seed: 5)
        let faults = try model.faults("y")
        #expect(faults.contains { $0.advice.contains("--approximate") }, "\(faults)")
        let (read, values) = try model.results("y", approximates: true)
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D, .conv2D])
        let expected: Activation = function == .sigmoid ? .hsigmoid : .hswish
        #expect(read.network.nodes[1].layer.settings.activation == expected)
        #expect(read.report.notes.contains { $0.kind == .accuracy && $0.text.contains("became H") })
        // As the chip's own function gives it.
        let factor: Float =
            switch function {
            case .silu: 1.15
            case .gelu, .geluByTanh: 1.85
            case .sigmoid: 1.2
            }
        var chips = base
        chips.model.weight("factor", [factor], [])
        chips.model.weight("inverse", [1 / factor], [])
        chips.model.add("Mul", ["a", "factor"], "steep")
        chips.model.add(
            function == .sigmoid ? "HardSigmoid" : "HardSwish", ["steep"], "h",
            function == .sigmoid ? [.number("alpha", 1 / 6)] : [])
        chips.model.add("Mul", ["h", function == .sigmoid ? "one" : "inverse"], "f")
        chips.convolve("f", "y", 32, 8, seed: 5)
        expectClose(values, try chips.results("y").values)
    }

    @Test("an activation that is a layer of its own has weights at every width")
    func alone() throws {
        var model = RewriteCase([1, 32, 8, 8])
        model.model.add("Relu", ["x"], "y")
        let (read, values) = try model.results("y")
        expectClose(values, model.input.map { max(0, $0) })
        for family in ArithmeticFamily.allCases {
            var nodes = read.network.nodes
            for index in nodes.indices {
                guard case .batchNorm(var norm) = nodes[index].layer else { continue }
                norm.quantizers.isEnabled = true
                nodes[index].layer = .batchNorm(norm)
            }
            let network = try Network(inputs: read.network.inputs, nodes: nodes)
            try Checkpoint.load(read.weights, into: ParameterStore(Analysis(network, on: family)))
        }
    }

    @Test("weights without a learned clip have the one that is set")
    func setClip() throws {
        var norm = BatchNorm()
        (norm.quantizers.isEnabled, norm.quantizers.autoThreshold, norm.quantizers.clip) = (true, true, 4)
        let network = try Network(
            inputs: [Input("x", .map(channels: 32, height: 2, width: 2))],
            nodes: [Node("n", .batchNorm(norm), inputs: [Source("x")])])
        let store = ParameterStore(Analysis(network, on: .npu))
        let weights = Checkpoint.weights(store, digest: "")
        try store.set("n.logClip", to: [0])
        let tensors = weights.tensors.filter { $0.name != "n.logClip" }
        try #require(tensors.count + 1 == weights.tensors.count)
        try Checkpoint.load(Safetensors(tensors), into: store)
        #expect(store["n.logClip"] == [Float(log(4.0))])
    }

    @Test("what makes whole numbers of data is refused by its name, with its own reason")
    func whole() throws {
        func reasons(_ build: (inout ModelText) -> Void) throws -> [ONNXReport.Fault] {
            var model = base
            build(&model.model)
            model.convolve("f", "y", 32, 8, seed: 5)
            return try model.faults("y")
        }
        let cut = try reasons { model in
            model.add("Cast", ["a"], "i", [.integer("to", 7)])
            model.add("Cast", ["i"], "f", [.integer("to", 1)])
        }
        #expect(cut.map(\.operator) == ["Cast"])
        #expect(cut.first?.reason.contains("whole") == true)
        for name in ["Floor", "Round", "Ceil", "Sign"] {
            #expect(try reasons { $0.add(name, ["a"], "f") }.map(\.operator) == [name])
        }
        // Halves of single precision are none of another type.
        #expect(
            try reasons { model in
                model.add("Cast", ["a"], "i", [.integer("to", 10)])
                model.add("Cast", ["i"], "f", [.integer("to", 1)])
            }.isEmpty)
    }

    @Test("what a quantizer's range cuts off at 0 stays as an activation")
    func quantizers() throws {
        for (zero, isSigned, step, expected) in [
            (0, false, 0.05 as Float, Activation.relu), (-128, true, 0.05, .relu),
            (0, false, 6 / 255, .relu6),
            (-128, true, 6 / 255, .relu6), (128, false, 0.05, .linear), (0, true, 0.05, .linear),
        ] {
            var model = base
            model.model.weight("step", [step], [])
            model.model.codes("zero", [zero], [], isSigned: isSigned)
            model.model.add("QuantizeLinear", ["a", "step", "zero"], "q")
            model.model.add("DequantizeLinear", ["q", "step", "zero"], "d")
            model.convolve("d", "y", 32, 8, seed: 5)
            let (read, _) = try model.results("y")
            #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D, .conv2D])
            #expect(read.network.nodes[1].layer.settings.activation == expected)
        }
    }

    @Test("codes that are read with another step are scaled")
    func rescaled() throws {
        var model = base
        model.model.weight("step", [0.05], [])
        model.model.weight("other", [0.1], [])
        model.model.codes("zero", [0], [], isSigned: false)
        model.model.add("QuantizeLinear", ["a", "step", "zero"], "q")
        model.model.add("DequantizeLinear", ["q", "other", "zero"], "d")
        model.convolve("d", "y", 32, 8, seed: 5)
        let (_, values) = try model.results("y")
        let plain = try base.results("a").values
        var behind = RewriteCase([1, 32, 6, 6])
        behind.convolve("x", "y", 32, 8, seed: 5)
        expectClose(values, try behind.results("y", of: plain.map { 2 * max(0, $0) }).values)
    }
}
