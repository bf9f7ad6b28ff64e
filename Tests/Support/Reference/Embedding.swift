import Graph

extension Embedding: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        guard let table = pass.parameter("weight") else {
            preconditionFailure("layer '\(pass.layer)' has no table")
        }
        let learned = pass.tape.stopping(row: paddingIndex, of: table)
        let found = inputs.map { lookUp($0, in: learned, &pass.tape) }
        let joined = pass.tape.concatenate(found)
        return [pass.output.map { pass.quantize(joined, to: $0, clip: 6) } ?? joined]
    }

    /// The vectors of indices, which arrive as floating-point numbers and are held to the table.
    private func lookUp(
        _ indices: ReferenceTensor, in table: ReferenceTensor, _ tape: inout ReferenceTape
    ) -> ReferenceTensor {
        let places = indices.values.flatMap { value in
            let row = Int(min(max(value.rounded(), 0), Double(vocabularySize - 1)))
            return (0..<embeddingSize).map { Int?(row * embeddingSize + $0) }
        }
        return tape.gather(table, places, indices.shape + [embeddingSize])
    }
}

extension ReferenceTape {
    /// The same table, of which one row gets no gradient.
    fileprivate mutating func stopping(row: Int?, of table: ReferenceTensor) -> ReferenceTensor {
        guard let row else { return table }
        let size = table.shape[1]
        return record(table.values, table.shape) { gradient, gradients in
            var passed = gradient
            // An index beyond the table stops nothing.
            for place in row * size..<(row + 1) * size where passed.indices.contains(place) {
                passed[place] = 0
            }
            gradients.add(passed, to: table)
        }
    }
}
