import Graph

/// What becomes of the segments of a network when it changes: which of the old units each new one is.
struct KeptChannels {
    /// For each segment, for each new unit, the old one, or -1.
    let units: [[Int32]]
    private let segments: TiedChannels
    private let bases: [Int32]

    /// Reads the new sizes off the changed network. Where a segment shrinks, the units of largest norm stay; the first ones where
    /// no norms are known.
    init(
        _ segments: TiedChannels, before: Analysis, after: Analysis, pairs: LayerPairs,
        norms: ChannelNorms?
    ) {
        self.segments = segments
        var bases: [Int32] = [0]
        for size in segments.sizes { bases.append(bases[bases.count - 1] + Int32(clamping: size)) }
        self.bases = bases
        var equations: [Equation] = []
        for (new, input) in after.network.inputs.enumerated() {
            guard let old = pairs.oldInputs[new] else { continue }
            equations.append(Equation(segments.inputs[old], input.shape.channels))
        }
        for (new, old) in pairs.old.enumerated() {
            guard let old, case .success(let outputs) = after.shapes.outputs[new] else { continue }
            let first = before.network.nodes[old]
            let second = after.network.nodes[new]
            guard first.layer.sharesWeights(with: second.layer), first.kind.setsChannels else { continue }
            for (strands, shape) in zip(segments.outputs[old], outputs) {
                equations.append(Equation(strands, shape.channels))
            }
        }
        let sizes = KeptChannels.solved(equations, segments)
        let shrunk = segments.sizes.indices.filter { sizes[$0] < segments.sizes[$0] }
        let weights = shrunk.isEmpty ? [:] : norms?.norms(of: Set(shrunk), in: segments) ?? [:]
        units = segments.sizes.indices.map { segment in
            let old = segments.sizes[segment]
            let new = sizes[segment]
            guard new < old else {
                return (0..<Int32(old)).map { $0 } + Array(repeating: -1, count: new - old)
            }
            return KeptChannels.kept(new, of: old, step: segments.units[segment], weights[segment])
        }
    }

    /// The labels of a tensor that has these strands of the network before; nil where they do not come to so many
    /// channels.
    func labels(_ strands: [ChannelStrand], channels: Int) -> [ChannelLabel]? {
        var labels: [ChannelLabel] = []
        for strand in strands {
            let units = units[strand.segment]
            for first in stride(from: 0, to: units.count - strand.gather + 1, by: strand.gather) {
                labels += spread(strand, units[first..<first + strand.gather])
            }
            guard labels.count <= channels else { return nil }
        }
        return labels.count == channels ? labels : nil
    }

    /// The labels of a tensor as it was.
    func formerLabels(_ strands: [ChannelStrand]) -> [ChannelLabel] {
        strands.flatMap { strand in
            stride(from: 0, to: segments.sizes[strand.segment] - strand.gather + 1, by: strand.gather).flatMap
            {
                spread(strand, (Int32($0)..<Int32($0 + strand.gather)).map { $0 }[...])
            }
        }
    }

    private func spread(_ strand: ChannelStrand, _ units: ArraySlice<Int32>) -> [ChannelLabel] {
        let first = units.first ?? -1
        let isWhole = first >= 0 && units.enumerated().allSatisfy { $1 == first + Int32($0) }
        return (0..<strand.spread).map { part in
            isWhole
                ? ChannelLabel(
                    unit: bases[strand.segment] + first, part: Int32(part), extent: Int32(strand.spread),
                    gathered: Int32(strand.gather)) : .none
        }
    }

    /// The units that stay, in their order: whole steps of largest norm; the first ones without norms, or where sizes are no
    /// whole steps.
    private static func kept(_ count: Int, of old: Int, step: Int, _ norms: [Double]?) -> [Int32] {
        guard let norms, step > 0, count.isMultiple(of: step), old.isMultiple(of: step) else {
            return (0..<Int32(count)).map { $0 }
        }
        let blocks = (0..<old / step).map { block in
            (block: block, norm: norms[block * step..<(block + 1) * step].reduce(0, +))
        }
        let largest = blocks.sorted { ($1.norm, $0.block) < ($0.norm, $1.block) }.prefix(count / step)
        return largest.map(\.block).sorted().flatMap { block in
            (0..<step).map { Int32(block * step + $0) }
        }
    }

    /// The channels that some strands come to.
    private struct Equation {
        let strands: [ChannelStrand]
        let channels: Int

        init(_ strands: [ChannelStrand], _ channels: Int) {
            self.strands = strands
            self.channels = channels
        }
    }

    /// The sizes that fit as many equations as can be, one unknown after the other. A segment about which nothing is
    /// said stays, and where several may have changed, the last one has.
    private static func solved(_ equations: [Equation], _ segments: TiedChannels) -> [Int] {
        var sizes = [Int?](repeating: nil, count: segments.sizes.count)
        var open = equations
        while !open.isEmpty {
            let unknown = open.map { equation in
                var seen: [Int] = []
                for strand in equation.strands
                where sizes[strand.segment] == nil && !seen.contains(strand.segment) {
                    seen.append(strand.segment)
                }
                return seen
            }
            if let place = unknown.firstIndex(where: { $0.count <= 1 }) {
                let equation = open.remove(at: place)
                if let segment = unknown[place].first {
                    sizes[segment] = solved(equation, for: segment, sizes) ?? segments.sizes[segment]
                }
            } else if let segment = unknown.first?.first, let equation = open.first {
                let known = equation.strands.reduce(0) { sum, strand in
                    sum + (sizes[strand.segment].map { strand.channels(of: $0) } ?? 0)
                }
                sizes[segment] = Swift.min(segments.sizes[segment], Swift.max(0, equation.channels - known))
            }
        }
        return sizes.enumerated().map { $1 ?? segments.sizes[$0] }
    }

    /// The size of the one unknown segment of an equation; nil where no whole number fits.
    private static func solved(_ equation: Equation, for segment: Int, _ sizes: [Int?]) -> Int? {
        var rest = equation.channels
        var gather = 1
        var spread = 0
        let own = equation.strands.filter { $0.segment == segment }
        for strand in equation.strands {
            if let size = sizes[strand.segment] { rest -= strand.channels(of: size) }
        }
        for strand in own { gather = gather * strand.gather / Int.gcd(gather, strand.gather) }
        for strand in own { spread += strand.spread * gather / strand.gather }
        guard rest >= 0, spread > 0, (rest * gather).isMultiple(of: spread) else { return nil }
        return rest * gather / spread
    }
}

extension OperatorKind {
    /// Whether a layer of the kind sets the channels of a result of its own accord.
    var setsChannels: Bool {
        switch defaultLayer.settings.channelFlow {
        case .made, .parts: true
        case .kept, .joined, .gathered, .reshaped: false
        }
    }
}
