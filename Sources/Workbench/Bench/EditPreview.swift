import Devices
public import Graph
public import QAT

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
    /// Bytes of all weights before.
    public let weightBytesBefore: Int
    /// Bytes of all weights after.
    public let weightBytesAfter: Int
    /// Errors that nobody has waived, before.
    public let errorsBefore: Int
    /// Errors that nobody has waived, after.
    public let errorsAfter: Int
    /// Warnings that nobody has waived, before.
    public let warningsBefore: Int
    /// Warnings that nobody has waived, after.
    public let warningsAfter: Int
    /// Layers whose trained weights would be carried along.
    public let carriedWeights: [String]
    /// What would happen to trained weights beyond that.
    public let carryNotes: [CarryNote]

    /// Compares a bench with what it would be.
    init(
        _ before: (analysis: Analysis, report: Report), _ after: (analysis: Analysis, report: Report),
        _ edit: Edit
    ) {
        let formerNames = edit.formerNames
        lines = NetworkDiff(from: before.analysis, to: after.analysis, formerNames: formerNames).lines
        let carry = Carry(from: before.analysis, to: after.analysis, formerNames: formerNames)
        (carriedWeights, carryNotes) = (carry.carried, carry.notes)
        weightBytesBefore = before.analysis.cost.total.weightBytes
        weightBytesAfter = after.analysis.cost.total.weightBytes
        (errorsBefore, errorsAfter) = (before.report.count(.error), after.report.count(.error))
        (warningsBefore, warningsAfter) = (before.report.count(.warning), after.report.count(.warning))
    }
}

extension EditPreview {
    /// What the change does to the whole network, in a line; `arrow` stands between before and after:
    /// "weights 180 KiB -> 199 KiB, errors 2 -> 1, b6.conv reads other channels and starts anew".
    public func summary(_ arrow: String) -> String {
        func change(_ before: String, _ after: String) -> String {
            before == after ? before : "\(before) \(arrow) \(after)"
        }
        var parts = [
            "weights "
                + change(EditPreview.kibibytes(weightBytesBefore), EditPreview.kibibytes(weightBytesAfter))
        ]
        for (noun, before, after) in [
            ("errors", errorsBefore, errorsAfter), ("warnings", warningsBefore, warningsAfter),
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

extension Bench {
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
        let after = Analysis(changed.network, on: device.family)
        let said = Checker.report(on: after, for: device, waivers: changed.waivers)
        return EditPreview((analysis, report), (after, said), edit)
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
            .addInput:
            return [:]
        }
    }
}
