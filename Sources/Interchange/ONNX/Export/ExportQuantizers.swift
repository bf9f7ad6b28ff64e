import Foundation
import Graph
import QAT

// The quantizers of docs/arithmetic.md as QuantizeLinear and DequantizeLinear.
extension ExportRun {
    /// A layer's value behind its activation quantizer, divided by its clip; as it is where the signal is float.
    ///
    /// A pair of two scales: the step before the clip is divided out, and the step behind it.
    func quantize(_ value: String, _ signal: Signal, clip: Float, into output: String?) -> String {
        guard let grid = QuantizationGrid(signal, on: family) else { return named(value, output) }
        switch grid.kind {
        case .unsigned, .twosComplement: return pair(value, grid, clip: clip, into: output)
        case .offset:
            // Codes of the NPU have no exact zero: the range is moved above zero and back.
            let moved = writer.add("Add", [value, writer.scalar(clip)])
            let codes = pair(moved, grid, clip: clip, into: nil)
            return writer.add("Sub", [codes, writer.scalar(1)], into: output)
        }
    }

    /// Quantizes with the step in front of the clip, and gives the values with the step behind it.
    private func pair(_ value: String, _ grid: QuantizationGrid, clip: Float, into output: String?) -> String
    {
        let stride = Float(grid.stride)
        let levels = Float(grid.levels)
        let scale = stride * clip / levels
        let newScale = stride / levels
        let range = grid.codes
        let bits = grid.bits
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
        let type = elementType(bits: bits, isSigned: grid.hasSignedCodes)
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
        let grid = codes.grid
        let steps = codes.scales.map { Float(grid.stride) * $0 / Float(grid.levels) }
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
