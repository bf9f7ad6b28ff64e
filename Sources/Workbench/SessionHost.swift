/// The head of an imported model, which the host computes from the network's results: `host.onnx`.
extension Session {
    /// The file of a session that holds the head.
    public static let hostFileName = "host.onnx"
    private static let hostLimit = 4 << 30

    /// The bytes of the head's model; nil where the host has nothing to compute.
    public func hostModel() throws -> [UInt8]? {
        let file = try folder() + "/" + Session.hostFileName
        do {
            guard try Disk.size(of: file) != nil else { return nil }
            return try Disk.read(file, limit: Session.hostLimit)
        } catch {
            throw SessionError.unreadable(file, reason: "\(error)")
        }
    }

    /// Puts the head's model into the session.
    public func save(host: [UInt8]) throws(SessionError) {
        let file = try folder() + "/" + Session.hostFileName
        do {
            try Disk.replace(file, with: host)
        } catch .unsynced(let reason) {
            throw .unsynced(file, reason: reason)
        } catch {
            throw .unwritable(file, reason: "\(error)")
        }
    }
}
