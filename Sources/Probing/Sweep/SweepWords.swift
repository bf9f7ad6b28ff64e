import Graph

extension SweepResult {
    /// The trials of each layer's field, in the order of the network and of the values.
    public var rows: [[SweepTrial]] {
        var rows: [[SweepTrial]] = []
        for trial in trials {
            if let last = rows.last?.last?.choice, last.layer == trial.choice.layer,
                last.field == trial.choice.field
            {
                rows[rows.count - 1].append(trial)
            } else {
                rows.append([trial])
            }
        }
        return rows
    }
}

extension SweepMix {
    /// What is changed, by value: "4: conv9 conv10 rnn; 2: fc1", with results marked; "as it is" for nothing.
    public var words: String {
        guard !choices.isEmpty else { return "as it is" }
        var order: [Double] = []
        var layers: [Double: [String]] = [:]
        for choice in choices {
            if layers[choice.value] == nil { order.append(choice.value) }
            layers[choice.value, default: []].append(
                choice.layer + (choice.field == "outputBits" ? " (result)" : ""))
        }
        return order.sorted().map { value in
            let number = value == value.rounded() ? "\(Int(held: value))" : "\(value)"
            return "\(number): " + (layers[value] ?? []).joined(separator: " ")
        }.joined(separator: "; ")
    }
}
