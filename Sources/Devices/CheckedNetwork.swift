public import Graph

/// A network with everything that follows from it, and what a chip says about it.
public struct CheckedNetwork: Sendable {
    /// What follows from the network, for the chip's family.
    public let analysis: Analysis
    /// The findings.
    public let report: Report

    /// A network that was checked already.
    public init(_ analysis: Analysis, _ report: Report) { (self.analysis, self.report) = (analysis, report) }

    /// Checks a network on a chip.
    public init(_ network: Network, on device: Device, waivers: [Waiver] = []) {
        let analysis = Analysis(network, on: device.family)
        self.init(analysis, Checker.report(on: analysis, for: device, waivers: waivers))
    }

    /// Checks a network on several chips; each family is analysed once.
    public static func on(
        _ devices: [Device], _ network: Network, waivers: [Waiver] = []
    ) -> [CheckedNetwork] {
        guard let first = devices.first else { return [] }
        let analysis = Analysis(network, on: first.family)
        let other = devices.first { $0.family != first.family }.map { analysis.on($0.family) }
        return devices.map { device in
            let own = device.family == first.family ? analysis : other ?? analysis
            return CheckedNetwork(own, Checker.report(on: own, for: device, waivers: waivers))
        }
    }

    /// What it costs, and how many findings are not waived.
    public var totals: NetworkTotals {
        NetworkTotals(
            cost: analysis.cost.total, errors: report.count(.error), warnings: report.count(.warning))
    }
}
