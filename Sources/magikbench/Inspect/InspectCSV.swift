import Graph
import Probing
import QAT

extension InspectTable {
    private static let titles = [
        "layer", "operator", "weightBits", "outputBits", "clip", "weightSqnr", "weightClipRatio",
        "weightLevelUse",
        "weightMeanSquaredError", "foldingError", "flips", "min", "max", "sqnr", "accumulatedSqnr", "cosine",
        "clipRatio", "levelUse", "meanSquaredError", "deadChannels", "integerMismatched", "accumulatorPeak",
        "accumulatorBound", "diagnosis",
    ]

    /// The table as comma-separated values (RFC 4180), a line for each layer; what does not apply is empty.
    var csv: String {
        ([InspectTable.titles] + rows.map(\.fields)).map {
            $0.map(InspectTable.quoted).joined(separator: ",")
        }
        .joined(separator: "\n")
    }

    private static func quoted(_ field: String) -> String {
        field.contains { ",\"\n\r".contains($0) }
            ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }
}

extension InspectTable.Row {
    fileprivate var fields: [String] {
        func text(_ number: Double?) -> String {
            number.flatMap { $0.isFinite ? "\($0)" : nil } ?? ""
        }
        let (weight, feature) = (weight, feature)
        return [
            node.name, node.kind.rawValue, facts.weightBits.map(String.init) ?? "", "\(facts.output.bits)",
            text(clip), text(weight?.observation.sqnr), text(weight?.observation.clipRatio),
            text(weight?.levelUse), text(weight?.quantizer?.meanSquaredError), text(weight?.foldingError),
            text(weight?.flips), text(feature?.observation.minimum), text(feature?.observation.maximum),
            text(feature?.observation.sqnr), text(feature?.accumulatedSQNR), text(feature?.match?.cosine),
            text(feature?.observation.clipRatio), text(feature?.levelUse),
            text(feature?.quantizer?.meanSquaredError),
            feature?.channels.map { "\($0.dead.count)" } ?? "",
            integers.map { "\($0.accumulated.mismatched)" } ?? "",
            integers?.accumulator.map { "\($0.peak)" } ?? "",
            integers?.accumulator.map { "\($0.bound)" } ?? "",
            diagnoses.map(\.sentence).joined(separator: "; "),
        ]
    }
}
