import Devices
package import Graph

/// What `check` proposes to type for findings: `set` assignments that resolve them and add none on any of their chips.
package struct FixAssignments {
    /// Assignments for `set` that can be made all at once.
    package let assignments: [String]
    /// How many of the findings the assignments settle.
    package let settled: Int
    /// What else there is to do, where it is more than setting fields.
    package let words: [String]

    /// The fixes of some groups on the same chips, put together.
    package init(for groups: [FindingGroup], in network: Network) {
        let places = groups.flatMap { group in
            group.findings[0].indices.map { Place(group: group, position: $0) }
        }.filter { $0.proposal != nil }
        let settable = places.filter { $0.proposal?.edit.assignments != nil }
        let chosen = FixAssignments.together(settable, on: groups.first?.devices ?? [], in: network)
        let parts = chosen.flatMap { $0.assignments ?? [] }
        assignments = AssignmentCover.shortest(parts, in: network).map(\.text)
        settled = chosen.count
        var words: [String] = []
        for place in places where place.proposal?.edit.assignments == nil {
            if let title = place.fix(in: network)?.title, !words.contains(title) { words.append(title) }
        }
        self.words = words
    }

    /// The changes of some layers that are safe when they are all made.
    private static func together(_ places: [Place], on devices: [Device], in network: Network) -> [Edit] {
        if places.count < 2 { return places.compactMap { $0.fix(in: network)?.edit } }
        let trial = EditSafety(network, on: devices)
        // Most often all proposals together are safe, and one look at them is enough.
        let proposals = places.compactMap { $0.proposal?.edit }
        if trial.isSafe(proposals, resolving: places.flatMap(\.findings)) { return proposals }
        return trial.safe(of: places.compactMap { $0.fix(in: network)?.edit })
    }

    /// One layer of a group, with its findings on each chip.
    private struct Place {
        let findings: [Finding]

        init(group: FindingGroup, position: Int) { findings = group.findings.map { $0[position] } }

        /// What is proposed, where it is the same on every chip.
        var proposal: Fix? {
            findings.dropFirst().allSatisfy { $0.proposal?.edit == findings[0].proposal?.edit }
                ? findings[0].proposal : nil
        }

        /// What is proposed, where the checker calls it safe on every chip.
        func fix(in network: Network) -> Fix? {
            let isSafe = proposal != nil && findings.allSatisfy { Checker.fix(for: $0, in: network) != nil }
            return isSafe ? proposal : nil
        }
    }
}

extension Edit {
    /// The change as assignments of `set`, or nil where it is more than that.
    var assignments: [FieldAssignment]? {
        switch self {
        case .set(let layer, let field, let value):
            return [FieldAssignment(layer: layer, field: field, value: value.description)]
        case .rewire(let layer, let inputs):
            let sources = inputs.map(\.description).joined(separator: ",")
            return [FieldAssignment(layer: layer, field: "inputs", value: sources)]
        case .all(_, let edits):
            let parts = edits.compactMap(\.assignments)
            return parts.count == edits.count ? Array(parts.joined()) : nil
        case .replace, .insert, .remove, .move, .rename, .clearImported, .annotate, .reshapeInput, .addInput,
            .setTask:
            return nil
        }
    }
}

/// A value for one field of a layer, or of all layers that a pattern stands for, as `set` takes it.
package struct FieldAssignment: Hashable {
    /// The layer, or a pattern.
    package let layer: String
    /// The field.
    package let field: String
    /// The value, as a command line writes it.
    package let value: String

    /// A value for a field.
    package init(layer: String, field: String, value: String) {
        self.layer = layer
        self.field = field
        self.value = value
    }

    /// The argument of the command.
    package var text: String { "\(layer).\(field)=\(value)" }
}
