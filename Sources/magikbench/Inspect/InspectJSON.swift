import Devices
import Graph
import Probing
import QAT
import Runs

extension InspectTable {
    /// The table as a JSON document.
    var json: JSON {
        [
            "device": .string(device.rawValue), "samples": .integer(report.samples),
            "weights": .string("\(report.weights)"), "layers": .array(rows.map(\.json)),
        ]
    }
}

extension InspectTable.Row {
    /// The layer in integers, behind layers in integers; `local` behind those of the training arithmetic.
    private var integer: JSON {
        guard let integers else { return .null }
        return [
            "mismatched": .integer(integers.accumulated.mismatched),
            "elements": .integer(integers.accumulated.elements),
            "largestStep": .integer(integers.accumulated.largestStep),
            "local": [
                "mismatched": .integer(integers.local.mismatched),
                "largestStep": .integer(integers.local.largestStep),
            ],
            "accumulatorPeak": integers.accumulator.map { .integer($0.peak) } ?? .null,
            "accumulatorBound": integers.accumulator.map { .integer($0.bound) } ?? .null,
            "reason": integers.reason.map(JSON.string) ?? .null,
        ]
    }

    fileprivate var json: JSON {
        [
            "name": .string(node.name), "operator": .string(node.kind.rawValue),
            "weightBits": facts.weightBits.map(JSON.integer) ?? .null,
            "outputBits": .integer(facts.output.bits), "signed": .boolean(facts.output.isSigned),
            "clip": .finite(clip), "weight": weight.map(weightJSON) ?? .null,
            "feature": feature.map(featureJSON) ?? .null, "integer": integer,
            "missing": reason.map { .string("\($0)") } ?? .null,
            "diagnosis": .array(diagnoses.map(\.json)),
        ]
    }

    private func weightJSON(_ tensor: ProbedTensor) -> JSON {
        .object(
            tensor.members + [
                .init("foldingError", .finite(tensor.foldingError)), .init("flips", .finite(tensor.flips)),
            ])
    }

    private func featureJSON(_ tensor: ProbedTensor) -> JSON {
        .object(
            tensor.members + [
                .init("accumulatedSqnr", .finite(tensor.accumulatedSQNR)),
                .init("accumulatedMeanSquaredError", .finite(tensor.match?.meanSquaredError)),
                .init("cosine", .finite(tensor.match?.cosine)),
                .init("deadChannels", .array((tensor.channels?.dead ?? []).map(JSON.integer))),
            ])
    }
}

extension ProbedTensor {
    /// What weights and results have in common.
    fileprivate var members: [JSON.Member] {
        let seen = observation
        let bins = seen.histogram.count
        let edges = (0...bins).map { bin in
            JSON.finite(seen.minimum + (seen.maximum - seen.minimum) * Double(bin) / Double(bins))
        }
        return [
            .init("min", .finite(seen.minimum)), .init("max", .finite(seen.maximum)),
            .init("sqnr", .finite(seen.sqnr)), .init("clipRatio", .finite(seen.clipRatio)),
            .init("levelUse", .finite(levelUse)),
            .init("meanSquaredError", .finite(quantizer?.meanSquaredError)),
            .init(
                "histogram",
                [
                    "edges": .array(edges),
                    "counts": .array(seen.histogram.map { .integer(Int($0)) }),
                ]),
            .init(
                "channels",
                channels.map { channels in
                    [
                        "min": .array(channels.minimum.map { .finite(Double($0)) }),
                        "max": .array(channels.maximum.map { .finite(Double($0)) }),
                    ]
                } ?? .null),
        ]
    }
}

extension Diagnosis {
    fileprivate var json: JSON {
        [
            "kind": .string(kind.rawValue), "sentence": .string(sentence), "number": .finite(number),
        ]
    }
}
