import Graph
public import QAT

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
        let folder = try folder()
        if let next = try Session.weights(in: folder + "/" + Session.nextWeightsFileName),
            next.metadata[Checkpoint.digestKey] == document.network.digest
        {
            // The document was saved, and its weights were not put in their place.
            return next
        }
        guard let weights = try Session.weights(in: folder + "/" + Session.weightsFileName) else {
            guard isRequired else { return nil }
            throw SessionError.noWeights(path)
        }
        return weights
    }

    /// Whether the session has weights; throws where that cannot be read.
    public var hasWeights: Bool {
        get throws { try path != file && weights(isRequired: false) != nil }
    }

    private static func weights(in file: String) throws -> Safetensors? {
        let bytes: [UInt8]
        do {
            guard try Disk.size(of: file) != nil else { return nil }
            bytes = try Disk.read(file, limit: Session.weightsLimit)
        } catch {
            throw SessionError.unreadable(file, reason: "\(error)")
        }
        do {
            return try Safetensors(bytes: bytes)
        } catch {
            throw SessionError.unreadable(file, reason: "\(error)")
        }
    }

    /// The data that the weights were trained on: that of the last run that was finished, which wrote them; nil where
    /// none is recorded.
    public var weightsData: String? {
        get throws { try RunStore.openForReading(session: try folder())?.dataOfLastFinishedRun }
    }

    /// Puts weights in the place of the ones before; gives the file.
    @discardableResult
    public func save(weights: Safetensors) throws(SessionError) -> String {
        let folder = try folder()
        let file = folder + "/" + Session.weightsFileName
        try Session.write(weights, to: file)
        Disk.discardFile(folder + "/" + Session.nextWeightsFileName)
        return file
    }

    /// Writes weights for the document that is saved next; `settleWeights` puts them in the place of the others behind it.
    ///
    /// Whatever happens in between, a document and weights that belong together are found: `weights` takes these once
    /// the document is the one that they are of.
    func prepare(weights: Safetensors) throws(SessionError) {
        try Session.write(weights, to: try folder() + "/" + Session.nextWeightsFileName)
    }

    /// Puts prepared weights in the place of the others.
    func settleWeights() throws(SessionError) {
        let folder = try folder()
        let file = folder + "/" + Session.weightsFileName
        do {
            try Disk.move(folder + "/" + Session.nextWeightsFileName, to: file)
        } catch {
            throw .unwritable(file, reason: "\(error)")
        }
    }

    /// Writes the document and the weights that it has now.
    public func save(with weights: Safetensors) throws(SessionError) {
        try prepare(weights: weights)
        try save()
        try settleWeights()
    }

    private static func write(_ weights: Safetensors, to file: String) throws(SessionError) {
        do {
            try Disk.replace(file, pieces: weights.pieces())
        } catch .unsynced(let reason) {
            throw .unsynced(file, reason: reason)
        } catch {
            throw .unwritable(file, reason: "\(error)")
        }
    }
}
