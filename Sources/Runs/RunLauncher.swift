import Foundation
import Graph
import Platform
public import Sessions

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Starts training runs as processes of their own, which go on when their parent ends; and signals them.
public enum RunLauncher {
    /// What a run is told.
    public enum Signal: Hashable, Sendable {
        /// Wait until it is told to go on.
        case pause
        /// Go on.
        case goOn
        /// Save a checkpoint and end.
        case stop
    }

    /// The file in the folder of runs that their messages go to.
    public static let logName = "launch.log"
    private static let log = RunFiles.folder + "/" + logName
    /// A log that is longer begins anew with the next run.
    private static let longLog = 4 << 20

    /// Starts `magikbench train SESSION ...` and gives its process; `ended` is told, on a thread of its own, why it
    /// failed, or nil.
    ///
    /// Throws `SessionError` where it cannot be started.
    @discardableResult
    public static func launch(
        session folder: String, arguments: [String], program: String = "/proc/self/exe",
        ended: @escaping @Sendable (String?) -> Void
    ) throws(SessionError) -> Int {
        let files = try Session.files(of: folder)
        let (descriptor, start): (Int32, Int)
        do {
            _ = try files.makeFolder(RunFiles.folder)
            if try files.size(of: log) ?? 0 > longLog { files.discard(log) }
            descriptor = try files.openToWrite(log, O_WRONLY | O_APPEND)
            start = try files.size(of: log) ?? 0
        } catch {
            throw .unwritable(files.path(of: log), reason: "\(error)")
        }
        defer { close(descriptor) }
        let child: DetachedProcess
        do {
            child = try DetachedProcess(
                program, named: "magikbench", ["train", folder] + arguments,
                output: .descriptor(descriptor), errors: .descriptor(descriptor))
        } catch {
            throw .unwritable(folder, reason: "a run cannot be started: \(error)")
        }
        // Without a thread its end is not waited for; the store and the log say how it ended.
        _ = Worker.start("child") { ended(failure(of: child, in: files, from: start)) }
        return Int(child.number)
    }

    /// Tells a run something; gives why it cannot, or nil.
    public static func tell(_ record: RunRecord, _ signal: Signal) -> String? {
        guard record.process.host == System.host else {
            return "run \(record.id) is on \(record.process.host); only there it can be told anything"
        }
        // Without its time of start, a number may be another process's by now.
        guard record.process.isAlive == true, record.process.startTime != nil,
            let process = pid_t(exactly: record.process.number)
        else {
            return "run \(record.id) has no process any more"
        }
        let signals: [Int32] =
            switch signal {
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
    /// Waits for the end of a run and gives its last words where it failed; nil where it is done or was told to stop.
    private static func failure(of child: DetachedProcess, in files: Folder, from start: Int) -> String? {
        let code: Int32
        do {
            switch try child.wait() {
            case .code(0), .code(130): return nil
            case .signal(let signal):
                return "the run was ended by signal \(signal); it goes on from its last checkpoint"
            case .code(let other): code = other
            }
        } catch {
            return "the run cannot be waited for: \(error)"
        }
        do {
            let words = String(decoding: try files.read(log, limit: .max).dropFirst(start), as: UTF8.self)
            let lines = words.split(whereSeparator: \.isNewline).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if let last = lines.last(where: { !$0.isEmpty }) { return last.oneLine(upTo: 400) }
        } catch {
            return "the run failed, and \(files.path(of: log)) cannot be read: \(error)"
        }
        return "the run failed with code \(code)"
    }
}
