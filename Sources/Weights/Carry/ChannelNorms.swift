import Graph

/// How much each channel of a network's products weighs: the squares of its weights, behind batch norm.
struct ChannelNorms {
    private let analysis: Analysis
    private let weights: Safetensors

    init(_ analysis: Analysis, _ weights: Safetensors) {
        self.analysis = analysis
        self.weights = weights
    }

    /// For each of some segments, the sum over all layers that make its units, by unit.
    func norms(of wanted: Set<Int>, in segments: TiedChannels) -> [Int: [Double]] {
        var norms: [Int: [Double]] = [:]
        for segment in wanted {
            norms[segment] = Array(repeating: 0, count: segments.sizes[segment])
        }
        for (index, node) in analysis.network.nodes.enumerated() {
            guard let strands = segments.outputs[index].first,
                strands.contains(where: { wanted.contains($0.segment) }), let rows = rows(of: node, index)
            else { continue }
            var channel = 0
            for strand in strands {
                let count = strand.channels(of: segments.sizes[strand.segment])
                if wanted.contains(strand.segment) {
                    for place in 0..<count where rows.indices.contains(channel + place) {
                        norms[strand.segment]?[place / strand.spread * strand.gather] += rows[channel + place]
                    }
                }
                channel += count
            }
        }
        return norms
    }

    /// The sum of squares of each row of a layer's weights; nil where it has none that fit.
    private func rows(of node: Node, _ index: Int) -> [Double]? {
        guard let inputs = analysis.shapes.known(index) else { return nil }
        let parameters = node.layer.settings.parameters(for: inputs, on: analysis.facts.family)
        if case .lstm(let lstm) = node.layer {
            return parameters.filter { $0.role == .weight }.flatMap { weight -> [Double] in
                guard let rows = squares(node, weight) else { return [] }
                return (0..<lstm.hiddenSize).map { unit in
                    (0..<4).reduce(0) { $0 + rows[$1 * lstm.hiddenSize + unit] }
                }
            }
        }
        if case .embedding = node.layer {
            guard let table = parameters.first, let values = values("\(node.name).\(table.name)", table.shape)
            else { return nil }
            var columns = [Double](repeating: 0, count: table.shape[1])
            for (place, value) in values.enumerated() {
                columns[place % table.shape[1]] += Double(value) * Double(value)
            }
            return columns
        }
        guard node.layer.settings.channelFlow == .made else { return nil }
        guard let weight = parameters.last(where: { $0.role == .weight }),
            let rows = squares(node, weight)
        else { return nil }
        let norm = ["gamma", "runningVariance"].map { values("\(node.name).\($0)", [weight.shape[0]]) }
        guard let gamma = norm[0], let variance = norm[1] else { return rows }
        return rows.indices.map { row in
            let scale = Double(max(gamma[row], BatchNorm.leastGamma))
            return rows[row] * scale * scale / (Double(variance[row]) + Double(BatchNorm.epsilon))
        }
    }

    private func squares(_ node: Node, _ weight: Parameter) -> [Double]? {
        guard let numbers = values("\(node.name).\(weight.name)", weight.shape) else { return nil }
        let row = numbers.count / max(1, weight.shape[0])
        return (0..<weight.shape[0]).map { index in
            numbers[index * row..<(index + 1) * row].reduce(0) { $0 + Double($1) * Double($1) }
        }
    }

    private func values(_ name: String, _ shape: [Int]) -> [Float]? {
        do {
            return try weights.values(name, shape: shape, as: Float.self)
        } catch {
            // A layer without weights that fit has no say in which channels stay.
            return nil
        }
    }
}
