import Editing
import Foundation
import Graph
import Platform
import Sessions

/// A session that is measured, and its folder; both are gone afterwards.
enum BenchSession {
    /// Makes a session of a document for the time of a call, which gets its folder. What a program that is started
    /// meanwhile remembers goes beside it, and is not for the person who measures.
    static func with<Result>(_ document: Document, _ body: (String) throws -> Result) throws -> Result {
        let folder = try TemporaryFolder()
        let before = ProcessInfo.processInfo.environment["XDG_STATE_HOME"]
        setenv("XDG_STATE_HOME", folder.path, 1)
        defer {
            if let before { setenv("XDG_STATE_HOME", before, 1) } else { unsetenv("XDG_STATE_HOME") }
            folder.remove()
        }
        return try body(try Session.create(folder.path + "/bench", document).path)
    }
}
