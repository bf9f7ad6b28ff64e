import Editing
import Graph
import Platform
import QAT
public import Weights

/// The numbers of a session's network: `weights.safetensors`.
extension Session {
    /// The file of a session that holds the weights.
    public static let weightsFileName = "weights.safetensors"
    static let weightsLimit = 4 << 30
    /// Weights that belong to a document that is being saved: they take the place of the others behind it.
    static let nextWeightsFileName = "weights.next.safetensors"

    /// The folder of the session; throws where it is a network file by itself, which has no room for runs and weights.
    package func folder() throws(SessionError) -> String {
        guard path != file else { throw .notFolder(path) }
        return path
    }

    /// The weights, or nil where there are none yet; throws then where they are required. Those that the document carries
    /// come first.
    public func weights(isRequired: Bool) throws -> Safetensors? {
        if let carried { return carried }
        let files = try files()
        if let next = try Session.weights(Session.nextWeightsFileName, in: files),
            next.metadata[Checkpoint.digestKey] == document.network.digest
        {
            // The document was saved, and its weights were not put in their place.
            return next
        }
        guard let weights = try Session.weights(Session.weightsFileName, in: files) else {
            guard isRequired else { return nil }
            throw SessionError.noWeights(path)
        }
        return weights
    }

    /// Whether the session has weights; throws where that cannot be read.
    public var hasWeights: Bool {
        get throws { try path != file && weights(isRequired: false) != nil }
    }

    private static func weights(_ name: String, in files: Folder) throws(SessionError) -> Safetensors? {
        do {
            return try files.readIfThere(name, limit: Session.weightsLimit).map { try Safetensors(bytes: $0) }
        } catch {
            throw .unreadable(files.path(of: name), reason: "\(error)")
        }
    }

    /// Puts weights in place of the previous ones; gives the file.
    @discardableResult
    public func save(weights: Safetensors) throws(SessionError) -> String {
        try replace(Session.weightsFileName, pieces: weights.pieces())
        let files = try files()
        files.discard(Session.nextWeightsFileName)
        return files.path(of: Session.weightsFileName)
    }

    /// Writes weights for the document that is saved next; `installWeights` puts them in place of the others behind it.
    ///
    /// Whatever happens in between, a document and weights that belong together are found: `weights` takes these once
    /// the document is the one that they are of.
    func prepare(weights: Safetensors) throws(SessionError) {
        try replace(Session.nextWeightsFileName, pieces: weights.pieces())
    }

    /// Puts prepared weights in place of the others.
    func installWeights() throws(SessionError) {
        let files = try files()
        do {
            try files.move(Session.nextWeightsFileName, to: Session.weightsFileName)
        } catch {
            throw .unwritable(files.path(of: Session.weightsFileName), reason: "\(error)")
        }
    }

    /// Writes the document and the weights that it has now.
    public func save(with weights: Safetensors) throws(SessionError) {
        try prepare(weights: weights)
        try save()
        try installWeights()
    }
}
