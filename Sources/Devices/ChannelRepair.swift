import Graph

/// The one change that makes every layer of a network keep a chip's rules about channels, worked out when a rule first
/// asks.
final class ChannelRepair {
    private let analysis: Analysis
    private let device: Device
    private lazy var plan = ChannelPlan(demands, in: analysis)

    init(_ analysis: Analysis, on device: Device) { (self.analysis, self.device) = (analysis, device) }

    /// The change, where it is what settles a finding about channels of that place; nil where nothing can.
    func fix(for place: ChannelDemand.Place) -> Fix? {
        guard let plan, !plan.unmet.contains(where: { $0.place == place }) else { return nil }
        return Fix(plan.title, plan.edit, keepsNumbers: true)
    }

    private var demands: [ChannelDemand] {
        analysis.network.nodes.indices.flatMap { index -> [ChannelDemand] in
            let node = analysis.network.nodes[index]
            guard let input = analysis.shapes.inputs[index].first ?? nil else { return [] }
            return ChannelRules.demands(of: node, reading: input, on: device)
                + ReshapingRules.demands(of: node, on: device)
        }
    }
}
