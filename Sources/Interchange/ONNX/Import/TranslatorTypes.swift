import Graph

// Other types of numbers: whole ones, and codes with a step and a zero point.
extension Translator {
    /// Another type of the same numbers; one that cuts them to whole ones is none of the chips'.
    func cast() throws(Refusal) -> Value {
        var value = try value(0)
        let type: ONNXElementType?
        if node.opType == "CastLike" {
            guard case .value(let other)? = known(1) else {
                throw Refusal("it takes the type of a constant, which may cut the numbers to whole ones")
            }
            type = other.isWhole ? .int64 : .float
        } else {
            type = ONNXElementType(rawValue: Int32(clamping: node.integer("to", default: 1)))
        }
        switch type {
        case .float, .double:
            value.isWhole = false
            return value
        case .float16, .bfloat16:
            value.isWhole = false
            builder.note("numbers of half precision are computed in single precision")
            return value
        case .bool: throw Refusal("it makes 0 and 1 of its numbers; no chip does")
        case .uint8, .int8, .uint16, .int16, .int32, .int64, .uint32, .uint64, .uint4, .int4:
            guard value.isWhole else {
                throw Refusal("it cuts its numbers to whole ones; no chip does but by its quantizers")
            }
            return value
        case nil: throw Refusal("it makes its numbers those of a type that is not read")
        }
    }

    /// A quantizer of a file: the chips' own take its place, and what its range cuts off stays.
    func quantize() throws(Refusal) -> Value {
        let value = try value(0)
        let step = try constant(1).floats
        let zero = try optionalConstant(2)
        guard step.count == 1, zero?.count ?? 1 == 1, let step = step.first, step > 0, step.isFinite else {
            throw Refusal("it has a step for each channel of an activation, or none; a chip has one for all")
        }
        var codes = Value.Codes(step: step, zero: zero?.integers.first ?? 0)
        guard let range = try codeRange(2, attribute: "output_dtype") else {
            throw Refusal("its codes are of a type that is not read")
        }
        codes.isSigned = range.lowerBound < 0
        let low = step * Float(range.lowerBound - codes.zero)
        let high = step * Float(range.upperBound - codes.zero)
        var result = value
        if low == 0, high > 0 {
            if abs(high - 6) <= step, !isWithin6(value) {
                result = try builder.activate(value, .relu6)
                builder.note("the range of the file's quantizer, 0 to 6, became ReLU6")
            } else if !value.isNonNegative {
                result = try builder.activate(value, .relu)
                builder.note("the range of the file's quantizer begins at 0, which became ReLU")
            }
        } else if high == 0, low < 0 {
            result = try builder.clip(value, nil, 0)
            builder.note("the range of the file's quantizer ends at 0, which became a negated ReLU")
        } else if low > 0 || high < 0 {
            throw Refusal("its range \(low) to \(high) leaves 0 out")
        }
        note()
        result.codes = codes
        return result
    }

    /// The numbers that codes stand for.
    func dequantize() throws(Refusal) -> Value {
        var value = try value(0)
        let step = try constant(1).floats
        let zero = try optionalConstant(2)
        guard step.count == 1, zero?.count ?? 1 == 1, let step = step.first else {
            throw Refusal("it has a step for each channel of an activation; a chip has one for all")
        }
        let codes = Value.Codes(step: step, zero: zero?.integers.first ?? 0)
        if let own = value.codes {
            value.codes = nil
            if own.step == codes.step, own.zero == codes.zero { return value }
            // The same codes with another meaning.
            let scale = codes.step / own.step
            return try builder.affine(
                value, scale: scale, shift: codes.step * Float(own.zero &- codes.zero))
        }
        guard value.isWhole else {
            throw Refusal("it reads what has not been quantized, or has been computed with as codes")
        }
        value.isWhole = false
        return try builder.affine(value, scale: step, shift: -step * Float(codes.zero))
    }

    /// The codes of a quantizer's type, which its zero point has.
    private func codeRange(_ zero: Int, attribute: String) throws(Refusal) -> ClosedRange<Int>? {
        var type = ONNXElementType(rawValue: Int32(clamping: node.integer(attribute, default: 0)))
        if let tensor = try optionalConstant(zero), let own = tensor.type { type = own }
        if type == nil { return try optionalConstant(zero) == nil ? 0...255 : nil }
        return type?.codes
    }

    private func isWithin6(_ value: Value) -> Bool {
        guard let draft = builder.draft(value.source.name), value.pending == nil else { return false }
        return draft.layer.settings.activation == .relu6
    }

    private func note() {
        let text =
            "the file's quantizers of activations are left out: a chip's own take their place, with clips that training finds; what their ranges cut off at 0 stays as an activation, their upper ends are left out"
        if !builder.notes.contains(where: { $0.text == text }) { builder.note(text, .accuracy) }
    }
}
