import Graph
import TestSupport
import TestTraits
import Testing

/// The layers that were measured in the kit.
@Suite("Reference layers against measured codes", .limited)
struct ReferenceVectorTests {
    struct LayerCase: Sendable {
        let family: ArithmeticFamily
        let activation: Activation
        let stride: Int
        /// Signed input, from a layer in front, is padded with -1 on the NPU family.
        var signedInput = false
        let codes: [Int]
    }

    static let layerCases = [
        LayerCase(
            family: .npu, activation: .none, stride: 1,
            codes: [0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 3, 5, 5, 1]),
        LayerCase(family: .npu, activation: .none, stride: 2, codes: [0, 3, 5, 1]),
        LayerCase(
            family: .npu, activation: .linear, stride: 1,
            codes: [7, 7, 7, 9, 7, 7, 7, 9, 6, 7, 7, 10, 9, 10, 10, 8]),
        LayerCase(family: .npu, activation: .linear, stride: 2, codes: [7, 9, 10, 8]),
        LayerCase(
            family: .simd, activation: .none, stride: 1,
            codes: [0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 3, 3, 0]),
        LayerCase(family: .simd, activation: .none, stride: 2, codes: [0, 2, 3, 0]),
        LayerCase(
            family: .simd, activation: .linear, stride: 1,
            codes: [0, -1, -1, 1, -1, -1, -1, 1, -2, -1, -1, 1, 1, 1, 1, 0]),
        LayerCase(family: .simd, activation: .linear, stride: 2, codes: [-1, 1, 1, 0]),
        LayerCase(
            family: .npu, activation: .linear, stride: 1, signedInput: true,
            codes: [7, 7, 7, 10, 6, 7, 7, 11, 5, 7, 7, 11, 10, 12, 12, 9]),
        LayerCase(
            family: .simd, activation: .linear, stride: 1, signedInput: true,
            codes: [1, -1, -1, -1, 0, 1, 0, 2, -1, -1, -1, 2, 1, 2, 2, 1]),
    ]

    static let kernel = [-0.5, 0.2, 0.1, 0.7, -0.3, 0.4, 0, 0.25, -0.9]

    @Test("a convolution has the measured codes", arguments: layerCases)
    func convolution(of vector: LayerCase) throws {
        let network = try Self.network(vector)
        var reference = ReferenceNetwork(Analysis(network, on: vector.family), quantized: true)
        reference.parameters["conv.weight"] = Self.kernel
        reference.parameters["conv.bias"] = [0.1]
        reference.parameters["front.weight"] = [1]
        let values = reference.forward([Self.input(of: vector)], batch: 1, training: true)[0]
        let signal = Signal(bits: 4, isSigned: vector.activation == .linear)
        let quantizer = ReferenceFeatureQuantizer(signal, on: vector.family, clip: 1)
        #expect(values.map { quantizer.code(of: $0) } == vector.codes)
        #expect(values.map { quantizer.quantized($0) } == values)
    }

    @Test("the same codes come out in single precision", arguments: layerCases)
    func singlePrecision(of vector: LayerCase) {
        let weights = ReferenceWeightQuantizer(bits: 4, factor: 3, on: vector.family)
            .quantized(Self.kernel.map { Float($0) }, channels: 1)
        let input = Self.input(of: vector).map { Float($0) }
        let pad: Float = vector.signedInput && vector.family == .npu ? -1 : 0
        let quantizer = ReferenceFeatureQuantizer(
            Signal(bits: 4, isSigned: vector.activation == .linear), on: vector.family, clip: 2)
        // SAME pads both ends of 4 rows or columns at stride 1, and only the far end at stride 2.
        let places = vector.stride == 1 ? [-1, 0, 1, 2] : [0, 2]
        let codes = places.flatMap { top in
            places.map { left in
                var sum: Float = 0
                for tap in 0..<9 {
                    let (row, column) = (top + tap / 3, left + tap % 3)
                    let isInside = 0..<4 ~= row && 0..<4 ~= column
                    sum += weights[tap] * (isInside ? input[row * 4 + column] : pad)
                }
                return quantizer.code(of: sum + Float(0.1))
            }
        }
        #expect(codes == vector.codes)
    }

    @Test("the weights of that convolution have the measured values", arguments: ArithmeticFamily.allCases)
    func weights(on family: ArithmeticFamily) {
        let expected: [Double] =
            switch family {
            case .npu: [-0.54, 0.18, 0.06, 0.66, -0.3, 0.42, 0.06, 0.3, -0.9]
            case .simd: [-0.5625, 0.1125, 0, 0.5625, -0.3375, 0.3375, 0, 0.225, -0.9]
            }
        let quantizer = ReferenceWeightQuantizer(bits: 4, factor: 3, on: family)
        expectClose(quantizer.quantized(Self.kernel, channels: 1), expected, within: 1e-15)
        let single = quantizer.quantized(Self.kernel.map { Float($0) }, channels: 1)
        expectClose(single.map { Double($0) }, expected, within: 2e-7)
    }

    struct ShortcutCase: Sendable {
        let family: ArithmeticFamily
        let clip: Double
        let codes: [Int]
    }

    static let shortcutCases = [
        ShortcutCase(family: .npu, clip: 2, codes: [8, 7, 6, 6, 6, 5, 4, 4]),
        ShortcutCase(family: .simd, clip: 2, codes: [8, 7, 6, 6, 6, 5, 4, 4]),
        ShortcutCase(family: .npu, clip: 6, codes: [8, 7, 6, 6, 6, 5, 4, 4]),
        ShortcutCase(family: .npu, clip: 1.5, codes: [10, 9, 9, 8, 7, 7, 6, 5]),
    ]

    static let addends = (first: [0, 1, 2, 3, 4, 5, 6, 7], second: [15, 13, 11, 9, 7, 5, 3, 1])

    @Test("a sum has the measured codes; a clip above 2.0 has no effect", arguments: shortcutCases)
    func shortcut(of vector: ShortcutCase) throws {
        var settings = Shortcut()
        settings.quantizers.isEnabled = true
        settings.quantizers.quantizesLastFeature = true
        settings.quantizers.outputBits = 4
        settings.quantizers.clip = vector.clip
        let network = try Network(
            inputs: [Input("a", .vector(8)), Input("b", .vector(8))],
            nodes: [Node("sum", settings.layer, inputs: ["a", "b"])])
        var reference = ReferenceNetwork(Analysis(network, on: vector.family), quantized: true)
        let inputs = [Self.addends.first, Self.addends.second].map { $0.map { Double($0) / 15 } }
        let values = reference.forward(inputs, batch: 1, training: true)[0]
        #expect(values.map { $0 * 15 } == vector.codes.map(Double.init))

        let quantizer = ReferenceFeatureQuantizer(
            Signal(bits: 4, isSigned: false), on: vector.family, clip: min(vector.clip, 2))
        let single = zip(Self.addends.first, Self.addends.second).map { Float($0) / 15 + Float($1) / 15 }
        #expect(single.map { quantizer.code(of: $0) } == vector.codes)
    }

    static func input(of vector: LayerCase) -> [Double] {
        (0..<16).map { index in
            switch (vector.signedInput, vector.family) {
            case (false, _): Double(index) / 15
            case (true, .npu): Double(2 * index - 15) / 15
            case (true, .simd): Double(index - 8) / 8
            }
        }
    }

    /// The measured convolution; a signed input comes out of a 1x1 convolution that keeps each 4-bit value, and an
    /// unsigned one too with `hasFront`.
    static func network(_ vector: LayerCase, hasFront: Bool = false) throws -> Network {
        var settings = Conv2D()
        (settings.outChannels, settings.padding, settings.stride) = (1, 1, vector.stride)
        settings.activationFunction = vector.activation
        settings.quantizers = Quantization(outputBits: 4, clip: 2)
        (settings.quantizers.isEnabled, settings.quantizers.quantizesLastFeature) = (true, true)
        settings.quantizers.weightBits = 4

        var front = Conv2D()
        (front.outChannels, front.kernelHeight, front.kernelWidth, front.bias) = (1, 1, 1, false)
        front.activationFunction = vector.signedInput ? .linear : .none
        front.quantizers = Quantization(outputBits: 4, clip: 1)
        front.quantizers.isEnabled = true

        let hasFront = hasFront || vector.signedInput
        let conv = Node("conv", settings.layer, inputs: [hasFront ? "front" : "in"])
        return try Network(
            inputs: [Input("in", .map(channels: 1, height: 4, width: 4))],
            nodes: hasFront ? [Node("front", front.layer, inputs: ["in"]), conv] : [conv])
    }
}
