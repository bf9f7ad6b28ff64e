public import Devices
public import Graph
public import Weights

/// What a change would do to a network, layer by layer, as a diff shows it.
public struct EditPreview: Hashable, Sendable {
    /// A layer before or after.
    public struct Line: Hashable, Sendable {
        /// The layer: "b5.mid  Conv2D 1x1  128 -> 80  w4 a4".
        public let text: String
        /// Whether it is so after the change, and not before.
        public let isAdded: Bool
        /// The layer's name.
        public let layer: String
        /// Whether the layer itself changes, and not only what it reads.
        public let isOwn: Bool
    }

    /// The layers that change, in the order of the file, each before and after.
    public let lines: [Line]
    /// What the network costs and how many findings there are, before and after.
    public let cost: EditCost
    /// What would happen to trained weights, but for layers that keep theirs; nothing where there are none.
    public let carryNotes: [CarryNote]

    /// Compares a network with what it would be.
    init(_ impact: EditImpact, hasWeights: Bool) {
        let before = impact.before.analysis
        let after = impact.after.analysis
        lines = NetworkDiff(from: before, to: after, formerNames: impact.formerNames).lines
        carryNotes =
            hasWeights ? Carry(from: before, to: after, formerNames: impact.formerNames).notes : []
        cost = impact.cost
    }
}

extension EditPreview {
    /// What the change does to the whole network, in a line; `arrow` stands between before and after:
    /// "weights 180 KiB -> 199 KiB, errors 2 -> 1, b6.conv reads other channels and starts anew".
    public func summary(_ arrow: String) -> String {
        func change(_ before: String, _ after: String) -> String {
            before == after ? before : "\(before) \(arrow) \(after)"
        }
        let before = cost.before
        let after = cost.after
        var parts = [
            "weights "
                + change(
                    EditPreview.kibibytes(before.cost.weightBytes),
                    EditPreview.kibibytes(after.cost.weightBytes))
        ]
        for (noun, before, after) in [
            ("errors", before.errors, after.errors), ("warnings", before.warnings, after.warnings),
        ] where before > 0 || after > 0 {
            parts.append("\(noun) " + change("\(before)", "\(after)"))
        }
        parts +=
            carryNotes.count > 3 ? ["\(carryNotes.count) layers lose weights"] : carryNotes.map(\.description)
        return parts.joined(separator: ", ")
    }

    /// "180 KiB", "1.5 KiB".
    private static func kibibytes(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + 512) / 1024
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10) KiB" : "\((bytes + 512) / 1024) KiB"
    }
}

extension EditorState {
    /// What a change would do; nil where it cannot be made.
    public func preview(_ edit: Edit) -> EditPreview? {
        var changed = document
        do throws(EditError) {
            try changed.apply(edit)
        } catch {
            return nil
        }
        if origin != nil {
            (changed, _) = WeightOrigin.completed(changed, from: document, formerNames: edit.formerNames)
        }
        let after = CheckedNetwork(changed.network, on: device, waivers: changed.waivers)
        return EditPreview(
            EditImpact(from: CheckedNetwork(analysis, report), to: after, formerNames: edit.formerNames),
            hasWeights: origin != nil)
    }
}

extension Edit {
    /// The names that layers and inputs had before the change, by those that it gives them.
    var formerNames: [String: String] { Dictionary(renames.map { ($1, $0) }) { $1 } }

    /// The new names by the old ones.
    private var renames: [String: String] {
        switch self {
        case .rename(let old, let new): return [old: new]
        case .all(_, let edits):
            return edits.reduce(into: [:]) { names, edit in
                for (old, new) in edit.renames {
                    let first = names.first { $0.value == old }?.key ?? old
                    names[first] = new
                }
            }
        case .set, .replace, .insert, .remove, .move, .rewire, .clearImported, .annotate, .reshapeInput,
            .addInput, .setTask:
            return [:]
        }
    }
}
