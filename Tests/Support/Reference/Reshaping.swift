import Graph

extension ReferenceTape {
    /// Space to depth: four times the channels, in the order (even row, even column), (odd, even), (even, odd),
    /// (odd, odd), each with half the height and width (docs/arithmetic.md, Other operators).
    mutating func focus(_ input: ReferenceTensor) -> ReferenceTensor {
        let (channels, height, width) = (input.shape[1], input.shape[2], input.shape[3])
        let shape = [input.shape[0], channels * 4, height / 2, width / 2]
        var indices: [Int?] = []
        for sample in 0..<shape[0] {
            for (oddRow, oddColumn) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                for channel in 0..<channels {
                    for row in 0..<shape[2] {
                        for column in 0..<shape[3] {
                            let line = (sample * channels + channel) * height + 2 * row + oddRow
                            indices.append(line * width + 2 * column + oddColumn)
                        }
                    }
                }
            }
        }
        return gather(input, indices, shape)
    }

    /// Depth to space: channel c * factor^2 + i * factor + j fills row i, column j of the cells of channel c.
    fileprivate mutating func shuffled(_ input: ReferenceTensor, _ factor: Int) -> ReferenceTensor {
        let (channels, height, width) = (input.shape[1], input.shape[2], input.shape[3])
        let shape = [input.shape[0], channels / (factor * factor), height * factor, width * factor]
        var indices: [Int?] = []
        for plane in 0..<shape[0] * shape[1] {
            for row in 0..<shape[2] {
                for column in 0..<shape[3] {
                    let source = (plane * factor + row % factor) * factor + column % factor
                    indices.append((source * height + row / factor) * width + column / factor)
                }
            }
        }
        return gather(input, indices, shape)
    }

    /// So many channels, from a first one on; maps, sequences or vectors.
    mutating func channels(_ range: Range<Int>, of input: ReferenceTensor) -> ReferenceTensor {
        let axes = ChannelAxes(input.shape)
        let indices = (0..<axes.outer).flatMap { block in
            range.flatMap { channel in
                (0..<axes.inner).map { Int?((block * axes.channels + channel) * axes.inner + $0) }
            }
        }
        var shape = input.shape
        shape[shape.count == 4 ? 1 : shape.count - 1] = range.count
        return gather(input, indices, shape)
    }
}

extension Flatten: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        [pass.tape.reshape(inputs[0], to: pass.outputShapes[0])]
    }
}

extension ChannelSplit: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        var first = 0
        return split.map { count in
            defer { first += count }
            return pass.tape.channels(first..<first + count, of: inputs[0])
        }
    }
}

extension PixelShuffle: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        [pass.tape.shuffled(inputs[0], factor)]
    }
}
