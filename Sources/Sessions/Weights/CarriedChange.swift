public import Editing
import Graph
import Platform
import QAT
public import Weights

/// A change of a session together with what it does to the weights.
public struct CarriedChange: Sendable {
    /// The weights of the changed document; nil where the session has none, or they stay as they are.
    public let weights: Safetensors?
    /// Whether the session has weights.
    public let hasWeights: Bool
    /// What happens to them beyond carrying them along.
    public let notes: [CarryNote]
    /// Results of the network that the host's part of the model reads under a name that they no longer have.
    public let lostResults: [String]

    /// The change of a session's document to another one; `formerNames` has the names that renamed layers and inputs
    /// have now by those that they get. Throws `SessionError` or `EngineError`.
    public init(of session: Session, to document: Document, formerNames: [String: String]) throws {
        let folder = session.path == session.file ? nil : session.path
        guard let folder, let weights = try session.weights(isRequired: false) else {
            self.weights = nil
            hasWeights = false
            notes = []
            lostResults = try CarriedChange.lostResults(folder, session.document, document)
            return
        }
        let origin = WeightOrigin(session.document, weights: weights)
        let carried = try origin.weights(of: document, formerNames: formerNames)
        self.weights = carried.tensors == weights.tensors ? nil : carried
        hasWeights = true
        notes =
            session.document.network == document.network && session.document.device == document.device
            ? [] : origin.carry(to: document, formerNames: formerNames).notes
        lostResults = try CarriedChange.lostResults(folder, session.document, document)
    }

    /// What happens to the weights, a sentence each; nothing where they stay as they are.
    public var words: [String] {
        (weights == nil && notes.isEmpty ? [] : ["the weights are carried along"]) + notes.map(\.description)
            + lostResults.map { "\(Session.hostFileName) reads '\($0)', which is no result any more" }
    }

    private static func lostResults(
        _ folder: String?, _ before: Document, _ after: Document
    ) throws -> [String] {
        guard let folder else { return [] }
        let files = try Session.files(of: folder)
        do {
            guard try files.size(of: Session.hostFileName) != nil else { return [] }
        } catch {
            throw SessionError.unreadable(files.path(of: Session.hostFileName), reason: "\(error)")
        }
        let results = Set(after.resultNames)
        return before.resultNames.filter { !results.contains($0) }
    }
}

extension Document {
    /// The layers that nothing reads.
    fileprivate var resultNames: [String] {
        let read = Set(network.nodes.flatMap { $0.inputs.map(\.name) })
        return network.nodes.map(\.name).filter { !read.contains($0) }
    }
}

extension Session {
    /// Makes a document the session's, and saves it with its weights. Throws `SessionError`.
    public mutating func save(_ document: Document, _ change: CarriedChange) throws(SessionError) {
        self.document = document
        if let weights = change.weights { try save(with: weights) } else { try save() }
    }
}
