public import Graph

/// What a network is on one chip: what the chip says of it, what it takes there, and how well it fits the chip's blocks.
public struct ChipSummary: Hashable, Sendable {
    /// The chip.
    public let device: Device
    /// Findings that are errors, without waived ones.
    public let errors: Int
    /// Warnings and advice, without waived ones.
    public let advice: Int
    /// Bytes of the parameters: weights at their bits, everything else 4 bytes.
    public let weightBytes: Int
    /// The most bytes of features at one moment, with what fills up blocks of channels. Each result is there as a whole, from
    /// its layer to the last one that reads it.
    public let peakFeatureBytes: Int
    /// Bytes of the memory on the chip that holds features; nil where that is not known.
    public let featureMemory: Int?
    /// Multiplications with accumulation for one sample.
    public let multiplyAccumulates: Int
    /// The same where channels are whole blocks.
    public let paddedMultiplyAccumulates: Int
    /// Operators of the network that the chip does not have, by the manual's names, each once.
    public let missing: [String]

    /// The part of the products that only fill up blocks of channels, from 0 to below 1.
    public var paddingShare: Double {
        guard paddedMultiplyAccumulates > 0 else { return 0 }
        return 1 - Double(multiplyAccumulates) / Double(paddedMultiplyAccumulates)
    }

    /// How many products of one block of channels with another the network takes: its cycles, were each of them one. What a
    /// chip does in a cycle is not published.
    public var blockProducts: Int {
        let block = device.family.channelBlock
        return paddedMultiplyAccumulates / (block * block)
    }

    /// What the numbers take for granted, in lines.
    public static let assumptions = [
        "Peak: results whole in memory until their last reader, in whole blocks.",
        "Padding: products that only fill blocks of 32 or, on Txx, Xs1, Xs2, 16.",
        "Cycles: one for each product of two blocks. Compare chips of equal blocks only.",
    ]

    /// Sums up a report and the costs of a network; `analysis` is of the chip's family.
    public init(_ report: Report, _ analysis: Analysis) {
        device = report.device
        errors = report.count(.error)
        advice = report.count(.warning) + report.count(.advice)
        let total = analysis.cost.total
        weightBytes = total.weightBytes
        multiplyAccumulates = total.multiplyAccumulates
        peakFeatureBytes = ChipSummary.peak(of: analysis)
        featureMemory = device.profile.featureMemory
        paddedMultiplyAccumulates = ChipSummary.padded(analysis, to: device.family.channelBlock)
        let network = analysis.network
        let chip = device
        var missing: [String] = []
        for node in network.nodes {
            for row in SupportRow.rows(for: node.layer)
            where row[chip].severity == .error && !missing.contains(row.name) {
                missing.append(row.name)
            }
        }
        self.missing = missing
    }

    /// A summary for each chip of its report, in their order.
    public static func all(_ reports: [Report], of analysis: Analysis) -> [ChipSummary] {
        var families: [ArithmeticFamily: Analysis] = [:]
        for family in ArithmeticFamily.allCases { families[family] = analysis.on(family) }
        return reports.map { ChipSummary($0, families[$0.device.family] ?? analysis) }
    }
}

// The costs.
extension ChipSummary {
    /// The most bytes that are there at once while the layers are computed in their order. What nothing reads is a result
    /// of the network, and stays; the network's inputs are not counted.
    private static func peak(of analysis: Analysis) -> Int {
        let order = analysis.order
        let cost = analysis.cost
        var waiting = order.readers.map(\.count)
        var present = 0
        var peak = 0
        for index in order.evaluation {
            let bytes = cost.nodes[index].featureBytes.clampedSum(cost.nodes[index].paddingBytes)
            present = present.clampedSum(bytes)
            peak = max(peak, present)
            for producer in Set(order.producers[index].compactMap { $0 }) {
                waiting[producer] -= 1
                guard waiting[producer] == 0 else { continue }
                present -= cost.nodes[producer].featureBytes.clampedSum(cost.nodes[producer].paddingBytes)
            }
        }
        return peak
    }

    /// All products where channels come in whole blocks.
    private static func padded(_ analysis: Analysis, to block: Int) -> Int {
        var sum = 0
        for (index, node) in analysis.network.nodes.enumerated() {
            let own = analysis.cost.nodes[index].multiplyAccumulates
            guard own > 0, let input = analysis.shapes.known(index)?.first,
                let output = analysis.shapes.output(index)
            else { continue }
            let (read, made) = channels(of: node.layer, input, output)
            sum = sum.clampedSum(own.scaled(by: read, to: block).scaled(by: made, to: block))
        }
        return sum
    }

    /// The channels that a layer's products read and make, each of which comes in whole blocks; 0 where they do not.
    private static func channels(of layer: Layer, _ input: Shape, _ output: Shape) -> (read: Int, made: Int) {
        switch layer {
        case .conv2D(let conv):
            let read = input.channels * (conv.focus ? 4 : 1) / max(1, conv.groups)
            // A first layer has a way of its own for so few channels: see the rule channels.
            let isFew = input.channels < 4 || conv.focus
            return (isFew ? 0 : read, output.channels / max(1, conv.groups))
        case .depthwiseConv2D: return (0, output.channels)
        case .convTranspose2D: return (input.channels, output.channels)
        case .fullConnected: return (input.elements, output.channels)
        case .preprocess, .batchNorm, .flatten, .route, .shortcut, .maxpool2D, .avgpool2D, .adaptiveAvgpool2D,
            .unpool2D, .seBlock, .mul, .channelSplit, .pixelShuffle, .lstm, .embedding, .max:
            return (0, output.channels)
        }
    }
}

extension Int {
    /// This many products of `channels` channels, where those are filled up to whole blocks.
    fileprivate func scaled(by channels: Int, to block: Int) -> Int {
        guard channels > 0, channels % block != 0 else { return self }
        let whole = (channels + block - 1) / block * block
        let product = Double(self) * Double(whole) / Double(channels)
        return product < Double(Int.max) ? Int(product) : Int.max
    }
}
