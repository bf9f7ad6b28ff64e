import Graph
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// This machine and its processes: names, numbers and the time.
package enum System {
    /// Seconds since 1970, UTC.
    package static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Seconds on a clock that is never set.
    package static var steady: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Lets others do something for a few milliseconds.
    package static func pause() {
        var time = timespec(tv_sec: 0, tv_nsec: 5_000_000)
        unsafe nanosleep(&time, nil)
    }

    /// The name of this machine in its network.
    package static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, 255) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    /// The number of this process.
    static var process: Int { Int(getpid()) }

    /// Whether this machine has a process of that number, of any user.
    static func hasProcess(_ number: Int) -> Bool {
        guard let number = pid_t(exactly: number), number > 0 else { return false }
        return kill(number, 0) == 0 || errno == EPERM
    }

    /// When a process was started, in the kernel's ticks since the machine was; nil where the system does not say.
    ///
    /// Numbers of processes are used again, and a machine that was started again begins with small ones.
    static func startTime(ofProcess number: Int) -> Int? {
        // The time is the 22nd field.
        let fields = statistics(ofProcess: number)
        return fields.count > 20 ? Int(fields[20]) : nil
    }

    /// Whether a process was stopped by a signal, and waits for another that lets it go on.
    package static func isStopped(process number: Int) -> Bool {
        let fields = statistics(ofProcess: number)
        return fields.count > 1 && (fields[1] == "T" || fields[1] == "t")
    }

    /// Whether a process has ended and was not waited for.
    static func isOver(process number: Int) -> Bool {
        let fields = statistics(ofProcess: number)
        return fields.count > 1 && (fields[1] == "Z" || fields[1] == "X")
    }

    /// What the kernel says of a process, from its second field on; empty where there is none.
    private static func statistics(ofProcess number: Int) -> [Substring] {
        do {
            let text = String(decoding: try Disk.read("/proc/\(number)/stat", limit: 1 << 16), as: UTF8.self)
            // The second field is a name in brackets, which may have spaces.
            guard let bracket = text.lastIndex(of: ")") else { return [] }
            return text[bracket...].split(separator: " ")
        } catch {
            // No such process, or a system without this file.
            return []
        }
    }

    /// A time as the clock on the wall shows it: "2026-11-25-143012".
    package static func wallTime(_ seconds: Double) -> String {
        var time = time_t(held: seconds)
        var parts = unsafe tm()
        unsafe localtime_r(&time, &parts)
        let date = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday]
        let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
        return date.map(padded).joined(separator: "-") + "-" + clock.map(padded).joined()
    }

    private static func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
