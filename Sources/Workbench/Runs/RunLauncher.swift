import Foundation
import Graph

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Starts training runs as processes of their own, which live on without whoever started them; and signals them.
public enum RunLauncher {
    /// What a run is told.
    public enum Order: Hashable, Sendable {
        /// Wait until it is told to go on.
        case pause
        /// Go on.
        case goOn
        /// Save a checkpoint and end.
        case stop
    }

    /// The file in the folder of runs that their messages go to.
    public static let logName = "launch.log"
    /// A log that is longer begins anew with the next run.
    private static let longLog = 4 << 20

    /// Starts `magikbench train SESSION ...` and gives its process; `ended` hears, on a thread of its own, why it
    /// failed, or nil.
    ///
    /// Throws `SessionError` where it cannot be started.
    @discardableResult
    public static func launch(
        session folder: String, arguments: [String], program: String = "/proc/self/exe",
        ended: @escaping @Sendable (String?) -> Void
    ) throws(SessionError) -> Int {
        let runs = folder + "/" + RunFiles.folder
        do {
            _ = try Disk.makeFolder(runs)
        } catch {
            throw .unwritable(runs, reason: "\(error)")
        }
        let log = runs + "/" + logName
        let start: Int
        do {
            let size = try Disk.size(of: log) ?? 0
            if size > longLog { Disk.discardFile(log) }
            start = size > longLog ? 0 : size
        } catch {
            throw .unreadable(log, reason: "\(error)")
        }
        let (child, problem) = spawn(program, ["magikbench", "train", folder] + arguments, log: log)
        guard problem == 0 else {
            throw .unwritable(folder, reason: "a run cannot be started: \(DiskError.system(problem))")
        }
        let thread = Thread { ended(failure(of: child, log: log, from: start)) }
        thread.name = "child"
        thread.start()
        return Int(child)
    }

    /// Tells a run something; gives why it cannot, or nil.
    public static func tell(_ record: RunRecord, _ order: Order) -> String? {
        guard record.process.host == Machine.host else {
            return "run \(record.id) is on \(record.process.host); only there it can be told anything"
        }
        // Without its time of start, a number may be another process's by now.
        guard record.process.isAlive == true, record.process.startTime != nil,
            let process = pid_t(exactly: record.process.number)
        else {
            return "run \(record.id) has no process any more"
        }
        let signals: [Int32] =
            switch order {
            case .pause: [SIGSTOP]
            case .goOn: [SIGCONT]
            // One that is paused acts on the first when it goes on, before its next step.
            case .stop: [SIGTERM, SIGCONT]
            }
        for signal in signals where kill(process, signal) != 0 {
            return "run \(record.id): \(DiskError.last)"
        }
        return nil
    }
}

// The process.
extension RunLauncher {
    /// Starts a program in a session of its own, without a terminal; its words are appended to a file.
    private static func spawn(
        _ program: String, _ arguments: [String], log: String
    ) -> (child: pid_t, problem: Int32) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o666)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        for descriptor in inherited { unsafe posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        // POSIX_SPAWN_SETSID, which the module leaves out.
        let ownSession: Int32 = 0x80
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | ownSession
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        var texts = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe texts.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let problem = unsafe posix_spawn(&child, program, &actions, &attributes, &texts, environ)
        return (child, problem)
    }

    /// Open files that a new program would get: a terminal or a lock among them would live as long as the run.
    private static var inherited: [Int32] {
        do {
            return try Disk.names(in: "/proc/self/fd").compactMap { Int32($0) }.filter { descriptor in
                let flags = fcntl(descriptor, F_GETFD)
                return descriptor > 2 && flags >= 0 && flags & FD_CLOEXEC == 0
            }
        } catch {
            // A system without this folder; what matters is closed by its own mark.
            return []
        }
    }

    /// Waits for the end of a run and gives its last words where it failed; nil where it is done or was told to stop.
    private static func failure(of child: pid_t, log: String, from start: Int) -> String? {
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0 {
            if errno != EINTR { return "the run cannot be waited for: \(DiskError.last)" }
        }
        let signal = status & 0x7F
        let code = status >> 8 & 0xFF
        if signal == 0, code == 0 || code == 130 { return nil }
        if signal != 0 { return "the run was ended by signal \(signal); it goes on from its last checkpoint" }
        do {
            let words = String(decoding: try Disk.read(log, limit: .max).dropFirst(start), as: UTF8.self)
            let lines = words.split(whereSeparator: \.isNewline).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if let last = lines.last(where: { !$0.isEmpty }) { return last.oneLine(upTo: 400) }
        } catch {
            return "the run failed, and \(log) cannot be read: \(error)"
        }
        return "the run failed with code \(code)"
    }
}
