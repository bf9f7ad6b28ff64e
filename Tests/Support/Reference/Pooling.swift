import Graph

extension ReferenceTape {
    /// The largest value of each window; of equal ones the first, row by row, wins and takes the gradient.
    fileprivate mutating func largest(
        _ input: ReferenceTensor, _ window: Window, giving shape: [Int]
    ) -> ReferenceTensor {
        let taps = WindowTaps(window, channels: 1, over: input.shape, giving: shape)
        let plane = input.shape[2] * input.shape[3]
        var winners: [Int?] = []
        for channel in 0..<input.shape[0] * input.shape[1] {
            for start in taps.starts {
                var winner = channel * plane + start
                for offset in taps.offsets {
                    let place = channel * plane + start + offset
                    if input.values[place] > input.values[winner] { winner = place }
                }
                winners.append(winner)
            }
        }
        return gather(input, winners, shape)
    }

    /// The mean of each window, padding counted.
    fileprivate mutating func average(
        _ input: ReferenceTensor, _ window: Window, giving shape: [Int]
    ) -> ReferenceTensor {
        let taps = WindowTaps(window, channels: 1, over: input.shape, giving: shape)
        let (plane, planes) = (input.shape[2] * input.shape[3], input.shape[0] * input.shape[1])
        let count = Double(taps.offsets.count)
        let starts = (0..<planes).flatMap { channel in taps.starts.map { channel * plane + $0 } }
        let values = starts.map { start in
            taps.offsets.reduce(0) { $0 + input.values[start + $1] } / count
        }
        return record(values, shape) { gradient, gradients in
            var sums = [Double](repeating: 0, count: input.values.count)
            for (start, value) in zip(starts, gradient) {
                for offset in taps.offsets { sums[start + offset] += value / count }
            }
            gradients.add(sums, to: input)
        }
    }

    /// The mean of each whole map, height and width kept as 1.
    mutating func average(_ input: ReferenceTensor) -> ReferenceTensor {
        average(
            input, Window(height: input.shape[2], width: input.shape[3]),
            giving: [input.shape[0], input.shape[1], 1, 1])
    }

    /// Every value repeated in a cell of its own.
    mutating func repeated(_ input: ReferenceTensor, rows: Int, columns: Int) -> ReferenceTensor {
        cells(input, rows: rows, columns: columns, fill: nil)
    }

    /// Every value at the top left of a cell of its own, the rest `fill`; or everywhere in its cell.
    fileprivate mutating func cells(
        _ input: ReferenceTensor, rows: Int, columns: Int, fill: Double?
    ) -> ReferenceTensor {
        let shape = [input.shape[0], input.shape[1], input.shape[2] * rows, input.shape[3] * columns]
        var indices: [Int?] = []
        for plane in 0..<shape[0] * shape[1] {
            for row in 0..<shape[2] {
                for column in 0..<shape[3] {
                    let isCorner = row.isMultiple(of: rows) && column.isMultiple(of: columns)
                    let place = (plane * input.shape[2] + row / rows) * input.shape[3] + column / columns
                    indices.append(fill == nil || isCorner ? place : nil)
                }
            }
        }
        return gather(input, indices, shape, fill: fill ?? 0)
    }

    /// Linear interpolation between the centres of cells.
    fileprivate mutating func interpolated(
        _ input: ReferenceTensor, rows: Int, columns: Int
    ) -> ReferenceTensor {
        let (height, width) = (input.shape[2], input.shape[3])
        let shape = [input.shape[0], input.shape[1], height * rows, width * columns]
        let (down, across) = (InterpolatedAxis(height, rows), InterpolatedAxis(width, columns))
        var terms: [[(place: Int, share: Double)]] = []
        for plane in 0..<shape[0] * shape[1] {
            for vertical in down.pairs {
                for horizontal in across.pairs {
                    terms.append(
                        vertical.flatMap { row in
                            horizontal.map { column in
                                (
                                    (plane * height + row.place) * width + column.place,
                                    row.share * column.share
                                )
                            }
                        })
                }
            }
        }
        let values = terms.map { $0.reduce(0) { $0 + input.values[$1.place] * $1.share } }
        return record(values, shape) { [terms] gradient, gradients in
            var sums = [Double](repeating: 0, count: input.values.count)
            for (terms, value) in zip(terms, gradient) {
                for term in terms { sums[term.place] += term.share * value }
            }
            gradients.add(sums, to: input)
        }
    }
}

/// For each place of an axis that grew by a whole factor, the two old places it lies between and their shares.
private struct InterpolatedAxis {
    let pairs: [[(place: Int, share: Double)]]

    init(_ size: Int, _ factor: Int) {
        pairs = (0..<size * factor).map { place in
            let centre = max((Double(place) + 0.5) / Double(factor) - 0.5, 0)
            let lower = Int(centre)
            let share = centre - Double(lower)
            return [(lower, 1 - share), (min(lower + 1, size - 1), share)]
        }
    }
}

extension Maxpool2D: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let shape = pass.outputShapes[0]
        let padded = pass.padded(inputs[0], for: window, giving: shape)
        return [pass.tape.largest(padded, window, giving: shape)]
    }
}

extension Avgpool2D: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let shape = pass.outputShapes[0]
        let padded = pass.padded(inputs[0], for: window, giving: shape)
        let mean = pass.tape.average(padded, window, giving: shape)
        return [pass.output.map { pass.quantize(mean, to: $0, clip: 1) } ?? mean]
    }
}

extension AdaptiveAvgpool2D: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let mean = pass.tape.reshape(pass.tape.average(inputs[0]), to: pass.outputShapes[0])
        return [pass.output.map { pass.quantize(mean, to: $0, clip: 1) } ?? mean]
    }
}

extension Unpool2D: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let (rows, columns) = (kernelHeight, kernelWidth)
        let fill = pass.padValue
        return switch mode {
        case .zero: [pass.tape.cells(inputs[0], rows: rows, columns: columns, fill: fill)]
        case .nearest: [pass.tape.repeated(inputs[0], rows: rows, columns: columns)]
        case .bilinear: [pass.tape.interpolated(inputs[0], rows: rows, columns: columns)]
        }
    }
}
