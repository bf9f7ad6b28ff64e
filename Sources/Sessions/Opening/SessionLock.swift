import Graph
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The right to write a session, held by one program at a time.
///
/// A lock of the kernel on a file of the session's folder: it goes with its process, however that ends, so no user ever
/// has to clean up after anybody.
public final class SessionLock: Sendable {
    private let descriptor: Int32
    private let folder: Folder

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

    private init(descriptor: Int32, in folder: Folder) {
        self.descriptor = descriptor
        self.folder = folder
    }

    deinit {
        // While it is still locked: a program that opened the file meanwhile sees that it is not the folder's any more.
        folder.discard(SessionLock.fileName)
        close(descriptor)
    }

    /// Asks for the lock of a session's folder, at a time in seconds since 1970.
    public static func take(session path: String, at time: Double) -> Outcome {
        do throws(DiskError) {
            return try take(in: try Folder(path), at: time)
        } catch {
            return .unwritable("\(error)")
        }
    }

    private static func take(in folder: Folder, at time: Double) throws(DiskError) -> Outcome {
        while true {
            let descriptor: Int32
            do {
                descriptor = try folder.openToWrite(fileName, O_RDWR)
            } catch .unfit(let kind, let needed) {
                return .unwritable("\(fileName): \(DiskError.unfit(kind, needed: needed))")
            } catch .shared {
                return .unwritable("\(fileName): \(DiskError.shared)")
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let error = errno
                close(descriptor)
                return error == EWOULDBLOCK
                    ? .taken(holder(in: folder)) : .unwritable("\(DiskError.system(error))")
            }
            guard try isStill(descriptor, in: folder) else {
                // Its holder let go and removed it between our two calls.
                close(descriptor)
                continue
            }
            if let reason = write(SessionHolder(process: .current, since: time), to: descriptor) {
                close(descriptor)
                return .unwritable(reason)
            }
            return .held(SessionLock(descriptor: descriptor, in: folder))
        }
    }

    /// Whether an open file is still the lock of a folder.
    private static func isStill(_ descriptor: Int32, in folder: Folder) throws(DiskError) -> Bool {
        try folder.identity(of: fileName) == FileIdentity(of: descriptor)
    }

    /// Writes who holds the lock; gives the reason where that fails.
    private static func write(_ holder: SessionHolder, to descriptor: Int32) -> String? {
        guard ftruncate(descriptor, 0) == 0 else { return "\(DiskError.last)" }
        let bytes = Array((holder.json.compact + "\n").utf8)
        return Disk.writeOut(descriptor, bytes[...]) == bytes.count ? nil : "\(DiskError.last)"
    }

    private static func holder(in folder: Folder) -> SessionHolder? {
        do {
            let bytes = try folder.read(fileName, limit: 1 << 12)
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
            + (process.host == System.host ? "this machine" : process.host.oneLine(upTo: 64))
    }
}
