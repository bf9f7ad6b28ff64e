public import Foundation
public import Terminal

/// A program on a terminal of ours: its screen, its keys, its end.
public final class PseudoTerminal {
    /// What it shows.
    public private(set) var screen: VirtualScreen
    /// The number of its process: the guardian, where it has one.
    public let process: pid_t
    /// The ends of the terminal; -1, which `poll` passes over, once it is closed. The numbers are then those of other tests.
    private var (master, slave): (Int32, Int32)
    private var ending: Int32?

    /// Starts a program in a session of its own, whose terminal has a size.
    public init(
        _ program: String, _ arguments: [String] = [], size: Size = Size(rows: 24, columns: 80),
        environment: [String: String?] = [:]
    ) throws {
        screen = VirtualScreen(size)
        var (master, slave): (Int32, Int32) = (-1, -1)
        var window = winsize(
            ws_row: UInt16(size.rows), ws_col: UInt16(size.columns), ws_xpixel: 0, ws_ypixel: 0)
        var name = [CChar](repeating: 0, count: 256)
        guard openpty(&master, &slave, &name, nil, &window) == 0 else { throw FixtureError("openpty failed") }
        for descriptor in [master, slave] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.master = master
        self.slave = slave
        process = try PseudoTerminal.spawn([program] + arguments, on: path, environment)
    }

    deinit {
        if ending == nil {
            kill(-process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        hangUp()
    }

    private static func spawn(
        _ arguments: [String], on terminal: String, _ changes: [String: String?]
    ) throws -> pid_t {
        var variables = ProcessInfo.processInfo.environment
        for name in ["TMUX", "SSH_CONNECTION", "NO_COLOR", "LINES", "COLUMNS"] { variables[name] = nil }
        (variables["TERM"], variables["LC_ALL"]) = ("xterm-256color", "C.UTF-8")
        for (name, value) in changes { variables[name] = value }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a session opens becomes its own.
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of tests block signals; the program must not.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, 0x80 | Int16(POSIX_SPAWN_SETSIGMASK))
        var texts = arguments.map { strdup($0) } + [nil]
        var pairs = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (texts + pairs).forEach { free($0) } }
        var child: pid_t = 0
        let problem = posix_spawn(&child, arguments[0], &actions, &attributes, &texts, &pairs)
        guard problem == 0 else {
            throw FixtureError("\(arguments[0]) cannot be started: \(String(cString: strerror(problem)))")
        }
        return child
    }

    /// Types bytes.
    public func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// Gives the terminal another size, as a window manager does.
    public func resize(_ size: Size) {
        var window = winsize(
            ws_row: UInt16(size.rows), ws_col: UInt16(size.columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &window)
        screen.resize(size)
    }

    /// Sends the process a signal.
    public func signal(_ number: Int32) { kill(process, number) }

    /// The modes of the terminal: whether it echoes, and whether lines are edited.
    public var modes: (echoes: Bool, editsLines: Bool) {
        var found = termios()
        tcgetattr(slave, &found)
        return (found.c_lflag & UInt32(ECHO) != 0, found.c_lflag & UInt32(ICANON) != 0)
    }

    /// Reads until the screen is as wanted; throws with what it shows where that does not come.
    public func wait(_ what: String, until isDone: (VirtualScreen) -> Bool) throws {
        let end = Date.now + Waiting.limit
        while !isDone(screen) {
            guard Date.now < end, read(milliseconds: 200) || ending == nil || isDone(screen) else {
                throw FixtureError("waiting for \(what) in vain; the screen shows\n\(screen.text)")
            }
        }
    }

    /// Reads until a text is on the screen.
    public func wait(for text: String) throws { try wait("'\(text)'") { $0.text.contains(text) } }

    /// Reads what there is for some time.
    public func settle(milliseconds: Int32 = 150) { while read(milliseconds: milliseconds) {} }

    /// Reads what comes within a time; false where nothing did.
    @discardableResult
    private func read(milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, milliseconds) > 0, descriptor.revents & Int16(POLLIN) != 0 else {
            return false
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Foundation.read(master, &buffer, buffer.count)
        guard count > 0 else { return false }
        screen.read(buffer[..<count])
        return true
    }

    /// Waits for the end of the program and gives its exit status, or 256 plus the number of the signal that ended it.
    public func end() throws -> Int32 {
        if let ending { return ending }
        let limit = Date.now + Waiting.limit
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            read(milliseconds: 20)
            guard Date.now < limit else {
                throw FixtureError("the program does not end; it shows\n\(screen.text)")
            }
        }
        settle(milliseconds: 50)
        let result = status & 0x7F != 0 ? 256 + status & 0x7F : status >> 8 & 0xFF
        ending = result
        return result
    }

    /// The process that draws, where `process` is its guardian. The kernel's list of children may be short for a moment.
    public func guarded() throws -> pid_t {
        let path = "/proc/\(process)/task/\(process)/children"
        let limit = Date.now + Waiting.limit
        while true {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            if let child = text.split(separator: " ").first.flatMap({ pid_t($0) }) { return child }
            guard Date.now < limit else { throw FixtureError("process \(process) has no child") }
            settle(milliseconds: 5)
        }
    }

    /// How often the drawing process has gone to sleep and was woken.
    public func wakeups() throws -> Int {
        let child = try guarded()
        let status = try String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") }
        return line.flatMap { Int($0.split(separator: "\t").last ?? "") } ?? 0
    }

    /// Waits until the drawing process is stopped.
    public func waitUntilStopped() throws {
        let child = try guarded()
        let limit = Date.now + Waiting.limit
        while true {
            let status = try String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            if status.contains(") T ") { return }
            guard Date.now < limit else { throw FixtureError("process \(child) does not stop") }
            settle(milliseconds: 5)
        }
    }

    /// Closes the terminal under the program, as a window that is closed does.
    public func hangUp() {
        for descriptor in [slave, master] where descriptor >= 0 { close(descriptor) }
        (master, slave) = (-1, -1)
    }
}
