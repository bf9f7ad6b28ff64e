import Graph

/// What the heads of a network's task ask of the layers that they read, whatever the chip.
enum TaskRules {
    static let all: [Rule] = [
        Rule(
            "head-channels",
            says: "A layer that a head of the task reads has the channels that the head needs.",
            source: .structure, keeps: Rule.silent
        ) { context in
            guard let output = context.output else { return nil }
            for (head, name, part) in context.analysis.network.task.parts
            where part.layer == context.node.name {
                guard case .map(let channels, _, _) = output else {
                    return Violation("gives \(output); boxes are read from a map")
                }
                let needed = head.channels(
                    of: name, classes: context.analysis.network.task.classes?.count ?? 0)
                guard
                    part.firstChannel + needed > channels || isAlone(part, in: context) && needed != channels
                else { continue }
                let from = part.firstChannel > 0 ? " from channel \(part.firstChannel) on" : ""
                return Violation(
                    "gives \(channels) channels; a \(head.kind.rawValue) head reads \(needed) of '\(name)'\(from)",
                    fix: fix(to: needed, part, in: context))
            }
            return nil
        },
        Rule(
            "head-output", says: "A layer that a head of the task reads is an output of the network.",
            source: .structure, keeps: Rule.silent
        ) { context in
            let readers = context.analysis.order.readers[context.index]
            guard let reader = readers.first,
                context.analysis.network.task.parts.contains(where: { $0.part.layer == context.node.name })
            else { return nil }
            return Violation("'\(context.analysis.network.nodes[reader].name)' reads it")
        },
        missing,
    ]

    private static let missing = Rule(
        "head-layer", for: [], says: "Every layer that a head of the task reads is there.",
        source: .structure,
        keeps: Rule.silent
    ) { _ in nil }

    /// The layers that heads name and that the network does not have.
    static func networkFindings(_ analysis: Analysis, on device: Device) -> [Finding] {
        var named: [String] = []
        for (_, _, part) in analysis.network.task.parts
        where analysis.network[part.layer] == nil && !named.contains(part.layer) {
            named.append(part.layer)
        }
        return named.map { name in
            Finding(
                rule: missing.id, topic: missing.topic, device: device, severity: missing.severity,
                layer: nil,
                message: missing.says,
                actual: "a head reads '\(name)', which is no layer"
                    + didYouMean(name, among: analysis.network.nodes.map(\.name)),
                citation: missing.source.text(for: nil), sources: missing.source.sources, proposal: nil)
        }
    }

    /// Whether no other part reads the same layer.
    private static func isAlone(_ part: HeadPart, in context: RuleContext) -> Bool {
        part.firstChannel == 0
            && context.analysis.network.task.parts.count { $0.part.layer == part.layer } == 1
    }

    private static func fix(to channels: Int, _ part: HeadPart, in context: RuleContext) -> Fix? {
        guard isAlone(part, in: context), channels > 0,
            context.node.kind.fields.contains(where: { $0.name == "outChannels" })
        else { return nil }
        return context.set("outChannels", .integer(channels))
    }
}

extension NetworkTask {
    /// What the heads read: each part with its head and its name there.
    var parts: [(head: DetectionHead, name: String, part: HeadPart)] {
        guard case .detection(let task) = self else { return [] }
        return task.heads.flatMap { head in head.parts.map { (head, $0.name, $0.part) } }
    }
}
