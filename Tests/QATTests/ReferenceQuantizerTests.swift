import Graph
import TestSupport
import TestTraits
import Testing

/// Codes measured in the kit, in both precisions.
@Suite("Reference quantizers", .limited)
struct ReferenceQuantizerTests {
    private static let weights = [-1, -0.6, -0.25, -0.05, 0, 0.05, 0.3, 0.9]
    private static let features = [-7, -6, -4, -2.5, -1, -0.1, 0, 0.1, 0.2, 1, 2.6, 3, 5.9, 6, 7]

    struct WeightCase: Sendable {
        let factor: Double
        let bits: Int
        let codes: [Int]
    }

    static let weightCases = [
        WeightCase(factor: 100, bits: 2, codes: [0, 1, 1, 1, 2, 2, 2, 3]),
        WeightCase(factor: 100, bits: 4, codes: [0, 3, 6, 7, 8, 8, 10, 14]),
        WeightCase(factor: 100, bits: 8, codes: [0, 51, 96, 121, 128, 134, 166, 242]),
        WeightCase(factor: 1, bits: 2, codes: [0, 0, 1, 1, 2, 2, 2, 3]),
        WeightCase(factor: 1, bits: 4, codes: [0, 0, 4, 7, 8, 8, 11, 13]),
        WeightCase(factor: 1, bits: 8, codes: [0, 3, 76, 117, 128, 138, 190, 221]),
    ]

    @Test("weights have the measured codes", arguments: weightCases)
    func weightCodes(of vector: WeightCase) {
        let quantizer = ReferenceWeightQuantizer(bits: vector.bits, factor: vector.factor, on: .npu)
        #expect(quantizer.codes(Self.weights, channels: 1) == vector.codes)
        #expect(quantizer.codes(Self.weights.map { Float($0) }, channels: 1) == vector.codes)
    }

    @Test("4-bit weights have the measured values", arguments: ArithmeticFamily.allCases)
    func weightValues(on family: ArithmeticFamily) {
        let expected: [Double] =
            switch family {
            case .npu: [-1, -0.6, -0.2, -1 / 15, 1 / 15, 1 / 15, 1 / 3, 13 / 15]
            case .simd: [-1, -0.625, -0.25, -0.125, 0, 0, 0.25, 0.75]
            }
        let quantizer = ReferenceWeightQuantizer(bits: 4, factor: 100, on: family)
        expectClose(quantizer.quantized(Self.weights, channels: 1), expected, within: 1e-15)
        let single = quantizer.quantized(Self.weights.map { Float($0) }, channels: 1)
        expectClose(single.map { Double($0) }, expected, within: 1e-7)
    }

    struct FeatureCase: Sendable {
        let isSigned: Bool
        let families: [ArithmeticFamily]
        let bits: Int
        let clip: Double
        let codes: [Int]

        init(
            _ isSigned: Bool, _ families: [ArithmeticFamily], _ bits: Int, _ clip: Double, _ codes: [Int]
        ) {
            self.isSigned = isSigned
            self.families = families
            self.bits = bits
            self.clip = clip
            self.codes = codes
        }
    }

    static let featureCases = [
        FeatureCase(false, [.npu, .simd], 8, 6, [0, 0, 0, 0, 0, 0, 0, 4, 8, 42, 110, 128, 251, 255, 255]),
        FeatureCase(false, [.npu, .simd], 4, 4, [0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 10, 11, 15, 15, 15]),
        FeatureCase(false, [.npu, .simd], 2, 2, [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 3, 3, 3, 3]),
        FeatureCase(
            true, [.npu], 8, 6, [0, 0, 42, 74, 106, 125, 128, 130, 132, 149, 183, 191, 253, 255, 255]),
        FeatureCase(true, [.npu], 4, 4, [0, 0, 0, 3, 6, 7, 8, 8, 8, 9, 12, 13, 15, 15, 15]),
        FeatureCase(true, [.npu], 2, 2, [0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3]),
        FeatureCase(
            true, [.simd], 8, 6, [-128, -128, -85, -53, -21, -2, 0, 2, 4, 21, 55, 64, 126, 127, 127]),
        FeatureCase(true, [.simd], 4, 4, [-8, -8, -8, -5, -2, 0, 0, 0, 0, 2, 5, 6, 7, 7, 7]),
        FeatureCase(true, [.simd], 2, 2, [-2, -2, -2, -2, -1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]),
    ]

    @Test("activations have the measured codes", arguments: featureCases)
    func featureCodes(of vector: FeatureCase) {
        for family in vector.families {
            let quantizer = ReferenceFeatureQuantizer(
                Signal(bits: vector.bits, isSigned: vector.isSigned), on: family, clip: vector.clip)
            #expect(Self.features.map { quantizer.code(of: $0) } == vector.codes)
            #expect(Self.features.map { quantizer.code(of: Float($0)) } == vector.codes)
        }
    }

    @Test("the NPU family has no exact zero, the SIMD family has")
    func zero() {
        let signal = Signal(bits: 4, isSigned: true)
        #expect(ReferenceFeatureQuantizer(signal, on: .npu, clip: 4).quantized(0.0) == 2 * 8.0 / 15 - 1)
        #expect(ReferenceFeatureQuantizer(signal, on: .simd, clip: 4).quantized(0.0) == 0)
    }

    @Test("a half goes to the even neighbour up to 0.501, on the magnitude for SIMD")
    func rounding() {
        let values = [0.4999, 0.5, 0.5009, 0.5011, 1.5, 1.5009, 2.5, -0.5, -0.5011, -1.5]
        #expect(values.map { ReferenceRounding.r($0) } == [0, 0, 0, 1, 2, 2, 2, 0, -1, -2])
        #expect(values.map { ReferenceRounding.rs($0) } == [0, 0, 0, 1, 2, 2, 2, 0, -1, -2])
        #expect(values.map { ReferenceRounding.r(Float($0)) } == [0, 0, 0, 1, 2, 2, 2, 0, -1, -2])
    }

    @Test("weights of 0 become a value near 0, and each channel has its own scale")
    func scales() {
        let npu = ReferenceWeightQuantizer(bits: 4, factor: 100, on: .npu)
        expectClose(npu.quantized([0.0, 0.0], channels: 1), [1e-4 / 15, 1e-4 / 15], within: 1e-18)
        let simd = ReferenceWeightQuantizer(bits: 4, factor: 100, on: .simd)
        #expect(simd.quantized([0.0, 0.0], channels: 1) == [0, 0])
        #expect(npu.codes([1, 0.5, 0.02, 0.01], channels: 2) == npu.codes([0.5, 0.25, 4, 2], channels: 2))
        expectClose(simd.quantized([0.02, -0.02], channels: 1), [0.07 * 7 / 8, -0.07], within: 1e-15)
    }
}
