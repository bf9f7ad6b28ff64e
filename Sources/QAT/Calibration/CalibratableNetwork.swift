import Graph

/// A float network with its numbers, rewritten so that every layer can take the scales of a quantized one and still
/// gives the same numbers in float.
///
/// Batch norm is on wherever a product's result is quantized; a layer whose quantizer would lose what its activation
/// means gets a layer of one weight a channel behind it; a result that would leave the network as codes of some scale
/// leaves through a batch norm, under its old name.
struct CalibratableNetwork {
    /// The network; quantizers are on as they were.
    private(set) var network: Network
    /// By name, the numbers of checkpoints.
    var numbers: [String: [Float]]
    /// The layers that make unsigned maps signed, in front of a join with signed ones.
    var signedLayers: [SignedLayer] = []
    private var sentences: [String] = []
    private let family: ArithmeticFamily

    /// Rewrites a network whose numbers are those of a float network.
    init(
        _ network: Network, _ numbers: [String: [Float]], on family: ArithmeticFamily
    ) throws(CalibrationError) {
        self.network = network
        self.numbers = numbers
        self.family = family
        try fixClips()
        try separateActivations()
        try signJoins()
        try switchNormsOn()
        try giveResultsTheirUnits()
    }

    /// What was put in, one sentence each.
    var notes: [String] { sentences + signedLayers.filter { network[$0.name] != nil }.map(\.note) }

    /// The network on its family.
    var analysis: Analysis { Analysis(network, on: family) }

    /// Gives some numbers other values, with which the network gives the same results.
    mutating func replace(_ values: [String: [Float]]) { numbers.merge(values) { $1 } }

    /// Adds a sentence about what was put in.
    mutating func note(_ sentence: String) { sentences.append(sentence) }

    /// Puts a layer that changes nothing behind an output, so that what follows can have another scale: batch norm, or a layer
    /// of one weight a channel behind an output in float, as a batch norm gives as many bits as it reads. Returns its name; nil
    /// where no shape of the output is known.
    mutating func separate(_ source: Source) throws(CalibrationError) -> String? {
        let analysis = analysis
        guard let node = network[source.name], let index = network.index(of: source.name),
            case .success(let shapes) = analysis.shapes.outputs[index], shapes.indices.contains(source.output)
        else { return nil }
        let name = network.freeName("\(source.name).scale")
        let shape = shapes[source.output]
        let layer: Layer
        if analysis.facts.nodes[index].output.isFloat {
            layer = channelwise(like: node.layer, .linear, shape)
            setIdentity(name, channels: shape.channels, weight: layer)
        } else {
            var norm = BatchNorm()
            norm.activationFunction = .linear
            norm.quantizers = quantizers(like: node.layer, for: .batchNorm)
            layer = .batchNorm(norm)
            setIdentity(name, channels: shape.channels)
        }
        try rebuild { nodes in
            for place in nodes.indices {
                nodes[place] = nodes[place].reading { $0 == source ? Source(name) : $0 }
            }
            let place = nodes.firstIndex { $0.name == source.name }.map { $0 + 1 } ?? 0
            nodes.insert(Node(name, layer, inputs: [source]), at: place)
        }
        sentences.append("'\(name)' gives what '\(source)' hands on a scale of its own")
        return name
    }
}

extension CalibratableNetwork {
    /// A clip that is learned would leave the scale that was chosen.
    private mutating func fixClips() throws(CalibrationError) {
        try rebuild { nodes in
            for place in nodes.indices {
                nodes[place].layer.changeQuantizers { $0.autoThreshold = false }
            }
        }
        numbers = numbers.filter { !$0.key.hasSuffix(".logClip") }
    }

    /// Sums and batch norms take the sign of what they read: where that differs from their activation's, the
    /// activation moves into a layer that multiplies each channel by one.
    private mutating func separateActivations() throws(CalibrationError) {
        let analysis = analysis
        for index in analysis.order.evaluation {
            let node = analysis.network.nodes[index]
            let signal = analysis.facts.nodes[index].output
            guard !signal.isFloat, let shape = analysis.shapes.output(index) else { continue }
            if case .shortcut(var sum) = node.layer {
                let function = sum.activationFunction
                guard function.isOf(signal) == false else { continue }
                sum.activationFunction = signal.isSigned ? .linear : .none
                let name = network.freeName("\(node.name).sum")
                let active = channelwise(like: node.layer, function, shape)
                try rebuild { nodes in
                    guard let place = nodes.firstIndex(where: { $0.name == node.name }) else { return }
                    nodes[place] = Node(node.name, active, inputs: [Source(name)], note: node.note)
                    nodes.insert(Node(name, .shortcut(sum), inputs: node.inputs), at: place)
                }
                setIdentity(node.name, channels: shape.channels, weight: active)
                sentences.append(
                    "'\(node.name)' became '\(name)' and a layer with its \(function.rawValue), which a signed sum has not"
                )
            } else if case .batchNorm(let norm) = node.layer {
                guard norm.activationFunction.isSigned != signal.isSigned else { continue }
                let active = channelwise(like: node.layer, norm.activationFunction, shape)
                try rebuild { nodes in
                    guard let place = nodes.firstIndex(where: { $0.name == node.name }) else { return }
                    nodes[place].layer = active
                }
                numbers["\(node.name).weight"] = CalibratableNetwork.identity(shape.channels, active)
                sentences.append(
                    "'\(node.name)' became a \(active.kind.rawValue), as a BatchNorm keeps the sign of its input"
                )
            } else if node.layer.settings is any Product {
                // In float it is no activation; its quantizer would be a ReLU.
                guard node.layer.settings.activation == Activation.none else { continue }
                try rebuild { nodes in
                    do {
                        try nodes[index].layer.set(
                            "activation", to: .choice(Activation.linear.rawValue))
                    } catch {
                        preconditionFailure("products take Linear: \(error)")
                    }
                }
            }
        }
    }

    /// A layer that multiplies each channel by one, with batch norm and an activation, and results of as many bits as
    /// another's, or of so many.
    func channelwise(like layer: Layer?, _ function: Activation, _ shape: Shape, bits: Int? = nil) -> Layer {
        guard case .map = shape else {
            var product = FullConnected()
            product.outChannels = shape.channels
            product.batchNorm = true
            product.bias = false
            product.activationFunction = function
            product.quantizers = quantizers(like: layer, for: .fullConnected, bits: bits)
            return .fullConnected(product)
        }
        var product = DepthwiseConv2D()
        product.kernelHeight = 1
        product.kernelWidth = 1
        product.stride = 1
        product.padding = 0
        product.batchNorm = true
        product.bias = false
        product.activationFunction = function
        product.quantizers = quantizers(like: layer, for: .depthwiseConv2D, bits: bits)
        return .depthwiseConv2D(product)
    }

    /// Quantizers of another kind of layer with the bits of this one.
    func quantizers(like layer: Layer?, for kind: OperatorKind, bits: Int? = nil) -> Quantization {
        let own = layer?.settings.quantization ?? Quantization()
        var quantizers = kind.defaultLayer.settings.quantization ?? Quantization()
        let widths = network.nodes.compactMap { node -> Int? in
            guard node.kind.hasWeightBits, let found = node.layer.settings.quantization, found.isEnabled
            else { return nil }
            return found.weightBits < Quantization.float ? found.weightBits : nil
        }
        let bits = bits ?? own.outputBits.flatMap { $0 < Quantization.float ? $0 : nil } ?? widths.first ?? 8
        quantizers.isEnabled = true
        quantizers.autoThreshold = false
        quantizers.autoBitwidth = false
        quantizers.quantizesLastFeature = false
        quantizers.weightBits = widths.first ?? 8
        if kind.hasWeightBits { quantizers.outputBits = bits }
        quantizers.clip = kind.recommendedClip(bits: bits) ?? own.clip
        return quantizers
    }

    /// Batch norm takes scales up, so every product whose result is quantized gets one.
    private mutating func switchNormsOn() throws(CalibrationError) {
        let analysis = analysis
        try switchNormOn(
            zip(analysis.network.nodes, analysis.facts.nodes).filter { !$1.output.isFloat }.map(\.0.name))
    }

    /// Puts batch norm in place of the bias in some layers, as far as they have none.
    mutating func switchNormOn(_ layers: [String]) throws(CalibrationError) {
        let analysis = analysis
        for name in layers {
            guard let index = network.index(of: name), let layer = network.nodes[index].layer.normalized,
                let inputs = analysis.shapes.known(index)
            else { continue }
            let node = network.nodes[index]
            try rebuild { nodes in nodes[index].layer = layer }
            for parameter in layer.settings.parameters(for: inputs, on: family)
            where parameter.role == .scale {
                let prefix = "\(node.name).\(parameter.name.dropLast("gamma".count))"
                let biasName = layer.kind == .seBlock ? "\(prefix.dropLast())Bias" : prefix + "bias"
                let bias = numbers.removeValue(forKey: biasName)
                setIdentity(prefix: prefix, channels: parameter.count)
                if let bias { numbers[prefix + "beta"] = bias }
            }
        }
    }

    /// A last layer hands out float numbers; what only passes codes on hands them out in units of their scale. A batch
    /// norm behind it gives them theirs.
    private mutating func giveResultsTheirUnits() throws(CalibrationError) {
        let analysis = analysis
        for (index, node) in analysis.network.nodes.enumerated() {
            guard analysis.facts.nodes[index].isLast, node.kind != .preprocess,
                case .success(let shapes) = analysis.shapes.outputs[index], shapes.count == 1,
                node.layer.learnsScale == false
            else { continue }
            let inner = network.freeName("\(node.name).codes")
            var norm = BatchNorm()
            norm.activationFunction = .linear
            norm.quantizers = quantizers(like: node.layer, for: .batchNorm)
            // A result is float where its quantizer is off; a BatchNorm has no other word for it in a network file.
            norm.quantizers.isEnabled = false
            try rebuild { nodes in
                guard let place = nodes.firstIndex(where: { $0.name == node.name }) else { return }
                nodes[place] = Node(inner, node.layer, inputs: node.inputs, note: node.note)
                nodes.insert(Node(node.name, .batchNorm(norm), inputs: [Source(inner)]), at: place + 1)
            }
            for key in keys(of: node.name) {
                numbers[inner + key.dropFirst(node.name.count)] = numbers.removeValue(forKey: key)
            }
            setIdentity(node.name, channels: shapes[0].channels)
            sentences.append(
                "'\(node.name)' is a BatchNorm behind '\(inner)' now, and gives the result its units")
        }
    }

    /// The names of a layer's numbers. Names of other layers may begin with its own, as 'conv.signed' does with 'conv'.
    func keys(of layer: String) -> [String] {
        let longer = network.nodes.map { "\($0.name)." }.filter {
            $0.hasPrefix("\(layer).") && $0 != "\(layer)."
        }
        return numbers.keys.filter { key in
            key.hasPrefix("\(layer).") && !longer.contains { key.hasPrefix($0) }
        }
    }

    /// Puts layers behind another, or in front of all where it is an input of the network.
    mutating func insert(_ layers: [Node], behind name: String) throws(CalibrationError) {
        try rebuild { nodes in
            nodes.insert(contentsOf: layers, at: nodes.firstIndex { $0.name == name }.map { $0 + 1 } ?? 0)
        }
    }

    /// Puts layers in front of another.
    mutating func insert(_ layers: [Node], before name: String) throws(CalibrationError) {
        try rebuild { nodes in
            guard let place = nodes.firstIndex(where: { $0.name == name }) else { return }
            nodes.insert(contentsOf: layers, at: place)
        }
    }

    /// Takes a layer out if nothing reads it, and says whether it did.
    mutating func removeUnread(_ name: String) throws(CalibrationError) -> Bool {
        guard network[name] != nil, network.readers(of: name).isEmpty else { return false }
        for key in keys(of: name) { numbers[key] = nil }
        try rebuild { $0.removeAll { $0.name == name } }
        return true
    }

    /// Gives a layer without numbers another name.
    mutating func rename(_ old: String, to new: String) throws(CalibrationError) {
        try rebuild { nodes in
            nodes = nodes.map { node in
                Node(
                    node.name == old ? new : node.name, node.layer,
                    inputs: node.inputs.map { $0.name == old ? Source(new, output: $0.output) : $0 },
                    imported: node.imported, note: node.note)
            }
        }
    }

    /// Makes one layer another.
    mutating func change(_ name: String, _ change: (Node) -> Node) throws(CalibrationError) {
        try rebuild { nodes in
            guard let place = nodes.firstIndex(where: { $0.name == name }) else { return }
            nodes[place] = change(nodes[place])
        }
    }

    private mutating func rebuild(_ change: (inout [Node]) -> Void) throws(CalibrationError) {
        var nodes = network.nodes
        change(&nodes)
        do {
            network = try network.with(nodes)
        } catch {
            throw .network("\(error)")
        }
    }
}

extension Node {
    /// The layer with other wires.
    func reading(_ wire: (Source) -> Source) -> Node {
        Node(name, layer, inputs: inputs.map(wire), imported: imported, note: note)
    }
}

extension Activation {
    /// Whether a quantizer of that sign, with no activation in front of it, does what this activation does.
    fileprivate func isOf(_ signal: Signal) -> Bool {
        isRange && (self == .none || self == .linear || !signal.isSigned)
    }
}
