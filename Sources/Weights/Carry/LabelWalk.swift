import Graph

/// Labels the channels of every tensor of a network, from the inputs on.
struct LabelWalk {
    private let analysis: Analysis
    /// For each layer, the labels of its outputs; empty while it has no shape.
    private(set) var outputs: [[[ChannelLabel]]]
    private let inputs: [[ChannelLabel]]
    /// For each layer, the number that its results carry.
    private let numbers: [Int32]

    /// The most channels that are labelled one by one.
    private static let limit = 1 << 22

    /// Labels a network whose inputs have the given labels. `made` gives the labels of what a layer makes of its own
    /// accord; layers that hand channels on are not asked.
    init(
        _ analysis: Analysis, inputs: [[ChannelLabel]], numbers: [Int32],
        made: (_ layer: Int, _ output: Int, _ channels: Int) -> [ChannelLabel]
    ) {
        self.analysis = analysis
        self.inputs = inputs
        self.numbers = numbers
        outputs = Array(repeating: [], count: analysis.network.nodes.count)
        for index in analysis.order.evaluation {
            guard case .success(let shapes) = analysis.shapes.outputs[index],
                let read = analysis.shapes.known(index)
            else { continue }
            let wires = (0..<read.count).map { self[wire: $0, of: index] }
            outputs[index] = shapes.indices.map { output in
                let labels = results(of: index, output, read, wires, shapes, made)
                return labels.count == shapes[output].channels
                    ? labels : Array(repeating: .none, count: min(shapes[output].channels, LabelWalk.limit))
            }
        }
    }

    /// The labels that reach a layer on a wire.
    subscript(wire position: Int, of index: Int) -> [ChannelLabel] {
        let wires = analysis.network.nodes[index].inputs
        guard wires.indices.contains(position) else { return [] }
        switch analysis.network.place(of: wires[position].name) {
        case .node(let producer):
            let labels = outputs[producer]
            return labels.indices.contains(wires[position].output) ? labels[wires[position].output] : []
        case .input(let input): return inputs[input]
        case nil: return []
        }
    }

    private func results(
        of index: Int, _ output: Int, _ read: [Shape], _ wires: [[ChannelLabel]], _ shapes: [Shape],
        _ made: (Int, Int, Int) -> [ChannelLabel]
    ) -> [ChannelLabel] {
        guard let first = wires.first else { return [] }
        let kind = analysis.network.nodes[index].kind
        switch analysis.network.nodes[index].layer.settings.channelFlow {
        case .kept where kind.inputs.upperBound > 1: return combined(wires, index)
        case .kept: return kind.learns ? numbered(first, index) : first
        case .made: return numbered(made(index, output, shapes[output].channels), index)
        case .joined: return Array(wires.joined())
        case .reshaped: return flattened(first, read[0], shapes[0])
        case .parts(let sizes):
            return Array(first.dropFirst(sizes.prefix(output).reduce(0, +)).prefix(sizes[output]))
        case .gathered(let count): return shuffled(first, by: count)
        }
    }

    private func numbered(_ labels: [ChannelLabel], _ index: Int) -> [ChannelLabel] {
        labels.map { label in
            var label = label
            label.layer = numbers[index]
            return label
        }
    }

    /// A sum or product holds something known where both of its sides hold the same.
    private func combined(_ wires: [[ChannelLabel]], _ index: Int) -> [ChannelLabel] {
        guard wires.count == 2, wires[0].count == wires[1].count else { return [] }
        return numbered(zip(wires[0], wires[1]).map { $0.place == $1.place ? $0 : .none }, index)
    }

    private func flattened(_ labels: [ChannelLabel], _ read: Shape, _ made: Shape) -> [ChannelLabel] {
        if read.channels == made.channels { return labels }
        guard made.channels <= LabelWalk.limit, case .vector = made else { return [] }
        func parts(_ label: ChannelLabel, _ part: Int, of extent: Int) -> ChannelLabel {
            var label = label
            label.part = label.part &* Int32(extent) &+ Int32(part)
            label.extent = label.extent &* Int32(extent)
            return label
        }
        switch read {
        case .map(_, let height, let width):
            let places = height * width
            return labels.flatMap { label in (0..<places).map { parts(label, $0, of: places) } }
        case .sequence(let length, _):
            return (0..<length).flatMap { step in labels.map { parts($0, step, of: length) } }
        case .vector: return labels
        }
    }

    /// Each square of channels becomes one, which is known where the square is whole and in order.
    private func shuffled(_ labels: [ChannelLabel], by square: Int) -> [ChannelLabel] {
        stride(from: 0, to: labels.count - square + 1, by: square).map { start in
            var label = labels[start]
            guard !label.isNone, label.gathered == 1 else { return .none }
            for offset in 1..<max(1, square) {
                var expected = label
                expected.unit += Int32(offset)
                guard labels[start + offset] == expected else { return .none }
            }
            label.gathered = Int32(square)
            return label
        }
    }
}
