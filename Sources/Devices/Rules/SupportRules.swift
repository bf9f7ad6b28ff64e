public import Graph

/// Whether the chip has the operator at all: the table of `Support`.
enum SupportRules {
    static let all: [Rule] = [
        Rule(
            "operator-unsupported", says: "The chip has the operator.",
            source: .manual("target_device", also: .kit),
            keeps: { "\($0.device) has \($0.node.kind.rawValue)" }
        ) { violation($0, .error) },
        Rule(
            "operator-disputed", .warning,
            says: "The manual and the training kit agree that the chip has the operator.",
            source: .manual("target_device", also: .kit), keeps: Rule.silent
        ) { violation($0, .warning) },
    ]

    private static func violation(_ context: RuleContext, _ severity: Severity) -> Violation? {
        for row in SupportRow.rows(for: context.layer) where row[context.device].severity == severity {
            let section = row.name == context.node.kind.rawValue ? nil : row.name
            let actual = obstacle(row[context.device], to: row.name, on: context.device)
            return Violation(
                section == nil ? actual : "has \(row.name) on: \(actual)",
                says: row.sentence(for: context.device),
                source: citation(row[context.device], section: section))
        }
        return nil
    }

    /// Why the chip may not have an operator, in few words: they stand behind a layer's name.
    private static func obstacle(_ support: Support, to name: String, on device: Device) -> String {
        switch support {
        case .excluded, .absent: "\(device) has no \(name)"
        case .refusedByKit: "the training kit refuses \(name) on \(device)"
        case .listed, .acceptedByKit: "the manual lists no \(name) for \(device)"
        }
    }

    private static func citation(_ support: Support, section: String?) -> Citation {
        switch support {
        case .excluded(let detail): .manual(detail, section: section)
        case .listed, .acceptedByKit, .absent, .refusedByKit:
            .manual("target_device", section: section, also: .kit)
        }
    }
}

extension Device {
    /// Whether manual and training kit agree that the chip has the operator of a layer.
    public func has(_ layer: Layer) -> Bool {
        SupportRow.rows(for: layer).allSatisfy { $0[self].severity == nil }
    }
}
