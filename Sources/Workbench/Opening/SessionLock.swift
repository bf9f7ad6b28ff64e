#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import Graph

/// The right to write a session, held by one program at a time.
///
/// A lock of the kernel on a file of the session's folder: it goes with its process, however that ends, so nobody ever
/// has to clean up after anybody.
public final class SessionLock: Sendable {
    private let descriptor: Int32
    private let path: String

    /// The file of a session that is locked. It names who holds it.
    static let fileName = "lock"

    /// What came of asking for the lock.
    public enum Outcome: Sendable {
        /// It is ours until it is released.
        case held(SessionLock)
        /// Another program has it; nil where it has not said yet who it is.
        case taken(SessionHolder?)
        /// The system does not let us write the folder, for a reason.
        case unwritable(String)
    }

    private init(descriptor: Int32, path: String) { (self.descriptor, self.path) = (descriptor, path) }

    deinit {
        // While it is still locked: whoever opened the file meanwhile sees that it is not the folder's any more.
        unsafe unlink(path)
        close(descriptor)
    }

    /// Asks for the lock of a session's folder, at a time in seconds since 1970.
    public static func take(session folder: String, at time: Double) -> Outcome {
        let path = folder + "/" + fileName
        while true {
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { return .unwritable("\(DiskError.last)") }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let error = errno
                close(descriptor)
                return error == EWOULDBLOCK
                    ? .taken(holder(in: path)) : .unwritable("\(DiskError.system(error))")
            }
            guard isStill(descriptor, at: path) else {
                // Its holder let go and removed it between our two calls.
                close(descriptor)
                continue
            }
            if let reason = write(SessionHolder(process: .current, since: time), to: descriptor) {
                close(descriptor)
                return .unwritable(reason)
            }
            return .held(SessionLock(descriptor: descriptor, path: path))
        }
    }

    /// Whether an open file is the one that a path leads to.
    private static func isStill(_ descriptor: Int32, at path: String) -> Bool {
        var (opened, found) = (stat(), stat())
        return unsafe fstat(descriptor, &opened) == 0 && stat(path, &found) == 0
            && opened.st_ino == found.st_ino && opened.st_dev == found.st_dev
    }

    /// Writes who holds the lock; gives the reason where that fails.
    private static func write(_ holder: SessionHolder, to descriptor: Int32) -> String? {
        guard ftruncate(descriptor, 0) == 0 else { return "\(DiskError.last)" }
        let bytes = Array((holder.json.compact + "\n").utf8)
        return Disk.writeOut(descriptor, bytes[...]) == bytes.count ? nil : "\(DiskError.last)"
    }

    private static func holder(in path: String) -> SessionHolder? {
        do {
            let bytes = try Disk.read(path, limit: 1 << 12)
            return SessionHolder(try JSON(bytes: bytes))
        } catch {
            // It is gone by now, or its holder has not written yet.
            return nil
        }
    }
}

/// Who has a session open to write.
public struct SessionHolder: Hashable, Sendable, CustomStringConvertible {
    /// The process.
    public let process: RunProcess
    /// Since when, in seconds since 1970.
    public let since: Double

    init(process: RunProcess, since: Double) { (self.process, self.since) = (process, since) }

    init?(_ json: JSON) {
        guard case .string(let host)? = json["host"], case .integer(let number)? = json["pid"] else {
            return nil
        }
        var startTime: Int?
        if case .integer(let ticks)? = json["pidStart"] { startTime = ticks }
        process = RunProcess(host: host, number: number, startTime: startTime)
        switch json["since"] {
        case .number(let seconds): since = seconds
        case .integer(let seconds): since = Double(seconds)
        case .null, .boolean, .string, .array, .object, nil: since = 0
        }
    }

    var json: JSON {
        [
            "host": .string(process.host), "pid": .integer(process.number),
            "pidStart": process.startTime.map(JSON.integer) ?? .null, "since": .number(since),
        ]
    }

    /// The process in words: "process 4411 on this machine".
    public var description: String {
        "process \(process.number) on "
            + (process.host == Machine.host ? "this machine" : process.host.oneLine(upTo: 64))
    }
}
