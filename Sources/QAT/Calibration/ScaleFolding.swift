import Foundation
import Graph
import Weights

/// The scale of every tensor, from what the samples showed.
struct ChosenScales {
    /// By layer, the clip of a sum that its scales ask for.
    private(set) var sumClips: [String: Double] = [:]
    private var roots: [Source: Double] = [:]
    private let groups: ScaleGroups
    private let inner: [Source: Double]

    init(_ groups: ScaleGroups, _ survey: RangeSurvey, _ analysis: Analysis, _ request: Calibration.Request) {
        self.groups = groups
        let family = request.family
        // The inner layers of composed ones, whose quantizer has no sign.
        var inner: [Source: Double] = [:]
        for (source, histogram) in survey.histograms where analysis.network[source.name] == nil {
            let layer = ProbeRun.layer(named: source.name, in: analysis.network) ?? ""
            let bits = analysis.network[layer]?.layer.settings.quantization?.outputBits ?? 8
            inner[source] = request.method.end(
                of: [.init(histogram: histogram, signal: Signal(bits: bits, isSigned: false))], on: family)
        }
        self.inner = inner
        var members: [Source: [RangeMethod.Member]] = [:]
        var bounded: [Source: [Double]] = [:]
        for source in groups.quantized {
            guard let histogram = survey.histograms[source],
                let index = analysis.network.index(of: source.name)
            else { continue }
            let (root, ratio) = groups.root(of: source)
            if analysis.network.nodes[index].layer.settings.activation == .hswish {
                bounded[root, default: []].append(ratio)
            }
            members[root, default: []].append(
                .init(histogram: histogram, signal: analysis.facts.nodes[index].output, ratio: ratio))
        }
        var found: [Source: Double] = [:]
        var isOpen: Set<Source> = []
        func scale(_ source: Source) -> Double {
            let (root, ratio) = groups.root(of: source)
            if let known = found[root] { return known * ratio }
            guard isOpen.insert(root).inserted else { return ratio }
            var value = 1.0
            switch groups.origin(of: root) {
            case .fixed(let given): value = given
            case .product(let first, let second): value = scale(first) * scale(second)
            case .free:
                value = request.method.end(of: members[root] ?? [], on: family) ?? 1
                // The clip of an Hswish is its scale, and a clip has bounds.
                for ratio in bounded[root] ?? [] {
                    value = min(
                        max(value, Calibration.clips.lowerBound / ratio), Calibration.clips.upperBound / ratio
                    )
                }
                // Two normalized values add up to 2 at most.
                for sum in groups.sums where groups.root(of: sum.output).root == root {
                    let input = groups.root(of: sum.input).root
                    guard input != root, !isOpen.contains(input) else { continue }
                    let unit = scale(sum.input) / groups.root(of: sum.output).ratio
                    value = min(
                        max(value, Calibration.clips.lowerBound * unit), Shortcut.largestClip * unit)
                }
            }
            found[root] = value
            return value * ratio
        }
        for index in analysis.order.evaluation {
            let node = analysis.network.nodes[index]
            guard case .success(let shapes) = analysis.shapes.outputs[index] else { continue }
            for output in shapes.indices { _ = scale(Source(node.name, output: output)) }
        }
        roots = found
        for sum in groups.sums {
            sumClips[sum.layer] = min(
                Shortcut.largestClip, max(Calibration.clips.lowerBound, self[sum.output] / self[sum.input]))
        }
    }

    /// The scale of a tensor, or of an inner one by the name of its part.
    subscript(source: Source) -> Double {
        if let scale = inner[source] { return scale }
        let (root, ratio) = groups.root(of: source)
        return (roots[root] ?? 1) * ratio
    }
}

/// A network in the form of `CalibratableNetwork` with its scales folded into clips, weights and batch norms.
struct ScaleFolding {
    /// The quantized network.
    let analysis: Analysis
    /// Its numbers.
    private(set) var numbers: [String: [Float]]
    /// The same network in float, with the numbers from before.
    let float: Analysis
    let plainNumbers: [String: [Float]]
    /// Its products and batch norms.
    let parts: [ScaledPart]
    /// By the full name of weights, where they were placed.
    let placements: [String: WeightPlacement]
    /// Layers without batch norm whose weights are so small that their grid moves them.
    let layersInNeedOfNorm: [String]

    init(
        _ form: CalibratableNetwork, _ scales: ChosenScales, _ analysis: Analysis,
        _ request: Calibration.Request
    ) throws(CalibrationError) {
        var clips = scales.sumClips
        for (index, node) in analysis.network.nodes.enumerated() {
            guard !request.keepsClips, let quantization = node.layer.settings.quantization else { continue }
            let signal = analysis.facts.nodes[index].output
            guard !signal.isFloat else { continue }
            if node.layer.settings.activation == .hswish {
                clips[node.name] = scales[Source(node.name)]
            } else if node.kind != .shortcut {
                clips[node.name] = node.kind.recommendedClip(bits: signal.bits) ?? quantization.clip
            }
        }
        let parts = ScaledPart.parts(of: analysis, clips: clips) { scales[$0] }
        numbers = form.numbers
        plainNumbers = form.numbers
        var factors: [String: Double] = [:]
        var placements: [String: WeightPlacement] = [:]
        var small: [String] = []
        for part in parts {
            guard let placement = part.fold(into: &numbers) else { continue }
            factors[part.layer] = max(placement.factor, factors[part.layer] ?? 0)
            placements[part.weight ?? part.layer] = placement
            if placement.needsNorm { small.append(part.layer) }
        }
        layersInNeedOfNorm = small
        self.placements = placements
        for node in analysis.network.nodes where node.kind == .lstm {
            ScaleFolding.scaleInputs(of: node, by: scales[node.inputs[0]], in: &numbers)
        }
        let network = analysis.network.replacingNodes { node in
            var node = node
            node.layer.changeQuantizers { quantizers in
                if let clip = clips[node.name] { quantizers.clip = clip }
                if let factor = factors[node.name] { quantizers.weightFactor = factor }
            }
            return node
        }
        self.analysis = Analysis(network, on: request.family)
        self.parts = parts
        float = Analysis(FloatModel.quantizersOff(network), on: request.family)
    }

    /// An LSTM computes in real units: what it reads is multiplied in its matrix, whose columns begin with the inputs'.
    private static func scaleInputs(of node: Node, by scale: Double, in numbers: inout [String: [Float]]) {
        guard case .lstm(let cell) = node.layer else { return }
        for direction in ["forward", "backward"] {
            guard var weight = numbers["\(node.name).\(direction).weight"] else { continue }
            let rows = 4 * cell.hiddenSize
            let columns = weight.count / rows
            for row in 0..<rows {
                for column in 0..<columns - cell.hiddenSize {
                    weight[row * columns + column] *= Float(scale)
                }
            }
            numbers["\(node.name).\(direction).weight"] = weight
        }
    }
}
