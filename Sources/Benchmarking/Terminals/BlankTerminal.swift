import CCurses
import Glibc
package import Terminal

/// A terminal without a display: what is written on it is counted and discarded.
package final class BlankTerminal {
    /// The end that we read; a program has the other one.
    let master: Int32
    /// The end that a program has.
    let slave: Int32
    private let path: String

    /// A terminal of a size.
    package init(_ size: Size) throws(TerminalError) {
        var master: Int32 = -1
        var slave: Int32 = -1
        var window = winsize(
            ws_row: UInt16(size.rows), ws_col: UInt16(size.columns), ws_xpixel: 0, ws_ypixel: 0)
        var name = [CChar](repeating: 0, count: 256)
        guard openpty(&master, &slave, &name, nil, &window) == 0 else {
            throw .system("a terminal cannot be made", errno)
        }
        for descriptor in [master, slave] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        self.master = master
        self.slave = slave
        path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        close(master)
        close(slave)
    }

    /// Starts a program that has this terminal, with the environment of this process, and gives its number.
    package func start(_ program: String, _ arguments: [String]) throws(TerminalError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a session opens becomes its own.
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDWR, 0)
        for output in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, output)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        let setSession: Int16 = 0x80
        posix_spawnattr_setflags(&attributes, setSession)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var child: pid_t = 0
        let problem = posix_spawn(&child, program, &actions, &attributes, &words, cc_environment())
        guard problem == 0 else { throw .system("\(program) cannot be started", problem) }
        return child
    }

    /// Types bytes.
    package func type(_ text: String) { Descriptor.writeAll(master, text) }

    /// What the program writes within some milliseconds, as much as is there; empty where nothing came.
    package func read(milliseconds: Int32) -> [UInt8] {
        var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, milliseconds) > 0, descriptor.revents & Int16(POLLIN) != 0 else {
            return []
        }
        return [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, Glibc.read(master, buffer.baseAddress, buffer.count))
        }
    }

    /// Reads until a text was written so often, and gives the number of bytes; nil where that does not come in time.
    package func read(until text: String, times: Int = 1, seconds: Double = 20) -> Int? {
        let end = MonotonicClock.now + seconds
        let wanted = Array(text.utf8)
        var bytes: [UInt8] = []
        while count(wanted, in: bytes) < times {
            guard MonotonicClock.now < end else { return nil }
            bytes += read(milliseconds: 100)
        }
        return bytes.count
    }

    private func count(_ text: [UInt8], in bytes: [UInt8]) -> Int {
        guard bytes.count >= text.count else { return 0 }
        return (0...bytes.count - text.count).count { bytes[$0...].starts(with: text) }
    }

    /// Types what ends a program that was started here, and gives the milliseconds until it is gone; nil where it is not within
    /// some seconds, and was killed.
    package func end(_ process: Int32, typing text: String, seconds: Double = 30) -> Double? {
        let begin = MonotonicClock.now
        type(text)
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            _ = read(milliseconds: 1)
            guard MonotonicClock.now - begin < seconds else {
                kill(-process, SIGKILL)
                waitpid(process, &status, 0)
                return nil
            }
        }
        return (MonotonicClock.now - begin) * 1000
    }

    /// Ends a program that was started here; one that does not end in ten seconds is killed with all of its session.
    package func end(_ process: Int32) {
        kill(process, SIGTERM)
        let limit = MonotonicClock.now + 10
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            _ = read(milliseconds: 2)
            if MonotonicClock.now > limit { kill(-process, SIGKILL) }
        }
    }
}
