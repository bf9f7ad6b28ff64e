import Devices
import Graph

/// Findings as SARIF 2.1.0 (Static Analysis Results Interchange Format), for code hosts and editors.
struct SARIF {
    private let reports: [Report]
    private let network: Network
    private let lines: LayerLines
    private let uri: String
    private let rules: [Finding]

    /// The log of some reports; `lines` and `uri` say where the layers are.
    init(_ reports: [Report], of network: Network, lines: LayerLines, uri: String) {
        self.reports = reports
        self.network = network
        self.lines = lines
        self.uri = uri
        var seen: Set<String> = []
        rules = reports.flatMap(\.findings).filter { seen.insert($0.rule).inserted }
    }

    /// The log as a JSON document.
    var json: JSON {
        let driver: JSON = [
            "name": "magikbench", "version": .string(Magikbench.version),
            "semanticVersion": .string(Magikbench.version), "rules": .array(rules.map(SARIF.rule)),
        ]
        return [
            "$schema":
                "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": ["driver": driver],
                    "artifacts": [["location": ["uri": .string(uri)], "mimeType": "application/json"]],
                    "columnKind": "unicodeCodePoints",
                    "results": .array(reports.flatMap { $0.findings.map(result) }),
                ]
            ],
        ]
    }

    private static func rule(_ finding: Finding) -> JSON {
        let rule = Rule.named(finding.rule)
        let sentence = rule?.says ?? finding.message
        let sources = finding.sources.map { JSON.string($0.rawValue) }
        let chips = (rule?.devices ?? [finding.device]).map { JSON.string($0.rawValue) }
        return [
            "id": .string(finding.rule), "shortDescription": ["text": .string(sentence)],
            "help": ["text": .string("\(sentence) \(place(finding))")],
            "defaultConfiguration": ["level": .string(level(rule?.severity ?? finding.severity))],
            "properties": ["sources": .array(sources), "chips": .array(chips)],
        ]
    }

    private func result(_ finding: Finding) -> JSON {
        let subject = finding.layer.map { "\($0): " } ?? ""
        let text =
            "\(finding.device): \(subject)\(finding.actual). \(finding.message) \(SARIF.place(finding))"
        let suppressions = finding.waived.map { reason -> JSON in
            [["kind": "external", "justification": .string(reason)]]
        }
        return [
            "ruleId": .string(finding.rule),
            "ruleIndex": .integer(rules.firstIndex { $0.rule == finding.rule } ?? 0),
            "level": .string(SARIF.level(finding.severity)), "message": ["text": .string(text)],
            "locations": [location(finding)], "suppressions": suppressions ?? [],
            "properties": ["chip": .string(finding.device.rawValue)],
        ]
    }

    private func location(_ finding: Finding) -> JSON {
        let position = finding.layer.flatMap(network.index)
        let file: JSON.Member = .init(
            "physicalLocation",
            [
                "artifactLocation": ["uri": .string(uri), "index": 0],
                "region": ["startLine": .integer(position.map { lines[$0] } ?? 1)],
            ])
        let layer = finding.layer.map {
            JSON.Member("logicalLocations", [["name": .string($0), "kind": "member"]])
        }
        return .object([file] + [layer].compactMap { $0 })
    }

    /// Where the rule comes from, as a sentence.
    private static func place(_ finding: Finding) -> String {
        "See \(finding.citation) (\(finding.sources.map(\.rawValue).joined(separator: ", ")))."
    }

    private static func level(_ severity: Severity) -> String {
        switch severity {
        case .error: "error"
        case .warning: "warning"
        case .advice: "note"
        }
    }
}

extension SARIF {
    /// The address of a file: relative to the folder where it lies below that, absolute otherwise.
    static func uri(of path: String, in folder: String) -> String {
        let base = folder.hasSuffix("/") ? folder : folder + "/"
        let isBelow = path.hasPrefix(base)
        var shown = isBelow ? path.dropFirst(base.count) : path[...]
        while shown.hasPrefix("./") { shown = shown.dropFirst(2) }
        let encoded = shown.utf8.reduce(into: "") { text, byte in
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "-._~/".unicodeScalars.contains(scalar)
            {
                text.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return !isBelow && path.hasPrefix("/") ? "file://" + encoded : encoded
    }
}
