import Editing
import Foundation
import Graph
import QAT

// Channels that do not behave as the others do, and signs that are lost.
extension Diagnostics {
    /// A channel, or few, that reach far beyond the others of a layer.
    func stretch(of layer: ObservedLayer) -> Diagnosis? {
        guard layer.learns, let feature = layer.feature, let quantizer = feature.quantizer,
            let channels = feature.channels
        else { return nil }
        let reaches = channels.reaches(isUnsigned: quantizer.isUnsigned)
        let logs = reaches.filter { $0 > 0 }.map { log($0) }
        guard logs.count >= 4, 2 * logs.count > reaches.count, let middle = logs.median,
            let spread = logs.map({ abs($0 - middle) }).median
        else { return nil }
        // Six deviations of a bell, told from the median distance, and six times the median.
        let limit = middle + max(6 * 1.4826 * spread, log(6))
        let far = reaches.indices.filter { reaches[$0] > 0 && log(reaches[$0]) > limit }
        guard let most = far.max(by: { reaches[$0] < reaches[$1] }),
            far.count <= max(1, reaches.count / 10)
        else { return nil }
        let times = reaches[most] / exp(middle)
        let what =
            far.count == 1
            ? "channel \(most) reaches" : "channels \(ChannelList(far)) reach up to"
        let normal = safe(.set(layer: layer.name, field: "batchNorm", to: .flag(true)))
        let lacks = layer.node.layer.value(of: "batchNorm") == .flag(false)
        let advice =
            lacks
            ? "turn its batch norm on"
            : "scale \(far.count == 1 ? "it" : "them") down in batch norm (gamma, beta), and up again in the weights that read \(far.count == 1 ? "it" : "them")"
        return Diagnosis(
            layer: layer.name, kind: .stretchingChannel,
            sentence:
                "\(what) \(Figures.significant(reaches[most])), \(Figures.significant(times)) times the median of all channels, which share one clip; \(advice)",
            number: times, edit: lacks ? normal : nil)
    }

    /// Channels that give one value only. Where the range explains it, those that would be alive with another do not count.
    func deadChannels(of layer: ObservedLayer, isExplained: Bool) -> Diagnosis? {
        guard layer.learns, let feature = layer.feature, let channels = feature.channels else {
            return nil
        }
        var dead = Set(channels.dead)
        if isExplained {
            let isUnsigned = feature.quantizer?.isUnsigned ?? false
            dead = dead.filter { channel in
                let least = channels.minimum[channel]
                let most = channels.maximum[channel]
                return least == most || isUnsigned && most <= 0
            }
        }
        dead.subtract(deadBefore(layer, channels.level.count))
        guard !dead.isEmpty else { return nil }
        let count = channels.level.count
        let list = ChannelList(dead.sorted())
        let one = dead.count == 1
        return Diagnosis(
            layer: layer.name, kind: .deadChannels,
            sentence:
                "\(one ? "channel" : "channels") \(list) of \(count) \(one ? "gives" : "give") one value only, whatever \(one ? "it reads: remove it" : "they read: remove them"), or train \(one ? "it" : "them") again",
            number: Double(dead.count))
    }

    /// The channels that are dead in what a layer reads, where it works on each channel by itself.
    private func deadBefore(_ layer: ObservedLayer, _ count: Int) -> Set<Int> {
        guard layer.node.kind == .depthwiseConv2D || layer.node.kind == .batchNorm,
            let source = layer.node.inputs.first?.name,
            let channels = layers.first(where: { $0.name == source })?.feature?.channels,
            channels.level.count == count
        else { return [] }
        return Set(channels.dead)
    }

    /// Negative results of an activation that lets them pass, on a grid without a sign.
    func lostNegatives(of layer: ObservedLayer) -> Diagnosis? {
        guard let feature = layer.feature, let quantizer = feature.quantizer, quantizer.isUnsigned,
            let activation = layer.node.layer.settings.activation, activation.isSigned
        else { return nil }
        // Linear in the first layer is how the manual writes it (BatchNorm, note 1).
        if layer.facts.isFirst, activation == .linear { return nil }
        let (share, energy) = feature.observation.belowZero
        guard energy >= 0.01 else { return nil }
        let isEntry = layer.facts.isFirst
        return Diagnosis(
            layer: layer.name, kind: .lostNegatives,
            sentence:
                "\(Figures.percent(share)) % of its results are below zero and become 0, for it keeps the unsigned grid of what it reads; "
                + (isEntry
                    ? "give Preprocess a mean, which makes it signed, or write ReLU, which is what it computes"
                    : "let it read signed values, or write ReLU, which is what it computes"),
            number: share,
            edit: safe(
                .set(layer: layer.name, field: "activation", to: .choice(Activation.relu.rawValue))))
    }
}

extension TensorObservation {
    /// The share of values below zero, and their share of the sum of squares.
    fileprivate var belowZero: (share: Double, energy: Double) {
        guard minimum < 0, maximum > minimum else { return minimum < 0 ? (1, 1) : (0, 0) }
        let width = (maximum - minimum) / Double(histogram.count)
        var below = (count: 0.0, squares: 0.0)
        var all = (count: 0.0, squares: 0.0)
        for (bin, count) in histogram.enumerated() where count > 0 {
            let middle = minimum + (Double(bin) + 0.5) * width
            let squares = Double(count) * middle * middle
            all = (all.count + Double(count), all.squares + squares)
            if middle < 0 { below = (below.count + Double(count), below.squares + squares) }
        }
        return (below.count / max(1, all.count), all.squares > 0 ? below.squares / all.squares : 0)
    }
}

/// The first few of some channels: "3, 7, 9 and 4 more".
private struct ChannelList: CustomStringConvertible {
    let channels: [Int]
    init(_ channels: [Int]) { self.channels = channels }

    var description: String {
        guard channels.count > 5 else { return Figures.listed(channels.map { "\($0)" }) }
        return channels.prefix(4).map { "\($0)" }.joined(separator: ", ")
            + " and \(channels.count - 4) more"
    }
}
