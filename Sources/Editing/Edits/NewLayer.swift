import Devices
import Graph

/// Settings for a new layer: its quantizers and what follows its product as its neighbours have them, its window and
/// channels so that it takes what it reads.
extension EditBuilder {
    /// A layer of a kind beside the one at a position of the file, reading a shape.
    func newLayer(_ kind: OperatorKind, near index: Int?, reading shape: Shape?, isLast: Bool) -> Layer {
        var layer = kind.defaultLayer
        let neighbour = nearest(to: index) { $0.kind == kind }
        if let neighbour {
            layer.copy(EditBuilder.habits, from: neighbour.layer)
        } else {
            // What follows a product is a habit of products: an LSTM or a Shortcut has settings of its own.
            let isConvolution = kind.type.family == .convolution
            if EditBuilder.isProduct(layer),
                let product = nearest(
                    to: index,
                    where: { node in
                        EditBuilder.isProduct(node.layer)
                            && (!isConvolution || node.kind.type.family == .convolution)
                    })
            {
                layer.copy(["activation", "batchNorm", "bias"], from: product.layer)
            } else if isConvolution {
                // As in the samples and blocks: without batch norm a network of a few layers learns far more slowly.
                layer.put("batchNorm", .flag(true))
                layer.put("bias", .flag(false))
            }
            layer.copy(["autoBitwidth"], from: nearest(to: index) { $0.kind.hasWeightBits }?.layer ?? layer)
        }
        quantize(&layer, near: index, isNew: neighbour == nil)
        var settings = layer.settings
        settings.fit(to: shape, block: block, isLast: isLast)
        return settings.layer
    }

    /// What new layers have as the nearest one of their kind.
    private static let habits = [
        "activation", "batchNorm", "bias", "quantize", "weightBits", "outputBits", "clip", "weightFactor",
        "autoBitwidth", "autoThreshold",
    ]

    /// Whether batch norm may follow: a convolution or a matrix product.
    private static func isProduct(_ layer: Layer) -> Bool { layer.value(of: "batchNorm") != nil }

    /// The nearest layer in the file that something is true of; one that gives float only where no other is.
    private func nearest(to index: Int?, where isMeant: (Node) -> Bool) -> Node? {
        let place = index ?? network.nodes.count
        let found = network.nodes.indices.filter { isMeant(network.nodes[$0]) }
        let distance = { (other: Int) in (abs(other - place), other) }
        let quantized = found.filter { !analysis.facts.nodes[$0].output.isFloat }
        return (quantized.isEmpty ? found : quantized).min { distance($0) < distance($1) }.map {
            network.nodes[$0]
        }
    }

    /// In a quantized network every layer is, and in one without layers that could be; in another one none.
    private func quantize(_ layer: inout Layer, near index: Int?, isNew: Bool) {
        layer.put("quantize", .flag(isQuantized))
        guard isQuantized else { return }
        let model = nearest(to: index) { node in
            node.kind.hasWeightBits && node.isQuantized
                && node.layer.settings.quantization?.weightBits ?? Quantization.float < Quantization.float
        }
        let stored = model?.layer.settings.quantization
        let bits = stored?.weightBits ?? 8
        let float = FieldValue.integer(Quantization.float)
        if isNew || layer.value(of: "weightBits") == float { layer.put("weightBits", .integer(bits)) }
        if layer.value(of: "outputBits") == float {
            let outputBits = stored?.outputBits ?? bits
            layer.put("outputBits", .integer(outputBits < Quantization.float ? outputBits : bits))
        }
        guard isNew, case .integer(let width)? = layer.value(of: "outputBits"),
            let clip = layer.kind.recommendedClip(bits: width)
        else { return }
        layer.put("clip", .number(clip))
    }

    /// As many channels as are read, or a whole block where an image is.
    func wide(_ channels: Int) -> Int { channels < 4 ? block : min(channels, 65536) }

    /// The next number of channels that fills whole blocks.
    func rounded(_ channels: Int) -> Int { min((channels + block - 1) / block * block, 65536) }
}

extension Layer {
    /// Takes over the values of some fields, where both layers have the field and this one takes the value.
    fileprivate mutating func copy(_ fields: [String], from other: Layer) {
        for field in fields {
            if let value = other.value(of: field) { put(field, value) }
        }
    }

    /// Stores a value where the layer has the field and takes it; a default is only a start.
    fileprivate mutating func put(_ name: String, _ value: FieldValue) {
        do {
            try set(name, to: value)
        } catch {
            // It keeps its default.
        }
    }
}
