import Graph

// Functions that several operators of a file are together.
extension Translator {
    /// What stands for an operator that is only a part of such a function; nil for all others.
    func partOfFunction() throws(Refusal) -> Value? {
        guard let output = node.output.first, builder.functions.absorbed.contains(output) else { return nil }
        for index in node.input.indices {
            guard case .value(var part)? = known(index) else { continue }
            part.pending = .absorbed
            return part
        }
        return nil
    }

    /// The function that ends with the operator; nil where it ends none.
    func wholeFunction() throws(Refusal) -> Value? {
        guard let output = node.output.first, let whole = builder.functions.wholes[output],
            case .value(let base)? = builder.known[whole.base]
        else { return nil }
        switch whole.function {
        case .relu: return try builder.activate(base, .relu)
        case .relu6: return try builder.activate(base, .relu6)
        case .leaky(let slope): return try leaky(base, slope)
        case .hardSigmoid: return try builder.activate(base, .hsigmoid)
        case .hardSwish: return try builder.activate(base, .hswish)
        case .sigmoid:
            // A steeper one comes nearer on the whole: its root mean square is half as much where numbers have deviation 1.
            let isScaled = builder.takesFactor(base)
            builder.note(
                "Sigmoid became Hsigmoid\(isScaled ? " of 1.2 x" : ""), which differs from it by at most 0.08",
                .accuracy)
            return try builder.activate(
                isScaled ? try builder.affine(base, scale: 1.2, shift: 0) : base, .hsigmoid)
        case .silu:
            let isScaled = builder.takesFactor(base)
            builder.note(
                isScaled
                    ? "SiLU (x times its Sigmoid) became Hswish of 1.15 x, divided by 1.15, which differs from it by at most 0.18"
                    : "SiLU (x times its Sigmoid) became Hswish, which differs from it by at most 0.15",
                .accuracy)
            return isScaled
                ? try builder.activate(base, .hswish, enlarged: 1.15) : try builder.activate(base, .hswish)
        case .gelu:
            builder.note(
                "GELU became Hswish of 1.85 x, divided by 1.85, which differs from it by at most 0.09",
                .accuracy)
            return try builder.activate(base, .hswish, enlarged: 1.85)
        }
    }

    /// x, or a slope times x below zero.
    func leaky(_ value: Value, _ slope: Float) throws(Refusal) -> Value {
        if abs(slope - 0.01) < 1e-6 { return try builder.activate(value, .leakyReLU) }
        return try builder.pointwise(value) { (base) throws(Refusal) in
            try builder.activate(
                base, .prelu, slopes: [Float](repeating: slope, count: base.shape.channels))
        }
    }
}
