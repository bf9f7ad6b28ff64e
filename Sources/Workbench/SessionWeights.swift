public import QAT

/// The numbers of a session's network: `weights.safetensors`.
extension Session {
    /// The file of a session that holds the weights.
    public static let weightsFileName = "weights.safetensors"
    static let weightsLimit = 4 << 30

    /// The folder of the session; throws where it is a network file by itself, which has no room for runs and weights.
    package func folder() throws(SessionError) -> String {
        guard path != file else { throw .notFolder(path) }
        return path
    }

    /// The weights, or nil where there are none yet; throws then where they are required. Those that the document carries
    /// come first.
    public func weights(isRequired: Bool) throws -> Safetensors? {
        if let carried { return carried }
        let file = try folder() + "/" + Session.weightsFileName
        let bytes: [UInt8]
        do {
            guard try Disk.size(of: file) != nil else {
                guard isRequired else { return nil }
                throw SessionError.noWeights(path)
            }
            bytes = try Disk.read(file, limit: Session.weightsLimit)
        } catch let error as DiskError {
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
        let file = try folder() + "/" + Session.weightsFileName
        do {
            try Disk.replace(file, pieces: weights.pieces())
        } catch .unsynced(let reason) {
            throw .unsynced(file, reason: reason)
        } catch {
            throw .unwritable(file, reason: "\(error)")
        }
        return file
    }
}
