import Graph
import Platform
import Sessions

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A program that was started in a session of its own, without a terminal: it goes on when its parent ends.
struct DetachedProcess {
    /// Its number.
    let number: pid_t

    /// How it ended.
    enum End: Hashable {
        /// With a code.
        case code(Int32)
        /// By a signal.
        case signal(Int32)
    }

    /// Where its words go.
    enum Output {
        /// Discarded.
        case nothing
        /// To an open descriptor.
        case descriptor(Int32)
    }

    /// Starts a program, looked for along PATH where it has no slash, under the name that it is to see itself by;
    /// `environment` comes over this process's own.
    ///
    /// Throws where there is no such program, or it cannot be started.
    init(
        _ program: String, named name: String? = nil, _ arguments: [String], output: Output,
        errors: Output, environment: [String: String] = [:]
    ) throws(DiskError) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (number, target) in [(Int32(1), output), (2, errors)] {
            switch target {
            case .nothing: unsafe posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_WRONLY, 0)
            case .descriptor(let descriptor):
                unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, number)
            }
        }
        for descriptor in DetachedProcess.inherited {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        // POSIX_SPAWN_SETSID, which the module leaves out.
        let ownSession: Int32 = 0x80
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | ownSession
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        var texts = unsafe ([name ?? program] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe texts.forEach { unsafe free($0) } }
        var settings = unsafe DetachedProcess.environment(with: environment).map { unsafe strdup($0) } + [nil]
        defer { unsafe settings.forEach { unsafe free($0) } }
        var child: pid_t = 0
        var problem = unsafe posix_spawnp(&child, program, &actions, &attributes, &texts, &settings)
        // A file that was just written is busy while another thread's start still holds it open.
        for _ in 0..<200 where problem == ETXTBSY {
            System.pause()
            problem = unsafe posix_spawnp(&child, program, &actions, &attributes, &texts, &settings)
        }
        guard problem == 0 else { throw .system(problem) }
        number = child
    }

    /// Waits for the end.
    func wait() throws(DiskError) -> End {
        var status: Int32 = 0
        while unsafe waitpid(number, &status, 0) < 0 { if errno != EINTR { throw .last } }
        return DetachedProcess.end(status)
    }

    /// How it ended, or nil where it has not. To be asked no more once it has.
    func ended() throws(DiskError) -> End? {
        var status: Int32 = 0
        let found = unsafe waitpid(number, &status, WNOHANG)
        guard found >= 0 || errno == EINTR else { throw .last }
        return found == number ? DetachedProcess.end(status) : nil
    }

    private static func end(_ status: Int32) -> End {
        let signal = status & 0x7F
        return signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
    }

    /// This process's settings, but for those that are given.
    private static func environment(with given: [String: String]) -> [String] {
        var lines: [String] = []
        var place = unsafe environ
        while let text = unsafe place.pointee {
            let line = unsafe String(cString: text)
            if given[String(line.prefix { $0 != "=" })] == nil { lines.append(line) }
            unsafe place += 1
        }
        return lines + given.map { "\($0.key)=\($0.value)" }
    }

    /// Open files that a new program would get: a terminal or a lock among them would live as long as it.
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
}

/// The reading end of what another process writes, line by line.
struct LinePipe {
    private let reading: Int32
    private var rest: [UInt8] = []
    /// A longer line is none of ours; it is cut.
    private static let longest = 1 << 20

    /// What reading gave.
    enum ReadResult: Hashable {
        /// A line, without its end.
        case line(String)
        /// Nothing for as long as was waited.
        case nothing
        /// The other end is closed.
        case end
    }

    /// Makes a pipe and hands its writing end to `start`.
    init(_ start: (Int32) throws(DiskError) -> Void) throws(DiskError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw .last }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        defer { close(ends[1]) }
        do {
            try start(ends[1])
        } catch {
            close(ends[0])
            throw error
        }
    }

    /// Ends reading; further writes of the other end fail.
    func stop() { close(reading) }

    /// The next line, waited for at most so many milliseconds.
    mutating func next(within milliseconds: Int32) throws(DiskError) -> ReadResult {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeSubrange(...end)
                return .line(line)
            }
            if rest.count > LinePipe.longest { rest = [] }
            var wanted = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&wanted, 1, milliseconds)
            if ready < 0, errno == EINTR { return .nothing }
            guard ready >= 0 else { throw .last }
            if ready == 0 { return .nothing }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe read(reading, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { return .nothing }
            guard count >= 0 else { throw .last }
            if count == 0 { return .end }
            rest += chunk[..<count]
        }
    }
}
