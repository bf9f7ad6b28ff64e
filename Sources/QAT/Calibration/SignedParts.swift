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

    /// Both parts in one map: of each group of channels the positive part, then the negative one.
    private struct Joined: Hashable {
        var source: Source
        var groups: Int
    }

    private var pairs: [Source: Pair] = [:]
    private var joins: [Joined: String] = [:]

    /// Two layers of one weight a channel behind a map: of 1 and of -1, with a ReLU.
    mutating func apart(
        _ map: SignedMap, in form: inout CalibrationForm
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
        _ word: String, _ sign: Float, of map: SignedMap, in form: inout CalibrationForm
    ) throws(CalibrationError) -> String {
        let name = form.network.freeName("\(map.source.name).\(word)")
        let layer = form.channelwise(
            like: form.network[map.source.name]?.layer, .relu, map.shape, bits: map.bits)
        form.setIdentity(name, channels: map.shape.channels, weight: layer)
        form.numbers["\(name).weight"] = form.numbers["\(name).weight"]?.map { $0 * sign }
        try form.insert([Node(name, layer, inputs: [map.source])], behind: map.source.name)
        return name
    }

    /// A layer behind a map that gives both parts, joined on channels: a 1x1 convolution by the unit matrix and its negative,
    /// with a ReLU.
    mutating func joined(
        _ map: SignedMap, groups: Int, in form: inout CalibrationForm
    ) throws(CalibrationError) -> String {
        let key = Joined(source: map.source, groups: groups)
        if let known = joins[key] { return known }
        let name = form.network.freeName("\(map.source.name).parts")
        let (channels, each) = (map.shape.channels, map.shape.channels / groups)
        var product = Conv2D()
        (product.outChannels, product.kernelHeight, product.kernelWidth) = (2 * channels, 1, 1)
        (product.batchNorm, product.bias, product.activationFunction) = (true, false, .relu)
        product.quantizers = form.quantizers(
            like: form.network[map.source.name]?.layer, for: .conv2D, bits: map.bits)
        form.setIdentity(name, channels: 2 * channels)
        form.numbers["\(name).weight"] = (0..<2 * channels).flatMap { row in
            let channel = row / (2 * each) * each + row % each
            let sign: Float = row % (2 * each) < each ? 1 : -1
            return (0..<channels).map { $0 == channel ? sign : 0 }
        }
        try form.insert([Node(name, product.layer, inputs: [map.source])], behind: map.source.name)
        joins[key] = name
        return name
    }
}
