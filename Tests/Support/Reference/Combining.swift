import Graph

extension ReferenceTape {
    /// One value a channel, spread over the maps of another tensor; a tensor of those axes stays.
    mutating func broadcast(_ gate: ReferenceTensor, to shape: [Int]) -> ReferenceTensor {
        guard gate.shape != shape else { return gate }
        let axes = ChannelAxes(shape)
        let count = axes.outer * axes.channels
        let indices = (0..<count).flatMap { [Int?](repeating: $0, count: axes.inner) }
        return gather(gate, indices, shape)
    }
}

extension Route: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        [pass.tape.concatenate(inputs)]
    }
}

extension Shortcut: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let sum = pass.tape.add(inputs[0], inputs[1])
        guard let output = pass.output else { return [pass.apply(activationFunction, to: sum)] }
        return [pass.quantize(sum, to: output, clip: min(quantizers.clip, Shortcut.largestClip))]
    }
}

extension Mul: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let shape = pass.outputShapes[0]
        let first = pass.tape.broadcast(inputs[0], to: shape)
        let second = pass.tape.broadcast(inputs[1], to: shape)
        let product = pass.tape.multiply(first, second)
        return [pass.output.map { pass.quantize(product, to: $0, clip: 1) } ?? product]
    }
}

extension Max: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let larger = pass.tape.combine(inputs[0], inputs[1]) {
            Swift.max($0, $1)
        } slopes: {
            // As PyTorch has it, two equal values share the gradient.
            $0 == $1 ? (0.5, 0.5) : $0 > $1 ? (1, 0) : (0, 1)
        }
        return [larger]
    }
}
