/// The settings that give segments other sizes.
struct SegmentEdits {
    private let segments: TiedChannels
    private let sizes: [Int]
    private let inner: [String: Int]
    private let ungrouped: Set<String>
    private let analysis: Analysis

    /// `inner` has what the inner channels of an Se_Block should be a multiple of, by layer; `ungrouped` the convolutions
    /// whose groups are taken apart.
    init(
        _ segments: TiedChannels, sizes: [Int], inner: [String: Int], ungrouping ungrouped: Set<String>,
        of analysis: Analysis
    ) {
        self.segments = segments
        self.sizes = sizes
        self.inner = inner
        self.ungrouped = ungrouped
        self.analysis = analysis
    }

    /// One change for each setting that differs, in the order of the network.
    var edits: [Edit] {
        inputs
            + analysis.network.nodes.indices.flatMap { index -> [Edit] in
                let node = analysis.network.nodes[index]
                if case .depthwiseConv2D(let conv) = node.layer, ungrouped.contains(node.name) {
                    return [.replace(layer: node.name, with: .conv2D(dense(conv, index)))]
                }
                return settings(of: node, index).filter { node.layer.value(of: $0.0) != $0.1 }.map {
                    .set(layer: node.name, field: $0.0, to: $0.1)
                }
            }
    }

    /// Inputs whose data has fewer channels, the others being zeros.
    private var inputs: [Edit] {
        zip(analysis.network.inputs, segments.inputs).compactMap { input, strands in
            guard case .map(let channels, let height, let width) = input.shape else { return nil }
            let wide = segments.channels(strands, sizes)
            guard wide != channels else { return nil }
            return .reshapeInput(input.name, to: .map(channels: wide, height: height, width: width))
        }
    }

    private func settings(of node: Node, _ index: Int) -> [(String, FieldValue)] {
        guard let wire = node.inputs.first, let read = segments.strands(on: wire),
            let made = segments.outputs[index].first
        else { return [] }
        let taken = segments.channels(read, sizes)
        let given = segments.channels(made, sizes)
        if case .conv2D(let conv) = node.layer {
            if ungrouped.contains(node.name) {
                return [("outChannels", .integer(given)), ("groups", .integer(1))]
            }
            let before = segments.channels(read, segments.sizes)
            let groups = conv.groups > 1 && !conv.focus ? taken / max(1, before / conv.groups) : conv.groups
            return [("outChannels", .integer(given)), ("groups", .integer(groups))]
        }
        if case .seBlock(let gate) = node.layer {
            let before = segments.channels(read, segments.sizes) / gate.rate
            return [("rate", .integer(rate(gate, taken, atLeast: before, of: inner[node.name] ?? 1)))]
        }
        if case .flatten(let flatten) = node.layer {
            return [("shape", .integers(list(flatten, index, given)))]
        }
        if case .channelSplit = node.layer {
            let parts = segments.outputs[index].map { segments.channels($0, sizes) }
            return [("split", .integers(parts))]
        }
        let field = node.layer.settings.channelField(inputs: node.inputs.count)
        return field.map { [($0.name, .integer(given / $0.factor))] } ?? []
    }

    /// The convolution in one group that computes what a depthwise one does, with zeros between the channels.
    private func dense(_ depthwise: DepthwiseConv2D, _ index: Int) -> Conv2D {
        var conv = Conv2D()
        conv.outChannels = segments.outputs[index].first.map { segments.channels($0, sizes) } ?? 1
        conv.kernelHeight = depthwise.kernelHeight
        conv.kernelWidth = depthwise.kernelWidth
        conv.stride = depthwise.stride
        conv.padding = depthwise.padding
        conv.batchNorm = depthwise.batchNorm
        conv.bias = depthwise.bias
        conv.activationFunction = depthwise.activationFunction
        conv.quantizers = depthwise.quantizers
        // Where it does nothing, its default is off in a Conv2D and on in a depthwise one.
        if analysis.facts.family == .npu || !AutoBitwidth.isBelow8(conv.quantizers) {
            conv.quantizers.autoBitwidth = false
        }
        return conv
    }

    /// The shape list for so many channels: an axis that is left open stays so.
    private func list(_ flatten: Flatten, _ index: Int, _ channels: Int) -> [Int] {
        var list = flatten.shape
        guard let shape = analysis.shapes.output(index), list.count > 1 else { return list }
        let axis: Int =
            switch shape {
            case .map, .vector: 1
            case .sequence: 2
            }
        if list.indices.contains(axis), list[axis] == shape.channels { list[axis] = channels }
        return list
    }

    /// The largest rate up to the present one that divides the channels and leaves at least so many inside, a multiple
    /// of a number; the present one where there is none.
    private func rate(_ gate: SeBlock, _ channels: Int, atLeast least: Int, of multiple: Int) -> Int {
        (1...max(1, gate.rate)).last { rate in
            channels.isMultiple(of: rate) && channels / rate >= least
                && (channels / rate).isMultiple(of: multiple)
        } ?? gate.rate
    }
}
