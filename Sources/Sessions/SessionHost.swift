import Platform

/// The head of an imported model, which the host computes from the network's results: `host.onnx`.
extension Session {
    /// The file of a session that holds the head.
    public static let hostFileName = "host.onnx"
    private static let hostLimit = 4 << 30

    /// The bytes of the head's model; nil where the host has nothing to compute.
    public func hostModel() throws -> [UInt8]? {
        let files = try files()
        do {
            return try files.readIfThere(Session.hostFileName, limit: Session.hostLimit)
        } catch {
            throw SessionError.unreadable(files.path(of: Session.hostFileName), reason: "\(error)")
        }
    }

    /// Whether the host has something to compute.
    public var hasHostModel: Bool {
        get throws {
            let files = try files()
            do {
                return try files.size(of: Session.hostFileName) != nil
            } catch {
                throw SessionError.unreadable(files.path(of: Session.hostFileName), reason: "\(error)")
            }
        }
    }

    /// Puts the head's model into the session.
    public func save(host: [UInt8]) throws(SessionError) {
        try replace(Session.hostFileName, pieces: [host[...]])
    }

    /// Puts new bytes in place of a file of the session, or makes it.
    func replace(_ name: String, pieces: [ArraySlice<UInt8>]) throws(SessionError) {
        let files = try files()
        do {
            try files.replace(name, pieces: pieces)
        } catch .unsynced(let reason) {
            throw .unsynced(files.path(of: name), reason: reason)
        } catch {
            throw .unwritable(files.path(of: name), reason: "\(error)")
        }
    }
}
