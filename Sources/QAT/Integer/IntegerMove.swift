import CKernels
import Graph

/// Steps that only change their place: nothing is computed.
final class IntegerMove: IntegerForm {
    /// Where the elements of a sample come from and go to: neighbours that stay neighbours together.
    struct Leg {
        let input, output: IntegerValues
        let runs: [ck_integer_run]
    }

    let inputs: [IntegerValues]
    let outputs: [IntegerValues]
    private let legs: [Leg]
    private let fill: Int32
    /// The outputs with elements that no leg leads to.
    private let partial: [IntegerValues]

    /// `fill` is what stands where no leg leads.
    init(_ legs: [Leg], fill: Int32 = 0) {
        self.legs = legs
        self.fill = fill
        var seen: [IntegerValues] = []
        for leg in legs where !seen.contains(where: { $0 === leg.output }) { seen.append(leg.output) }
        inputs = legs.map(\.input)
        outputs = seen
        partial = seen.filter { output in
            let moved = legs.filter { $0.output === output }.flatMap(\.runs).reduce(0) { $0 + Int($1.count) }
            return moved < output.tensor.shape.elements
        }
    }

    func run() {
        for output in partial { output.fill(fill) }
        for leg in legs {
            var source = leg.input.view
            var target = leg.output.view
            let from = leg.input.tensor.shape.elements
            let to = leg.output.tensor.shape.elements
            ck_integer_move(
                leg.runs, Int64(leg.runs.count), Int64(leg.input.count / from), &source, Int64(from), &target,
                Int64(to))
        }
    }
}

extension IntegerMove.Leg {
    /// Moves element `source(place)` to each place of the output that has one.
    init(input: IntegerValues, output: IntegerValues, source: (Int) -> Int?) {
        var runs: [ck_integer_run] = []
        var last = ck_integer_run()
        for place in 0..<output.tensor.shape.elements {
            guard let index = source(place) else { continue }
            if last.count > 0, last.target + last.count == Int32(place),
                last.source + last.count == Int32(index)
            {
                last.count += 1
                continue
            }
            if last.count > 0 { runs.append(last) }
            last = ck_integer_run(source: Int32(index), target: Int32(place), count: 1)
        }
        if last.count > 0 { runs.append(last) }
        self.input = input
        self.output = output
        self.runs = runs
    }

    /// A frame around a map, or a map with its pixels repeated or spread.
    init(
        _ window: ck_window, _ operation: WindowKernel.Operation, input: IntegerValues,
        output: IntegerValues
    ) {
        let channels = Int(window.channels)
        let height = Int(window.in_height)
        let width = Int(window.in_width)
        let tall = Int(window.kernel_height)
        let wide = Int(window.kernel_width)
        self.init(input: input, output: output) { place in
            var row = place / channels / Int(window.out_width)
            var column = place / channels % Int(window.out_width)
            if case .unpool(let mode) = operation {
                guard mode == .nearest || (row % tall, column % wide) == (0, 0) else { return nil }
                row = row / tall
                column = column / wide
            } else {
                row = row - Int(window.top)
                column = column - Int(window.left)
            }
            guard 0..<height ~= row, 0..<width ~= column else { return nil }
            return (row * width + column) * channels + place % channels
        }
    }
}

extension MoveKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        let steps = try tensors.steps(of: input)
        let moved = tensors.passing([steps], to: output)
        return IntegerMove([IntegerMove.Leg(input: steps, output: moved, source: source)])
    }

    /// Where the element at a place of the output comes from.
    private func source(_ place: Int) -> Int? {
        switch operation {
        case .copy: return place
        case .transpose(let rows, let columns): return place % rows * columns + place / rows
        case .space(let space, let toDepth):
            let channels = Int(space.channels)
            let factor = Int(space.factor)
            let width = Int(space.width)
            let deep = channels * factor * factor
            /// The element of the wide map that an element of the deep one is.
            func wide(_ place: Int) -> Int {
                let row = place / deep / (width / factor)
                let column = place / deep % (width / factor)
                let index = place % deep
                let (channel, across, down) =
                    space.is_focus != 0
                    ? (index % channels, index / channels / factor, index / channels % factor)
                    : (index / (factor * factor), index % factor, index / factor % factor)
                return ((row * factor + down) * width + column * factor + across) * channels + channel
            }
            guard !toDepth else { return wide(place) }
            // Back: which element of the deep map is this one.
            let channel = place % channels
            let row = place / channels / width
            let column = place / channels % width
            let cell = (row / factor * (width / factor) + column / factor) * deep
            return cell + (channel * factor + row % factor) * factor + column % factor
        }
    }
}

extension ColumnsKernel {
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm {
        var legs: [IntegerMove.Leg] = []
        let sources = joins ? narrow : [wide]
        var read: [IntegerValues] = []
        for source in sources { read.append(try tensors.steps(of: source)) }
        guard read.allSatisfy({ $0.levels == read[0].levels }) else {
            throw NoIntegerForm("it joins values on different grids")
        }
        var column = 0
        for (index, part) in narrow.enumerated() {
            let own = part.shape.channels
            let all = wide.shape.channels
            let start = column
            column += own
            if joins {
                legs.append(
                    IntegerMove.Leg(
                        input: read[index], output: tensors.passing(read, to: wide)
                    ) { place in
                        let channel = place % all - start
                        return 0..<own ~= channel ? place / all * own + channel : nil
                    })
            } else {
                legs.append(
                    IntegerMove.Leg(input: read[0], output: tensors.passing(read, to: part)) { place in
                        place / own * all + start + place % own
                    })
            }
        }
        return IntegerMove(legs)
    }
}
