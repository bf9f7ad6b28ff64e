import Devices
public import Graph
public import Weights

/// Weights with the document that they are of, from which the weights of its changed forms are carried.
///
/// Always from here and never in steps: a layer that was narrowed and is wide again has all its weights back, and taking
/// a change back leaves no trace.
public struct WeightOrigin: Sendable {
    /// The document that the weights are of.
    public let document: Document
    /// The weights.
    public let weights: Safetensors
    private let analysis: Analysis

    /// Weights of a document.
    public init(_ document: Document, weights: Safetensors) {
        self.document = document
        self.weights = weights
        analysis = Analysis(document.network, on: document.device.family)
    }

    /// What a change to another document does to the weights; `formerNames` has the names that renamed layers and inputs
    /// have here by those that they have there. Without the numbers it is quick, and says little less.
    public func carry(
        to other: Document, formerNames: [String: String] = [:], withNumbers: Bool = true
    ) -> Carry {
        Carry(
            from: analysis, to: Analysis(other.network, on: other.device.family), formerNames: formerNames,
            weights: withNumbers ? weights : nil, padsBothSides: other.device.padsBothSides)
    }

    /// What the change between two documents takes along so that no number is lost: see `Carry.companions`.
    public static func completed(
        _ document: Document, from before: Document, formerNames: [String: String]
    ) -> (document: Document, edits: [Edit]) {
        let edits = Carry.companions(
            from: before.network, to: document.network, formerNames: formerNames)
        do throws(EditError) {
            var completed = document
            for edit in edits { try completed.apply(edit) }
            return (completed, edits)
        } catch {
            preconditionFailure("a layer with a bias field takes a bias: \(error)")
        }
    }
}
