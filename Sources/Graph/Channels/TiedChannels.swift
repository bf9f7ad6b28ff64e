/// Which channels of a network change together: those that sums, products, pools and joins tie to each other.
///
/// A segment is a run of channels that no Channel_Split, join or group parts. It grows at its end, and with it every
/// tensor that has it: a convolution in front of a Channel_Split has a segment for each part, so that the parts keep
/// their old channels when they grow.
public struct TiedChannels: Sendable {
    /// The units of each segment.
    public let sizes: [Int]
    /// For each segment, the number that its units stay a multiple of.
    public let units: [Int]
    /// For each segment, whether its units cannot change: grey and coloured images that enter, results of the network, and
    /// channels that are put together in a way that does not grow.
    public let isFixed: [Bool]
    /// For each layer, the strands of its outputs; empty while it has no shape.
    public let outputs: [[[ChannelStrand]]]
    /// For each network input, its strands.
    public let inputs: [[ChannelStrand]]

    private let analysis: Analysis

    /// The most steps of a sequence that a Flatten is followed through.
    private static let longestSequence = 1024

    /// Follows the channels of a network from the inputs on. Convolutions whose groups are to be taken apart, depthwise
    /// ones among them, are not tied to what they read.
    public init(_ analysis: Analysis, ungrouping ungrouped: Set<String> = []) {
        self.analysis = analysis
        var walk = SegmentWalk(analysis, ungrouped)
        walk.run()
        let table = walk.table
        sizes = table.sizes
        units = table.units
        isFixed = table.isFixed
        outputs = walk.outputs.map { $0.map(table.resolved) }
        inputs = walk.inputs.map(table.resolved)
    }

    /// The strands on a wire; nil while they are unknown.
    public func strands(on wire: Source) -> [ChannelStrand]? {
        switch analysis.network.place(of: wire.name) {
        case .node(let index):
            outputs[index].indices.contains(wire.output) ? outputs[index][wire.output] : nil
        case .input(let index): wire.output == 0 ? inputs[index] : nil
        case nil: nil
        }
    }

    /// The channels of some strands while segments have other sizes than now.
    public func channels(_ strands: [ChannelStrand], _ sizes: [Int]) -> Int {
        strands.reduce(0) { $0.clampedSum($1.channels(of: sizes[$1.segment])) }
    }

    /// The walk through the network.
    private struct SegmentWalk {
        let analysis: Analysis
        let ungrouped: Set<String>
        var table = SegmentTable()
        var outputs: [[[ChannelStrand]]]
        var inputs: [[ChannelStrand]] = []

        init(_ analysis: Analysis, _ ungrouped: Set<String>) {
            self.analysis = analysis
            self.ungrouped = ungrouped
            outputs = Array(repeating: [], count: analysis.network.nodes.count)
        }

        mutating func run() {
            for input in analysis.network.inputs {
                inputs.append(table.fresh(input.shape.channels, isFixed: !input.canWiden))
            }
            for index in analysis.order.evaluation {
                guard case .success(let shapes) = analysis.shapes.outputs[index],
                    let read = analysis.shapes.known(index)
                else { continue }
                let node = analysis.network.nodes[index]
                let wires = node.inputs.compactMap { strands(on: $0) }
                guard wires.count == node.inputs.count, !wires.isEmpty else { continue }
                let made = results(of: node, read, wires, shapes)
                // What does not add up is held at what it is.
                outputs[index] = zip(made, shapes).map { strands, shape in
                    if table.channels(strands) == shape.channels { return strands }
                    table.fix(strands)
                    return table.fresh(shape.channels, isFixed: true)
                }
            }
            for index in analysis.network.nodes.indices where analysis.order.readers[index].isEmpty {
                for strands in outputs[index] { table.fix(strands) }
            }
        }

        private func strands(on wire: Source) -> [ChannelStrand]? {
            switch analysis.network.place(of: wire.name) {
            case .node(let index):
                outputs[index].indices.contains(wire.output) ? outputs[index][wire.output] : nil
            case .input(let index): wire.output == 0 ? inputs[index] : nil
            case nil: nil
            }
        }

        private mutating func results(
            of node: Node, _ read: [Shape], _ wires: [[ChannelStrand]], _ shapes: [Shape]
        ) -> [[ChannelStrand]] {
            switch node.layer.settings.channelFlow {
            case .kept where ungrouped.contains(node.name): return [table.fresh(read[0].channels)]
            case .kept:
                for wire in wires.dropFirst() { table.unify(wires[0], wire) }
                return [wires[0]]
            case .made:
                if case .conv2D(let conv) = node.layer, !ungrouped.contains(node.name) {
                    return [convolved(conv, read[0], wires[0])]
                }
                let factor = node.layer.settings.channelField(inputs: wires.count)?.factor ?? 1
                let own = table.fresh(shapes[0].channels / factor)
                let made = (0..<factor).flatMap { _ in own }
                return shapes.map { _ in made }
            case .joined: return [Array(wires.joined())]
            case .reshaped: return [flattened(read[0], wires[0], shapes[0])]
            case .parts(let sizes): return parts(sizes, wires[0])
            case .gathered(let count):
                guard table.step(wires[0], by: count) else {
                    return [table.fresh(shapes[0].channels, isFixed: true)]
                }
                return [wires[0].map { $0.scaled(gather: count) }]
            }
        }

        /// A convolution in groups grows by whole groups; one in a single group grows as it likes.
        private mutating func convolved(
            _ conv: Conv2D, _ read: Shape, _ wire: [ChannelStrand]
        ) -> [ChannelStrand] {
            guard conv.groups > 1 else { return table.fresh(conv.outChannels) }
            let taken = read.channels / conv.groups
            let made = conv.outChannels / conv.groups
            guard !conv.focus, table.step(wire, by: taken) else {
                table.fix(wire)
                return table.fresh(conv.outChannels, isFixed: true)
            }
            return wire.map { $0.scaled(spread: made, gather: taken) }
        }

        private mutating func flattened(
            _ read: Shape, _ wire: [ChannelStrand], _ made: Shape
        ) -> [ChannelStrand] {
            if read.channels == made.channels { return wire }
            switch (read, made) {
            case (.map(_, let height, let width), .vector):
                return wire.map { $0.scaled(spread: height.clampedProduct(width)) }
            case (.sequence(let length, _), .vector) where length <= TiedChannels.longestSequence:
                return (0..<length).flatMap { _ in wire }
            case (.map, _), (.sequence, _), (.vector, _):
                table.fix(wire)
                return table.fresh(made.channels, isFixed: true)
            }
        }

        private mutating func parts(_ sizes: [Int], _ wire: [ChannelStrand]) -> [[ChannelStrand]] {
            var ends: [Int] = []
            for part in sizes { ends.append((ends.last ?? 0) + part) }
            for end in ends.dropLast() where !table.cut(wire, at: end) {
                table.fix(wire)
                return sizes.map { table.fresh($0, isFixed: true) }
            }
            var parts = sizes.map { _ in [ChannelStrand]() }
            var part = 0
            var start = 0
            for strand in table.resolved(wire) {
                while part < ends.count - 1, start >= ends[part] { part += 1 }
                parts[part].append(strand)
                start += strand.channels(of: table.sizes[strand.segment])
            }
            return parts
        }
    }
}

extension Input {
    /// Whether data with fewer channels can be filled up with zeros: maps of more than the three channels of an image, which
    /// every chip reads as they are.
    fileprivate var canWiden: Bool {
        if case .map(let channels, _, _) = shape { channels > 3 } else { false }
    }
}
