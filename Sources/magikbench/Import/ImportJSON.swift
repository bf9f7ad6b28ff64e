import Graph
import Interchange

extension ONNXReport {
    /// The report as part of a JSON document.
    var json: JSON {
        [
            "opset": .integer(opset), "producer": .string(producer), "operators": .integer(nodes),
            "refused": .array(
                faults.map {
                    [
                        "node": .string($0.node), "operator": .string($0.operator),
                        "reason": .string($0.reason), "advice": .string($0.advice),
                    ]
                }),
            "notes": .array(
                notes.map {
                    [
                        "node": .string($0.node), "operator": .string($0.operator), "text": .string($0.text),
                        "kind": .string($0.kind.rawValue),
                    ]
                }),
            "inputs": .array(
                inputs.map {
                    [
                        "name": .string($0.name), "input": .string($0.input), "axes": axes($0.dims),
                        "channelsLast": .boolean($0.isChannelsLast),
                    ]
                }),
            "outputs": .array(
                outputs.map {
                    [
                        "name": .string($0.name), "layer": .string($0.source.description),
                        "axes": axes($0.dims),
                    ]
                }),
            "host": steps(host), "gone": steps(gone),
            "lostOutputs": .array(lostOutputs.map(JSON.string)),
            "proposal": proposal.map { cut in
                [
                    "outputs": .array(cut.outputs.map(JSON.string)), "learning": .integer(cut.learning),
                    "allLearning": .integer(cut.allLearning),
                ]
            } ?? .null,
        ]
    }

    private func axes(_ dims: [Int]) -> JSON { .array(dims.map(JSON.integer)) }

    private func steps(_ list: [Step]) -> JSON {
        .array(list.map { ["node": .string($0.node), "operator": .string($0.operator)] })
    }
}
