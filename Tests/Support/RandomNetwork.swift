package import Graph

/// A network whose layers read what the seed says: joins, sums and windows in any order.
package enum RandomNetwork {
    private struct Map {
        var name: String
        var channels, size: Int
    }

    /// A network of some layers on a map of 3x8x8. Whatever nothing reads is a result.
    package static func make(seed: UInt64, layers count: Int = 14) throws -> Network {
        var random = SeededGenerator(seed: seed)
        var nodes = [Node("preprocess", Preprocess().layer, inputs: ["image"])]
        var maps: [Map] = []
        func add(_ layer: Layer, _ inputs: [String], _ channels: Int, _ size: Int) {
            let name = "layer\(nodes.count)"
            nodes.append(Node(name, layer, inputs: inputs.map { Source($0) }))
            maps.append(Map(name: name, channels: channels, size: size))
        }
        func conv(_ source: String, _ channels: Int, _ size: Int) {
            var conv = Conv2D()
            let kernel = random.pick([1, 3])
            (conv.outChannels, conv.kernelHeight, conv.kernelWidth) = (channels, kernel, kernel)
            (conv.padding, conv.batchNorm, conv.bias) = (1, random.once(in: 2), random.once(in: 2))
            conv.activationFunction = random.pick([.relu, .relu, .linear, .leakyReLU, .prelu])
            add(conv.layer, [source], channels, size)
        }
        conv("preprocess", 8, 8)
        while nodes.count < count + 2 {
            let map = random.pick(maps)
            let others = maps.filter { $0.size == map.size && $0.name != map.name }
            let equals = others.filter { $0.channels == map.channels }
            switch random.below(17) {
            case 0, 1: conv(map.name, random.pick([4, 6, 8]), map.size)
            case 2, 3, 4:
                var each = DepthwiseConv2D()
                (each.padding, each.batchNorm, each.bias) = (1, random.once(in: 2), true)
                each.activationFunction = random.pick([.relu, .linear])
                add(each.layer, [map.name], map.channels, map.size)
            case 5: add(BatchNorm().layer, [map.name], map.channels, map.size)
            case 6 where map.size > 2:
                var pool = Maxpool2D()
                pool.window = Window(height: 2, width: 2, stride: 2)
                add(pool.layer, [map.name], map.channels, map.size / 2)
            case 7, 8:
                guard !others.isEmpty else { continue }
                let other = random.pick(others)
                add(Route().layer, [map.name, other.name], map.channels + other.channels, map.size)
            case 9:
                guard !equals.isEmpty else { continue }
                add(Shortcut().layer, [map.name, random.pick(equals).name], map.channels, map.size)
            case 10 where map.size > 2:
                var pool = Avgpool2D()
                pool.window = Window(height: 2, width: 2, stride: 2)
                add(pool.layer, [map.name], map.channels, map.size / 2)
            case 11:
                guard !equals.isEmpty else { continue }
                add(Mul().layer, [map.name, random.pick(equals).name], map.channels, map.size)
            case 12:
                guard !equals.isEmpty else { continue }
                add(Max().layer, [map.name, random.pick(equals).name], map.channels, map.size)
            case 13:
                var dense = FullConnected()
                (dense.outChannels, dense.activationFunction) = (5, random.pick([.relu, .none]))
                var flatten = Flatten()
                flatten.shape = [-1, map.channels * map.size * map.size]
                nodes.append(
                    Node("flat\(nodes.count)", flatten.layer, inputs: [Source(map.name)]))
                nodes.append(
                    Node("dense\(nodes.count)", dense.layer, inputs: [Source(nodes[nodes.count - 1].name)]))
            case 14 where map.size < 16:
                var unpool = Unpool2D()
                unpool.mode = random.pick([.zero, .nearest])
                add(unpool.layer, [map.name], map.channels, 2 * map.size)
            case 15 where map.size < 16:
                var conv = ConvTranspose2D()
                (conv.outChannels, conv.activationFunction) = (6, random.pick([.relu, .linear]))
                add(conv.layer, [map.name], 6, 2 * map.size)
            case 16:
                var split = ChannelSplit()
                split.split = [map.channels / 2, map.channels - map.channels / 2]
                add(split.layer, [map.name], split.split[0], map.size)
                let second = Source(nodes[nodes.count - 1].name, output: 1)
                let name = "layer\(nodes.count)"
                nodes.append(Node(name, BatchNorm().layer, inputs: [second]))
                maps.append(Map(name: name, channels: split.split[1], size: map.size))
            default: continue
            }
        }
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: 8, width: 8))], nodes: nodes)
    }
}
