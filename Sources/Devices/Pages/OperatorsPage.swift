import Graph

/// `docs/operators.md`, rendered from the operators' own fields and the table of chips.
public enum OperatorsPage {
    /// The whole page.
    public static var text: String {
        var lines = [
            "# Operators", "",
            "Rendered from `Sources/Graph/Operators` (`make docs`); a test fails when this page is stale.",
            "",
            "A file states a field only where it differs from the default; fields marked * have none and are always "
                + "stated. What the wiring decides is not a field: input channels and bits, sign, `first_layer`, "
                + "`last_layer`, `pre_lstm_layer`, `multi_inputs`, `data_format`, and the target chip of each layer. "
                + "Fixed by the manual, and so not fields either: an LSTM has one layer, reads the batch first and "
                + "starts from the zero state; Hsigmoid has offset 3 and clip 6.", "",
        ]
        for kind in OperatorKind.allCases { lines += section(kind) }
        lines += focus
        lines += ["## Activations", "", "| name | what it does |", "|---|---|"]
        lines += Activation.allCases.map { "| `\($0.rawValue)` | \($0.help) |" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ kind: OperatorKind) -> [String] {
        var lines = [
            "## \(kind.rawValue)", "",
            kind.summary.prefix(1).uppercased() + kind.summary.dropFirst() + ". " + reads(kind.inputs), "",
            chips(kind.rawValue), "",
        ]
        guard !kind.fields.isEmpty else { return lines + ["It has no fields.", ""] }
        lines += ["| field | manual's argument | takes | default | what it does |", "|---|---|---|---|---|"]
        lines += kind.fields.map { field in
            let name = "`\(field.name)`" + (field.isRequired ? " *" : "")
            let value = field.isRequired ? "" : field.defaultValue.description
            return "| \(name) | `\(field.argument)` | \(field.kind.range) | \(value) | \(field.help) |"
        }
        return lines + [""]
    }

    private static var focus: [String] {
        [
            "## Focus", "",
            "Space to depth in front of the first convolution: each 2x2 square becomes four channels. Not a layer of "
                + "its own but the field `focus` of a Conv2D, as the manual's note 2 asks.", "",
            chips("Focus"), "",
        ]
    }

    private static func reads(_ inputs: ClosedRange<Int>) -> String {
        inputs.count == 1
            ? "Reads \(counted(inputs.lowerBound, "input"))."
            : "Reads \(inputs.lowerBound) to \(counted(inputs.upperBound, "input"))."
    }

    private static func chips(_ name: String) -> String {
        guard let row = SupportRow.all.first(where: { $0.name == name }) else { return "" }
        let groups = Support.legend.compactMap { entry -> String? in
            let devices = Device.allCases.filter { row[$0].letter == entry.letter }
            guard !devices.isEmpty else { return nil }
            return "\(devices.map(\.rawValue).joined(separator: ", ")): \(entry.meaning)"
        }
        return "Chips: " + groups.joined(separator: "; ") + "."
    }
}
