import Foundation
import Graph

/// Brings the channels of a tensor nearer to one magnitude and takes it back in the weights of those that read it (cross-
/// layer equalization, Nagel et al. 2019), where less is lost that way; the float network gives the same results.
///
/// A tensor has one scale for all channels: small channels get few codes beside large ones. A depthwise product gives every
/// channel a scale for nothing; a dense one pays in its weights.
struct Equalization {
    /// The numbers of the float network, equalized.
    private(set) var numbers: [String: [Float]]
    /// The layers whose results were equalized.
    private(set) var layers: [String] = []
    private let analysis: Analysis
    private let survey: ChannelSurvey

    /// Equalizes a float network whose quantizers are off in it; `signals` are those of the quantized one.
    init(_ analysis: Analysis, _ numbers: [String: [Float]], _ survey: ChannelSurvey, signals: SignalAnalysis)
    {
        self.analysis = analysis
        self.numbers = numbers
        self.survey = survey
        for index in analysis.order.evaluation where !signals.nodes[index].output.isFloat {
            equalize(index)
        }
    }

    /// A product that reads a channel of a tensor.
    private struct Reader {
        var node: Node
        /// The first of its columns that the tensor's channels are multiplied with; of its channels where it has no columns.
        var offset: Int
        /// Columns for each channel: the pixels of a flattened map.
        var each: Int

        /// Which of the tensor's `count` channels a column is multiplied with; nil where it is another tensor's.
        func channel(of column: Int, count: Int) -> Int? {
            guard column >= offset, (column - offset) / each < count else { return nil }
            return (column - offset) / each
        }
    }

    private mutating func equalize(_ index: Int) {
        let node = analysis.network.nodes[index]
        guard node.layer.isProportional, let found = survey.layers[node.name], found.largest.count > 1,
            let readers = readers(of: node.name, offset: 0, each: 1)
        else { return }
        let largest = found.largest.max() ?? 0
        guard largest > 0 else { return }
        let columns = columnShares(readers, channels: found.largest.count)
        let isFree = readers.allSatisfy { $0.node.kind == .depthwiseConv2D || $0.node.kind == .batchNorm }
        let tried = Equalization.candidates(found.largest, columns: columns, isFree: isFree)
        let asIs = [Double](repeating: 1, count: found.largest.count)
        let best = tried.map { ($0, noise(found, $0, readers)) }.min { $0.1 < $1.1 }
        // What is predicted has to be worth it.
        guard let best, best.1 < 0.8 * noise(found, asIs, readers) else { return }
        let factors = allowed(best.0, node, readers)
        apply(factors, to: node, readers)
        layers.append(node.name)
    }

    /// Divisors of the channels that are tried: shares of full equalization, and the balance of values and weights.
    private static func candidates(_ largest: [Double], columns: [Double], isFree: Bool) -> [[Double]] {
        let most = largest.max() ?? 1
        func factors(_ divisor: (Int) -> Double) -> [Double] {
            let raw = largest.indices.map { largest[$0] > 0 ? max(1e-3, divisor($0)) : 1 }
            // The largest of all keeps its size.
            let reach = largest.indices.map { largest[$0] / raw[$0] }.max() ?? most
            return raw.indices.map { largest[$0] > 0 ? raw[$0] * reach / most : 1 }
        }
        let shares = isFree ? [1.0] : [0.25, 0.5, 0.75]
        let powers = shares.map { share in factors { pow(largest[$0] / most, share) } }
        let balance = factors { (largest[$0] / most / max(columns[$0], 1e-3)).squareRoot() }
        return isFree ? powers : powers + [balance]
    }

    /// The noise that is expected in front of all readers, over their signal: of values on their grid, and of weights.
    private func noise(_ found: ChannelSurvey.Channels, _ factors: [Double], _ readers: [Reader]) -> Double {
        let end = found.largest.indices.map { found.largest[$0] / factors[$0] }.max() ?? 0
        var sum = 0.0
        for reader in readers {
            guard let weights = numbers["\(reader.node.name).weight"], reader.node.kind != .batchNorm else {
                continue
            }
            let rows = rows(of: reader.node, weights)
            let length = weights.count / max(1, rows)
            let isDepthwise = reader.node.kind == .depthwiseConv2D
            let taps = isDepthwise ? length : taps(of: reader.node)
            var values = 0.0
            var own = 0.0
            var signal = 0.0
            for row in 0..<rows {
                var largest = 0.0
                var part = 0.0
                var power = 0.0
                for place in 0..<length {
                    let column = isDepthwise ? row : place / taps
                    let weight = abs(Double(weights[row * length + place]))
                    guard let channel = reader.channel(of: column, count: factors.count) else {
                        largest = max(largest, weight)
                        continue
                    }
                    let scaled = weight * factors[channel]
                    largest = max(largest, scaled)
                    part += scaled * scaled
                    power += found.squares[channel] / factors[channel] / factors[channel]
                    signal += weight * weight * found.squares[channel]
                }
                values += part
                own += largest * largest * power
            }
            guard signal > 0 else { continue }
            // Steps are a share of the range: 255 of them below for values, 127 on either side of weights.
            sum += (values * end * end / (255 * 255) + own / (127 * 127)) / signal
        }
        return sum
    }

    /// How large the weights of each column are beside the largest of their row.
    private func columnShares(_ readers: [Reader], channels: Int) -> [Double] {
        var shares = [Double](repeating: 0, count: channels)
        for reader in readers where reader.node.kind != .depthwiseConv2D && reader.node.kind != .batchNorm {
            guard let weights = numbers["\(reader.node.name).weight"] else { continue }
            let rows = rows(of: reader.node, weights)
            let length = weights.count / max(1, rows)
            let taps = taps(of: reader.node)
            for row in 0..<rows {
                let places = row * length..<(row + 1) * length
                let largest = weights[places].reduce(Float(0)) { max($0, abs($1)) }
                guard largest > 0 else { continue }
                for place in 0..<length {
                    guard let channel = reader.channel(of: place / taps, count: channels) else { continue }
                    shares[channel] = max(
                        shares[channel], Double(abs(weights[row * length + place]) / largest))
                }
            }
        }
        return shares
    }

    private func rows(of node: Node, _ weights: [Float]) -> Int {
        analysis.network.index(of: node.name).flatMap { analysis.shapes.output($0)?.channels } ?? 1
    }

    /// Weights of one row and column.
    private func taps(of node: Node) -> Int {
        if case .conv2D(let product) = node.layer { return product.kernelHeight * product.kernelWidth }
        return node.kind == .convTranspose2D ? 9 : 1
    }

    /// Divisors without those that a gamma below 0.01 would undo, the layer's own or that of a batch norm behind it.
    private func allowed(_ factors: [Double], _ node: Node, _ readers: [Reader]) -> [Double] {
        var allowed = factors
        func leaveOut(_ channel: Int, where gamma: Double) {
            if gamma < Double(BatchNorm.leastGamma) { allowed[channel] = 1 }
        }
        for (channel, gamma) in (numbers["\(node.name).gamma"] ?? []).enumerated() {
            leaveOut(channel, where: Double(gamma) / factors[channel])
        }
        for reader in readers where reader.node.kind == .batchNorm {
            for (column, gamma) in (numbers["\(reader.node.name).gamma"] ?? []).enumerated() {
                guard let channel = reader.channel(of: column, count: factors.count) else { continue }
                leaveOut(channel, where: Double(gamma) * factors[channel])
            }
        }
        return allowed
    }

    private mutating func apply(_ factors: [Double], to node: Node, _ readers: [Reader]) {
        func divide(_ name: String, rows: Int) {
            guard let values = numbers[name] else { return }
            let length = values.count / max(1, rows)
            numbers[name] = values.indices.map { Float(Double(values[$0]) / factors[$0 / length]) }
        }
        let count = factors.count
        if numbers["\(node.name).gamma"] != nil {
            divide("\(node.name).gamma", rows: count)
            divide("\(node.name).beta", rows: count)
        } else {
            divide("\(node.name).weight", rows: count)
            divide("\(node.name).bias", rows: count)
        }
        for reader in readers {
            let name = reader.node.name
            if reader.node.kind == .batchNorm {
                for (parameter, isDivided) in [("gamma", false), ("runningMean", true)] {
                    numbers["\(name).\(parameter)"] = numbers["\(name).\(parameter)"].map { values in
                        values.indices.map { index in
                            guard let channel = reader.channel(of: index, count: count) else {
                                return values[index]
                            }
                            let value = Double(values[index])
                            return Float(isDivided ? value / factors[channel] : value * factors[channel])
                        }
                    }
                }
                continue
            }
            guard var weights = numbers["\(name).weight"] else { continue }
            let length = weights.count / max(1, rows(of: reader.node, weights))
            let isDepthwise = reader.node.kind == .depthwiseConv2D
            let taps = taps(of: reader.node)
            for place in weights.indices {
                let column = isDepthwise ? place / length : place % length / taps
                guard let channel = reader.channel(of: column, count: count) else { continue }
                weights[place] = Float(Double(weights[place]) * factors[channel])
            }
            numbers["\(name).weight"] = weights
        }
    }
}

extension Equalization {
    /// The products that read a layer, directly or through layers that keep its channels apart; nil where anything else
    /// reads it, or nothing: it is a result then.
    private func readers(of name: String, offset: Int, each: Int) -> [Reader]? {
        var found: [Reader] = []
        let nodes = analysis.network.readers(of: name)
        guard !nodes.isEmpty else { return nil }
        for node in nodes {
            guard let index = analysis.network.index(of: node.name),
                node.inputs.filter({ $0.name == name }).count == 1,
                let inputs = analysis.shapes.known(index)
            else { return nil }
            let kind = node.kind
            if case .conv2D(let product) = node.layer {
                guard product.groups == 1, !product.focus else { return nil }
                found.append(Reader(node: node, offset: offset, each: each))
            } else if kind == .fullConnected {
                found.append(Reader(node: node, offset: offset, each: each))
            } else if kind == .depthwiseConv2D || kind == .batchNorm {
                guard each == 1,
                    numbers["\(node.name).gamma"].map({ gamma in
                        node.kind != .batchNorm || gamma.allSatisfy { $0 >= BatchNorm.leastGamma }
                    }) ?? true
                else { return nil }
                found.append(Reader(node: node, offset: offset, each: each))
            } else if kind.type.family == .pooling {
                guard let behind = readers(of: node.name, offset: offset, each: each) else { return nil }
                found += behind
            } else if kind == .flatten {
                let pixels = inputs[0].elements / max(1, inputs[0].channels)
                guard offset == 0, each == 1, case .vector? = analysis.shapes.output(index),
                    let behind = readers(of: node.name, offset: 0, each: pixels)
                else { return nil }
                found += behind
            } else if kind == .route {
                guard each == 1, let place = node.inputs.firstIndex(where: { $0.name == name }),
                    let behind = readers(
                        of: node.name, offset: offset + inputs[..<place].reduce(0) { $0 + $1.channels },
                        each: 1)
                else { return nil }
                found += behind
            } else {
                return nil
            }
        }
        return found
    }
}

extension Layer {
    /// Whether what its numbers multiply is multiplied in its result too, channel by channel.
    fileprivate var isProportional: Bool {
        guard kind == .batchNorm || settings is any Product, kind != .convTranspose2D else { return false }
        return (settings.activation ?? .none).isProportional
    }
}
