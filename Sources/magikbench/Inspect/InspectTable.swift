import Devices
import Graph
import Probing
import QAT

/// What was seen of each layer of a network; text, JSON and CSV are views of it.
struct InspectTable {
    /// One layer.
    struct Row {
        let node: Node
        let facts: SignalAnalysis.Facts
        /// Why it was not looked at; nil where it was.
        let reason: ProbeReason?
        /// Its parts: one for most layers.
        let parts: [ProbedPart]
        let diagnoses: [Diagnosis]
        /// How its codes in integers agree with those of the training arithmetic; nil where they were not computed.
        let integers: IntegerReport.Part?

        /// The part that has its result: of a composed layer the one of its own name, or the last.
        var feature: ProbedTensor? {
            (parts.first { $0.name == node.name } ?? parts.last)?.feature
        }

        /// The weights of its own, or of its first part that has some.
        var weight: ProbedTensor? { parts.lazy.compactMap(\.weight).first }

        /// The clip in effect.
        var clip: Double? { feature?.quantizer == nil ? nil : feature?.observation.clip }
    }

    let device: Device
    let report: ProbeReport
    /// The layers, in the order of the network; one, where one was asked for.
    let rows: [Row]
    /// Whether a single layer was asked for.
    let isSingle: Bool

    /// Takes an inspection apart.
    init(_ inspection: Inspection, on device: Device, layer: String? = nil) {
        self.device = device
        report = inspection.report
        isSingle = layer != nil
        let parts = Dictionary(grouping: report.parts, by: \.layer)
        let diagnoses = Dictionary(grouping: inspection.diagnoses, by: \.layer)
        let report = report
        rows = inspection.analysis.network.nodes.enumerated().filter { layer == nil || $1.name == layer }
            .map { index, node in
                Row(
                    node: node, facts: inspection.analysis.facts.nodes[index],
                    reason: report.reason(for: node.name), parts: parts[node.name] ?? [],
                    diagnoses: diagnoses[node.name] ?? [], integers: report.integers?.layer(node.name))
            }
    }

    /// The layers with the lowest local and the lowest accumulated SQNR of their results.
    var worst: Set<String> {
        let local = rows.filter { $0.feature?.observation.sqnr != nil }
            .min { ($0.feature?.observation.sqnr ?? 0) < ($1.feature?.observation.sqnr ?? 0) }
        let accumulated = rows.filter { $0.feature?.accumulatedSQNR != nil }
            .min { ($0.feature?.accumulatedSQNR ?? 0) < ($1.feature?.accumulatedSQNR ?? 0) }
        return Set([local, accumulated].compactMap { $0?.node.name })
    }
}
