import Devices
import Graph
import Probing

/// What a sweep has found, as pages show it.
struct SweepTable {
    /// What was found.
    let result: SweepResult
    /// The mix that is taken; nil where none is.
    let chosen: SweepMix?
    /// What the session is called.
    let name: String

    init(_ result: SweepResult, chosen: SweepMix?, name: String) {
        self.result = result
        self.chosen = chosen
        self.name = name
    }

    /// What a mix costs, as a share of what the network costs as it is.
    func share(_ mix: SweepMix) -> Double {
        let own = result.cost.counted(result.request)
        return own > 0 ? Double(mix.cost.counted(result.request)) / Double(own) : 1
    }

    /// The trials of each layer's field, in the order of the network.
    var rows: [[SweepTrial]] { result.rows }

    /// One document: the network as it is, each trial, each mix.
    var json: JSON {
        let request = result.request
        return .object([
            .init("network", .string(name)), .init("device", .string(request.device.rawValue)),
            .init("over", .string(request.setting.rawValue)), .init("cost", .string(request.cost.rawValue)),
            .init("samples", .integer(result.samples)), .init("labelled", .integer(request.labelled)),
            .init("complete", .boolean(result.isComplete)),
            .init("baseline", .object(members(result.baseline) + members(result.cost))),
            .init(
                "trials",
                .array(
                    result.trials.map { trial in
                        .object(
                            members(trial.choice)
                                + [
                                    .init("present", .boolean(trial.isPresent)),
                                    .init("allowed", .boolean(!trial.isForbidden)),
                                ] + members(trial.measure) + (trial.cost.map(members) ?? []))
                    })),
            .init("mixes", .array(result.mixes.map(document))),
            .init("chosen", chosen.map(document) ?? .null),
        ])
    }

    private func document(_ mix: SweepMix) -> JSON {
        .object(
            [
                .init("choices", .array(mix.choices.map { .object(members($0)) })),
                .init("foretold", mix.predicted.map { .number($0) } ?? .null),
            ] + members(mix.measure) + members(mix.cost))
    }

    private func members(_ choice: SweepChoice) -> [JSON.Member] {
        [
            .init("layer", .string(choice.layer)), .init("field", .string(choice.field)),
            .init("value", .number(choice.value)),
        ]
    }

    private func members(_ measure: SweepMeasure?) -> [JSON.Member] {
        [
            .init("sqnr", measure?.sqnr.map { .number($0) } ?? .null),
            .init("accuracy", measure?.accuracy.map { .number($0) } ?? .null),
        ]
    }

    private func members(_ cost: SweepCosts) -> [JSON.Member] {
        [
            .init("weightBytes", .integer(cost.weightBytes)),
            .init("featureBytes", .integer(cost.featureBytes)),
            .init("operations", .integer(cost.operations)),
        ]
    }

    /// Comma-separated values: what is one trial or mix is a line; assignments have spaces between them.
    var csv: String {
        func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        func line(_ kind: String, _ changes: String, _ measure: SweepMeasure?, _ cost: SweepCosts) -> String {
            [
                kind, changes, number(measure?.sqnr), number(measure?.accuracy), "\(cost.weightBytes)",
                "\(cost.featureBytes)", "\(cost.operations)",
            ].joined(separator: ",")
        }
        return
            (["kind,changes,sqnr,accuracy,weightBytes,featureBytes,operations"]
            + [line("baseline", "", result.baseline, result.cost)]
            + result.trials.filter { $0.measure != nil && !$0.isPresent }.map {
                line("trial", $0.choice.assignment, $0.measure, $0.cost ?? result.cost)
            }
            + result.mixes.map {
                line("mix", $0.choices.map(\.assignment).joined(separator: " "), $0.measure, $0.cost)
            }).joined(separator: "\n")
    }
}
