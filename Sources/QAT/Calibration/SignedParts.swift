import Graph

/// A signed map that is to be taken apart: the output that gives it, its shape, and the bits of its codes.
struct SignedMap {
    var source: Source
    var shape: Shape
    var bits: Int
}

/// The layers that give ReLU(x) and ReLU(-x) of signed maps x. Layers that read the same map share them.
struct SignedParts {
    /// Both parts of a map, by the names of the layers that give them.
    struct Pair {
        var positive: String
        var negative: String
    }

    /// A map of parts, and what its channels hold of a group's: those of a run, times 1 or -1.
    struct Parts {
        var name: String
        var columns: [(channels: Range<Int>, sign: Float)]
    }

    /// Both parts in one map: of each group of channels the positive part, then the negative one.
    private struct Joined: Hashable {
        var source: Source
        var groups: Int
    }

    private var pairs: [Source: Pair] = [:]
    private var joins: [Joined: Parts] = [:]

    /// Two layers of one weight a channel behind a map: of 1 and of -1, with a ReLU.
    mutating func apart(
        _ map: SignedMap, in form: inout CalibratableNetwork
    ) throws(CalibrationError) -> Pair {
        if let known = pairs[map.source] { return known }
        // Both are put right behind the source, so the second one comes first.
        let negative = try SignedParts.part("negative", -1, of: map, in: &form)
        let pair = Pair(
            positive: try SignedParts.part("positive", 1, of: map, in: &form), negative: negative)
        pairs[map.source] = pair
        return pair
    }

    private static func part(
        _ word: String, _ sign: Float, of map: SignedMap, in form: inout CalibratableNetwork
    ) throws(CalibrationError) -> String {
        let name = form.network.freeName("\(map.source.name).\(word)")
        let layer = form.channelwise(
            like: form.network[map.source.name]?.layer, .relu, map.shape, bits: map.bits)
        form.setIdentity(name, channels: map.shape.channels, weight: layer)
        form.numbers["\(name).weight"] = form.numbers["\(name).weight"]?.map { $0 * sign }
        try form.insert([Node(name, layer, inputs: [map.source])], behind: map.source.name)
        return name
    }

    /// A layer behind a map that gives its parts, joined on channels. Of a Route, what was unsigned has no negative part.
    /// In front of groups, whose channels lie beside each other, it is a 1x1 convolution by the unit matrix and its negative,
    /// with a ReLU.
    mutating func joined(
        _ map: SignedMap, groups: Int, in form: inout CalibratableNetwork
    ) throws(CalibrationError) -> Parts {
        let key = Joined(source: map.source, groups: groups)
        if let known = joins[key] { return known }
        let name = form.network.freeName("\(map.source.name).parts")
        let parts =
            groups == 1
            ? try route(map, name, in: &form) : try product(map, groups, name, in: &form)
        joins[key] = parts
        return parts
    }

    private mutating func route(
        _ map: SignedMap, _ name: String, in form: inout CalibratableNetwork
    ) throws(CalibrationError) -> Parts {
        var parts = Parts(name: name, columns: [])
        var wires: [Source] = []
        var place = map.source.name
        for part in SignedParts.inputs(of: map, in: form) {
            let start = parts.columns.last { $0.sign > 0 }?.channels.upperBound ?? 0
            let channels = start..<start + part.shape.channels
            parts.columns.append((channels, 1))
            if let layer = form.signedLayers.first(where: { $0.name == part.source.name }) {
                wires.append(layer.source)
            } else {
                let pair = try apart(part, in: &form)
                wires += [Source(pair.positive), Source(pair.negative)]
                parts.columns.append((channels, -1))
                if part.source == map.source { place = pair.negative }
            }
        }
        try form.insert([Node(name, Route().layer, inputs: wires)], behind: place)
        return parts
    }

    /// The maps that a Route joins on channels; another map is one by itself.
    private static func inputs(of map: SignedMap, in form: CalibratableNetwork) -> [SignedMap] {
        let analysis = form.analysis
        guard let index = analysis.network.index(of: map.source.name),
            case .route = analysis.network.nodes[index].layer, let shapes = analysis.shapes.known(index)
        else { return [map] }
        let inputs = analysis.network.nodes[index].inputs
        return inputs.indices.map {
            SignedMap(
                source: inputs[$0], shape: shapes[$0], bits: analysis.facts.nodes[index].inputs[$0].bits)
        }
    }

    private func product(
        _ map: SignedMap, _ groups: Int, _ name: String, in form: inout CalibratableNetwork
    ) throws(CalibrationError) -> Parts {
        let channels = map.shape.channels
        let each = map.shape.channels / groups
        var product = Conv2D()
        product.outChannels = 2 * channels
        product.kernelHeight = 1
        product.kernelWidth = 1
        product.batchNorm = true
        product.bias = false
        product.activationFunction = .relu
        product.quantizers = form.quantizers(
            like: form.network[map.source.name]?.layer, for: .conv2D, bits: map.bits)
        form.setIdentity(name, channels: 2 * channels)
        form.numbers["\(name).weight"] = (0..<2 * channels).flatMap { row in
            let channel = row / (2 * each) * each + row % each
            let sign: Float = row % (2 * each) < each ? 1 : -1
            return (0..<channels).map { $0 == channel ? sign : 0 }
        }
        try form.insert([Node(name, product.layer, inputs: [map.source])], behind: map.source.name)
        return Parts(name: name, columns: [(0..<each, 1), (0..<each, -1)])
    }
}
