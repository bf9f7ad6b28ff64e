import Foundation
import Graph
import QAT

// The quantizers of docs/arithmetic.md as QuantizeLinear and DequantizeLinear.
extension ExportRun {
    /// A layer's value behind its feature quantizer, divided by its clip; as it is where the signal is float.
    ///
    /// A pair of two scales: the step before the clip is divided out, and the step behind it.
    func quantize(_ value: String, _ signal: Signal, clip: Float, into output: String?) -> String {
        guard !signal.isFloat else { return named(value, output) }
        let (levels, half) = (Float(1 << signal.bits - 1), Float(1 << (signal.bits - 1)))
        switch (signal.isSigned, family) {
        case (false, _):
            return pair(
                value, clip / levels, 1 / levels, 0...(1 << signal.bits - 1), isSigned: false,
                bits: signal.bits, into: output)
        case (true, .simd):
            return pair(
                value, clip / half, 1 / half, -(1 << (signal.bits - 1))...(1 << (signal.bits - 1)) - 1,
                isSigned: true, bits: signal.bits, into: output)
        case (true, .npu):
            // Codes of the NPU have no exact zero: the range is moved above zero and back.
            let moved = writer.add("Add", [value, writer.scalar(clip)])
            let codes = pair(
                moved, 2 * clip / levels, 2 / levels, 0...(1 << signal.bits - 1), isSigned: false,
                bits: signal.bits, into: nil)
            return writer.add("Sub", [codes, writer.scalar(1)], into: output)
        }
    }

    /// Quantizes with one scale and gives the values at another.
    private func pair(
        _ value: String, _ scale: Float, _ newScale: Float, _ range: ClosedRange<Int>, isSigned: Bool,
        bits: Int, into output: String?
    ) -> String {
        guard bits <= 8 else {
            // Codes of more than a byte are newer than most programs: the same in floats.
            let held = writer.add(
                "Clip",
                [
                    writer.add("Div", [value, writer.scalar(scale)]),
                    writer.scalar(Float(range.lowerBound)), writer.scalar(Float(range.upperBound)),
                ])
            let rounded = writer.add("Round", [held])
            return writer.add("Mul", [rounded, writer.scalar(newScale)], into: output)
        }
        let type = elementType(bits: bits, isSigned: isSigned)
        let zero = writer.code(0, type)
        var codes = writer.add(
            "QuantizeLinear",
            [value, writer.floats("\(writer.layer).scale\(scaleSuffix())", [scale], dims: []), zero])
        if type.bits == 8, bits < 8 {
            codes = writer.add(
                "Clip", [codes, writer.code(range.lowerBound, type), writer.code(range.upperBound, type)])
        }
        return writer.add("DequantizeLinear", [codes, writer.scalar(newScale), zero], into: output)
    }

    /// Quantizers of one layer behind its first have a number.
    private func scaleSuffix() -> String {
        scales[writer.layer, default: 0] += 1
        let count = scales[writer.layer] ?? 1
        return count == 1 ? "" : "\(count)"
    }

    /// The type that codes of some bits are stored in.
    func elementType(bits: Int, isSigned: Bool) -> ONNXElementType {
        if bits == 4, opset >= 21 { return isSigned ? .int4 : .uint4 }
        return isSigned ? .int8 : .uint8
    }

    /// A parameter as it is; nil where the layer has none of that name.
    func parameter(_ name: String, dims: [Int]? = nil) -> String? {
        let full = "\(writer.layer).\(name)"
        guard let values = store[full] else { return nil }
        return writer.floats(full, values, dims: dims ?? shapes[full] ?? [values.count])
    }

    /// A weight, dequantized from its codes where the layer stores codes.
    func weight(
        _ name: String = "weight", isPerTensor: Bool = false, isDepthwise: Bool = false
    ) throws(ONNXError)
        -> String
    {
        let full = "\(writer.layer).\(name)"
        guard let values = store[full], let dims = shapes[full] else {
            throw .network("layer '\(writer.layer)' has no '\(name)'")
        }
        let bits = isQuantized ? facts.weightBits ?? Quantization.float : Quantization.float
        guard bits < Quantization.float else { return writer.floats(full, values, dims: dims) }
        let isSIMD = isDepthwise || family == .simd
        guard
            let codes = WeightCodes(
                values, rows: dims[0], bits: bits,
                factor: node.layer.settings.quantization?.weightFactor ?? 3,
                isPerTensor: isPerTensor, isSIMD: isSIMD)
        else { throw .network("layer '\(writer.layer)': a weight is not a finite number") }
        let type = elementType(bits: bits, isSigned: isSIMD)
        let stored = writer.tensor(full, type, dims, packed(codes.codes, type))
        let levels = Float(1 << bits - 1)
        let steps = codes.scales.map { isSIMD ? $0 / Float(1 << (bits - 1)) : 2 * $0 / levels }
        let axes = isPerTensor ? [] : [steps.count]
        let zeros = writer.tensor(
            "\(full).zero", type, axes, packed([Int16](repeating: 0, count: steps.count), type))
        let values32 = writer.add(
            "DequantizeLinear", [stored, writer.floats("\(full).scale", steps, dims: axes), zeros],
            isPerTensor ? [] : [.integer("axis", 0)])
        guard !isSIMD else { return values32 }
        let offsets = isPerTensor ? [] : [steps.count] + dims.dropFirst().map { _ in 1 }
        return writer.add("Sub", [values32, writer.floats("\(full).offset", codes.scales, dims: offsets)])
    }

    /// The value under the name that a layer's result has.
    func named(_ value: String, _ output: String?) -> String {
        output.map { writer.add("Identity", [value], into: $0) } ?? value
    }
}
