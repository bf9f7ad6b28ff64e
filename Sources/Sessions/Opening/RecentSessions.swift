import Graph
import Platform

/// The sessions that a user opened last.
public struct RecentSessions: Sendable {
    private let state: StateFolder

    static let fileName = "recent.json"
    /// So many are remembered.
    public static let limit = 30

    /// The list that is kept in a state folder.
    public init(in state: StateFolder) { self.state = state }

    /// One session that was opened.
    public struct Entry: Hashable, Sendable {
        /// Its path, from the root on.
        public let path: String
        /// When it was opened or saved last, in seconds since 1970.
        public let time: Double
    }

    /// The sessions, the newest first; those that are gone are left out.
    public var entries: [Entry] { stored.filter { RecentSessions.isThere($0.path) } }

    /// Puts a session at the head of the list, at a time in seconds since 1970.
    public func note(_ path: String, at time: Double) throws(SessionError) {
        guard let path = Disk.absolute(path) else { return }
        let others = entries.filter { $0.path != path }
        let kept = ([Entry(path: path, time: time)] + others).prefix(RecentSessions.limit)
        let list = kept.map { entry -> JSON in ["path": .string(entry.path), "opened": .number(entry.time)] }
        let file: JSON = ["format": 1, "sessions": .array(list)]
        try state.replace(RecentSessions.fileName, with: file.pretty + "\n")
    }

    private var stored: [Entry] {
        let file: JSON
        do {
            file = try JSON(bytes: try Folder(state.path).read(RecentSessions.fileName, limit: 1 << 20))
        } catch {
            // There is none yet, or it is damaged: the next note makes a new one.
            return []
        }
        guard case .array(let list)? = file["sessions"] else { return [] }
        return list.compactMap { entry in
            guard case .string(let path)? = entry["path"] else { return nil }
            switch entry["opened"] {
            case .number(let time): return Entry(path: path, time: time)
            case .integer(let time): return Entry(path: path, time: Double(time))
            case .null, .boolean, .string, .array, .object, nil: return nil
            }
        }
    }

    private static func isThere(_ path: String) -> Bool {
        do {
            return try Disk.kind(of: path) != nil
        } catch {
            return false
        }
    }
}
