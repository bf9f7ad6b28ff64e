import GRDB
import Platform

/// A connection to a run store.
final class RunConnection: Sendable {
    /// The database.
    let queue: DatabaseQueue

    /// A connection of its own to the file of a path.
    init(_ path: String, _ configuration: Configuration) throws {
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    deinit {
        // To dispose of the database's queue, Dispatch needs a thread; where the system gives none it waits without end, deaf
        // to signals. The file is closed then, and the rest stays with the program.
        guard !Worker.start("close", {}) else { return }
        do {
            try queue.close()
        } catch {
            // A statement is running whose result is not needed any more.
        }
        _ = unsafe Unmanaged.passRetained(queue)
    }
}
