import Devices
import Graph
import Interchange

/// What `check --format json` prints.
enum CheckJSON {
    /// The reports on a network as one document; with what became of the operators where it was an ONNX model, and with
    /// what was fixed before.
    static func document(
        _ reports: [Report], of network: Network, name: String, model: ONNXReport? = nil,
        fixed: FixRun? = nil
    ) -> JSON {
        .object(
            [
                .init("network", .string(name)),
                .init("devices", .array(reports.map { device($0, network) })),
            ] + (model.map { [.init("model", $0.json)] } ?? [])
                + (fixed.map { [.init("fixed", $0.json)] } ?? []))
    }

    private static func device(_ report: Report, _ network: Network) -> JSON {
        [
            "device": .string(report.device.rawValue),
            "findings": .array(report.findings.map { finding($0, network) }),
            "errors": .integer(report.count(.error)), "warnings": .integer(report.count(.warning)),
            "advice": .integer(report.count(.advice)),
            "waived": .integer(report.findings.count { $0.waived != nil }),
        ]
    }

    private static func finding(_ finding: Finding, _ network: Network) -> JSON {
        [
            "rule": .string(finding.rule), "severity": .string(finding.severity.rawValue),
            "layer": finding.layer.map(JSON.string) ?? .null, "message": .string(finding.message),
            "actual": .string(finding.actual), "citation": .string(finding.citation),
            "source": finding.sources.first.map { .string($0.rawValue) } ?? .null,
            "sources": .array(finding.sources.map { .string($0.rawValue) }),
            "fix": Checker.fix(for: finding, in: network).map { .string($0.title) } ?? .null,
            "waived": finding.waived.map(JSON.string) ?? .null,
        ]
    }
}
