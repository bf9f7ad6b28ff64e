import Graph

/// Takes signed maps apart in front of windows with padding, on the NPU family, which pads them with -1 where the float
/// network has 0.
///
/// A map x is its positive part minus its negative part, ReLU(x) - ReLU(-x). Both are unsigned, and an unsigned map is
/// padded with 0. A convolution reads both, joined on channels, with its weights for the one and their negatives for the
/// other; a depthwise layer is computed of each part, and a Shortcut adds both up. In float the numbers are the same.
struct SignSplit {
    /// A depthwise layer that became two, by their names, and the layer of one weight a channel behind their sum.
    struct Halves {
        var positive: String
        var negative: String
        var behind: String
    }

    /// Layers that stay as they are: what is no convolution.
    fileprivate(set) var left: [String] = []
    /// What became of depthwise layers with an activation.
    fileprivate(set) var halves: [Halves] = []

    /// Takes nothing apart.
    init(left: [String]) { self.left = left }
}

extension CalibratableNetwork {
    /// Takes what these layers read apart.
    mutating func splitSigns(of layers: [String]) throws(CalibrationError) -> SignSplit {
        var result = SignSplit(left: [])
        var split: [String] = []
        let whole = analysis.cost.total.multiplyAccumulates
        var parts = SignedParts()
        var replaced: [String: String] = [:]
        for name in layers {
            let analysis = analysis
            guard let index = network.index(of: name), let shape = analysis.shapes.known(index)?.first,
                let groups = network.nodes[index].layer.groupsOfParts
            else {
                result.left.append(name)
                continue
            }
            let node = network.nodes[index]
            let facts = analysis.facts.nodes[index]
            let map = SignedMap(source: node.inputs[0], shape: shape, bits: facts.inputs[0].bits)
            if case .depthwiseConv2D(let product) = node.layer, !facts.output.isFloat {
                let pair = try parts.apart(map, in: &self)
                if let halves = try add(pair, in: node, product) { result.halves.append(halves) }
            } else {
                let both = try parts.joined(map, groups: groups, in: &self)
                // A result is not a sum of codes, so a depthwise layer becomes a convolution.
                if case .depthwiseConv2D(let product) = node.layer {
                    try makeDense(node, product, channels: shape.channels)
                }
                read(
                    both, in: name, rows: network[name]?.layer.outChannels ?? 1,
                    channels: shape.channels / groups)
                try change(name) { $0.reading { _ in Source(both.name) } }
                replaced[map.source.name] = both.name
            }
            split.append(name)
        }
        guard !split.isEmpty else { return result }
        try takePlaces(replaced)
        let more = Double(analysis.cost.total.multiplyAccumulates) / Double(max(1, whole)) - 1
        note(
            "what \(PaddingBalance.named(split)) \(split.count == 1 ? "reads" : "read") became a positive and a negative part, as the chip surrounds signed maps with their least number, not 0: \(Int(held: (100 * more).rounded(.up))) % more MAC"
        )
        return result
    }

    /// What joins the parts of a Route takes its place and name where nothing else reads the Route.
    private mutating func takePlaces(_ replaced: [String: String]) throws(CalibrationError) {
        for (route, parts) in replaced.sorted(by: { $0.key < $1.key }) {
            guard network[route]?.kind == .route, try removeUnread(route) else { continue }
            try rename(parts, to: route)
        }
        for layer in signedLayers { _ = try removeUnread(layer.name) }
    }

    /// Weights for parts of a map: their axes are out, in, height, width; `channels` are those of the map in a group.
    private mutating func read(_ parts: SignedParts.Parts, in layer: String, rows: Int, channels: Int) {
        guard let weights = numbers["\(layer).weight"] else { return }
        let each = weights.count / rows
        let taps = each / max(1, channels)
        numbers["\(layer).weight"] = (0..<rows).flatMap { row in
            parts.columns.flatMap { run in
                let start = row * each + run.channels.lowerBound * taps
                return weights[start..<start + run.channels.count * taps].map { $0 * run.sign }
            }
        }
    }

    /// A depthwise layer becomes a convolution with its weights on the diagonal.
    private mutating func makeDense(
        _ node: Node, _ product: DepthwiseConv2D, channels: Int
    ) throws(CalibrationError) {
        guard let weights = numbers["\(node.name).weight"] else { return }
        var dense = Conv2D()
        dense.outChannels = channels
        dense.stride = product.stride
        dense.padding = product.padding
        dense.kernelHeight = product.kernelHeight
        dense.kernelWidth = product.kernelWidth
        dense.batchNorm = product.batchNorm
        dense.bias = product.bias
        dense.activationFunction = product.activationFunction
        dense.quantizers = product.quantizers
        let taps = product.kernelHeight * product.kernelWidth
        numbers["\(node.name).weight"] = (0..<channels).flatMap { row in
            (0..<channels * taps).map { $0 / taps == row ? weights[row * taps + $0 % taps] : 0 }
        }
        try change(node.name) { Node($0.name, dense.layer, inputs: $0.inputs, note: $0.note) }
    }

    /// A depthwise layer of each part, their sum, and the activation behind it. Mean, shift and bias stay with the positive
    /// part.
    private mutating func add(
        _ parts: SignedParts.Pair, in node: Node, _ product: DepthwiseConv2D
    ) throws(CalibrationError) -> SignSplit.Halves? {
        var old: [String: [Float]] = [:]
        for key in keys(of: node.name) { old[key] = numbers.removeValue(forKey: key) }
        let function = product.activationFunction
        var inner = product
        inner.activationFunction = .linear
        var nodes: [Node] = []
        var wires: [Source] = []
        for (word, part, sign) in [
            ("positive", parts.positive, Float(1)), ("negative", parts.negative, -1),
        ] {
            let name = network.freeName("\(node.name).\(word)")
            for (key, values) in old where key != "\(node.name).slope" {
                let field = String(key.dropFirst(node.name.count + 1))
                switch field {
                case "weight": numbers["\(name).\(field)"] = values.map { $0 * sign }
                case "bias", "beta", "runningMean":
                    numbers["\(name).\(field)"] = sign > 0 ? values : values.map { _ in 0 }
                default: numbers["\(name).\(field)"] = values
                }
            }
            nodes.append(Node(name, .depthwiseConv2D(inner), inputs: [Source(part)]))
            wires.append(Source(name))
        }
        var sum = Shortcut()
        sum.activationFunction = .linear
        sum.quantizers.isEnabled = true
        guard function != .linear, function != .none, let shape = outputShape(of: node.name) else {
            // The sum has the name of the layer that it stands for.
            try insert(nodes, before: node.name)
            try change(node.name) { Node($0.name, .shortcut(sum), inputs: wires, note: $0.note) }
            return nil
        }
        let name = network.freeName("\(node.name).sum")
        let active = channelwise(like: node.layer, function, shape)
        try insert(nodes + [Node(name, .shortcut(sum), inputs: wires)], before: node.name)
        try change(node.name) { Node($0.name, active, inputs: [Source(name)], note: $0.note) }
        setIdentity(node.name, channels: shape.channels, weight: active)
        if let slope = old["\(node.name).slope"] { numbers["\(node.name).slope"] = slope }
        return SignSplit.Halves(positive: wires[0].name, negative: wires[1].name, behind: node.name)
    }

    /// Gives every channel of two halves one magnitude, which the layer behind their sum takes back.
    mutating func equalize(_ halves: [SignSplit.Halves], _ survey: ChannelSurvey) {
        for pair in halves {
            guard let first = survey.layers[pair.positive]?.largest,
                let second = survey.layers[pair.negative]?.largest
            else { continue }
            let largest = zip(first, second).map(max)
            guard let most = largest.max(), most > 0 else { continue }
            let factors = largest.map { $0 > 0 ? max($0 / most, 1e-3) : 1 }
            for name in [pair.positive, pair.negative].flatMap({ ["\($0).gamma", "\($0).beta"] }) {
                numbers[name] = numbers[name].map { zip($0, factors).map { Float(Double($0) / $1) } }
            }
            let weight = "\(pair.behind).weight"
            numbers[weight] = numbers[weight].map { zip($0, factors).map { Float(Double($0) * $1) } }
        }
    }

    private func outputShape(of layer: String) -> Shape? {
        network.index(of: layer).flatMap { analysis.shapes.output($0) }
    }
}

extension Layer {
    /// In how many groups it would read the two parts of a map; nil where it cannot.
    fileprivate var groupsOfParts: Int? {
        if case .conv2D(let product) = self { return product.groups }
        return kind == .convTranspose2D || kind == .depthwiseConv2D ? 1 : nil
    }

    /// Rows of the weights of a convolution.
    fileprivate var outChannels: Int? {
        if case .conv2D(let product) = self { return product.outChannels }
        if case .convTranspose2D(let product) = self { return product.outChannels }
        return nil
    }
}
