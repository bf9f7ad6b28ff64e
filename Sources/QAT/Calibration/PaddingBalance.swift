import Graph

/// Takes back what the padding of signed maps adds. The NPU family surrounds them with the least number of their range,
/// where the float network has 0.
///
/// Where a map has channels that are zero throughout, such as those that a fix widened it with, a convolution's weights
/// of these channels do nothing inside the map. With the others' sum, negated, for each result and tap, what all taps
/// beyond the border read adds up to 0.
struct PaddingBalance {
    /// By full name, the weights that changed.
    private(set) var weights: [String: [Float]] = [:]
    /// Layers whose padding adds nothing any more, in the order of the network.
    private(set) var balanced: [String] = []
    /// Layers whose results differ at the border, in the order of the network.
    private(set) var open: [String] = []

    private let analysis: Analysis
    private let survey: ChannelSurvey

    /// `survey` is of the float network that the analyzed one was made from; `numbers` are those of checkpoints.
    init(_ analysis: Analysis, _ numbers: [String: [Float]], _ survey: ChannelSurvey) {
        self.analysis = analysis
        self.survey = survey
        guard analysis.facts.family == .npu else { return }
        for index in analysis.order.evaluation where padsSigned(index) {
            let node = analysis.network.nodes[index]
            let name = "\(node.name).weight"
            if case .conv2D(let product) = node.layer, product.groups == 1, !product.focus,
                let values = numbers[name],
                let changed = balance(values, product, zeros: zeros(on: node.inputs[0]))
            {
                weights[name] = changed
                balanced.append(node.name)
            } else {
                open.append(node.name)
            }
        }
    }

    /// What was done, in words.
    var notes: [String] {
        balanced.isEmpty
            ? []
            : [
                "the weights of zero channels take back what \(PaddingBalance.named(balanced)) read beyond a border"
            ]
    }

    /// What stays wrong, in words, of layers that nothing was done for.
    static func notes(left: [String]) -> [String] {
        left.isEmpty
            ? []
            : [
                "the chip pads the signed maps of \(named(left)) with their least number, not 0: results differ at the border"
            ]
    }

    /// The first of some layers, and how many others there are.
    static func named(_ layers: [String]) -> String {
        "'\(layers[0])'"
            + (layers.count > 1
                ? " and \(layers.count - 1) other \(layers.count == 2 ? "layer" : "layers")" : "")
    }

    /// Whether a product's window reaches beyond the border of a signed map of codes.
    private func padsSigned(_ index: Int) -> Bool {
        let node = analysis.network.nodes[index]
        let facts = analysis.facts.nodes[index]
        let layer = node.layer
        guard !facts.isFirst, let signal = facts.inputs.first, signal.isSigned, !signal.isFloat
        else { return false }
        if case .conv2D(let product) = layer {
            return product.padding != 0 && max(product.kernelHeight, product.kernelWidth) > 1
        }
        if case .depthwiseConv2D(let product) = layer {
            return product.padding != 0 && max(product.kernelHeight, product.kernelWidth) > 1
        }
        if case .avgpool2D(let pool) = layer { return pool.window.padding != 0 }
        return layer.kind == .convTranspose2D
    }

    /// The channels of a map that are zero throughout in the float network.
    private func zeros(on wire: Source) -> [Int] {
        guard wire.output == 0 else { return [] }
        if let found = survey.layers[wire.name] {
            return found.largest.indices.filter { found.largest[$0] == 0 }
        }
        // What quantizing put in keeps the channels of what it reads.
        guard let node = analysis.network[wire.name], case .batchNorm = node.layer else { return [] }
        return zeros(on: node.inputs[0])
    }

    /// Weights with axes out, in, height, width whose sum over the inputs is 0 for every result and tap; nil where no
    /// input is zero, or all are.
    private func balance(_ weights: [Float], _ product: Conv2D, zeros: [Int]) -> [Float]? {
        let taps = product.kernelHeight * product.kernelWidth
        let channels = weights.count / max(1, product.outChannels * taps)
        guard !zeros.isEmpty, zeros.count < channels else { return nil }
        let isZero = Set(zeros)
        var changed = weights
        for result in 0..<product.outChannels {
            for tap in 0..<taps {
                func place(_ channel: Int) -> Int { (result * channels + channel) * taps + tap }
                let sum = (0..<channels).reduce(0.0) {
                    isZero.contains($1) ? $0 : $0 + Double(weights[place($1)])
                }
                for channel in zeros { changed[place(channel)] = Float(-sum / Double(zeros.count)) }
            }
        }
        return changed
    }
}
