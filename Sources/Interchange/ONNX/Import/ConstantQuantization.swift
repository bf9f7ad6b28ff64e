import Graph

// Quantizers of constants, which leave a constant.
extension ConstantFolding {
    func dequantized(_ node: ONNXNode, _ inputs: [ONNXTensor]) -> ONNXTensor? {
        guard inputs.count >= 2 else { return nil }
        let codes = inputs[0]
        let scales = inputs[1].floats
        let zeros = inputs.count > 2 ? inputs[2].integers : [0]
        guard let inner = channels(of: codes, scales, zeros, axis: node.integer("axis", default: 1)) else {
            return nil
        }
        let values = codes.integers.enumerated().map { index, code in
            let channel = index / inner % scales.count
            return Float(code &- zeros[zeros.count == 1 ? 0 : channel]) * scales[channel]
        }
        return ONNXTensor(values, dims: codes.dims)
    }

    /// Codes of numbers, as QuantizeLinear gives them: to the nearest, half to even.
    func quantized(_ node: ONNXNode, _ inputs: [ONNXTensor]) -> ONNXTensor? {
        guard inputs.count >= 2 else { return nil }
        let data = inputs[0]
        let scales = inputs[1].floats
        let zeros = inputs.count > 2 ? inputs[2].integers : [0]
        let type = inputs.count > 2 ? inputs[2].type : .uint8
        guard let type, let range = type.codes,
            let inner = channels(of: data, scales, zeros, axis: node.integer("axis", default: 1))
        else { return nil }
        let values = data.floats.enumerated().map { index, number in
            let channel = index / inner % scales.count
            let code = (number / scales[channel]).rounded(.toNearestOrEven)
            let zero = zeros[zeros.count == 1 ? 0 : channel]
            let whole = code.isFinite ? Int(held: max(-1e9, min(1e9, code))) : 0
            return min(max(whole &+ zero, range.lowerBound), range.upperBound)
        }
        return ONNXTensor(values, dims: data.dims)
    }

    /// The numbers between two channels of steps and zero points; nil where they do not fit.
    private func channels(of data: ONNXTensor, _ scales: [Float], _ zeros: [Int], axis: Int) -> Int? {
        guard !scales.isEmpty, !zeros.isEmpty else { return nil }
        if scales.count == 1 { return max(1, data.count) }
        let axis = axis < 0 ? axis + data.dims.count : axis
        guard data.dims.indices.contains(axis), data.dims[axis] == scales.count,
            zeros.count == 1 || zeros.count == scales.count
        else { return nil }
        return data.dims[(axis + 1)...].reduce(1, *)
    }
}
