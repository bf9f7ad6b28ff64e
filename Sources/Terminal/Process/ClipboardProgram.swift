import CCurses
import Glibc

/// Programs that put a text into the clipboard of tmux or of a desktop, beside what the terminal does with OSC 52.
public enum ClipboardProgram {
    /// A program, what it is called on the screen, and how it is run.
    struct Way {
        let name: String
        let words: [String]
    }

    /// Hands a text to the programs that the environment has a place for: tmux inside tmux, then the first one of the
    /// desktop that takes it. Gives the names of those that took it. Waits for each, so it is for a thread of its own.
    public static func take(_ text: String) -> [String] {
        ways { Environment[$0] }.compactMap { choices in choices.first { run($0.words, reading: text) }?.name
        }
    }

    /// What to try: of each list the first that works.
    static func ways(_ variable: (String) -> String?) -> [[Way]] {
        var lists: [[Way]] = []
        if variable("TMUX") != nil {
            lists.append([
                // With -w tmux hands it on to the terminal that it runs in.
                Way(name: "tmux", words: ["tmux", "load-buffer", "-w", "-"]),
                Way(name: "tmux's buffer", words: ["tmux", "load-buffer", "-"]),
            ])
        }
        var desktop: [Way] = []
        if variable("WAYLAND_DISPLAY") != nil { desktop.append(Way(name: "wl-copy", words: ["wl-copy"])) }
        if variable("DISPLAY") != nil {
            desktop.append(Way(name: "xclip", words: ["xclip", "-selection", "clipboard"]))
            desktop.append(Way(name: "xsel", words: ["xsel", "--clipboard", "--input"]))
        }
        #if os(macOS)
        desktop.append(Way(name: "pbcopy", words: ["pbcopy"]))
        #endif
        if !desktop.isEmpty { lists.append(desktop) }
        return lists
    }

    /// Steps of a hundredth of a second that a program has to take a text.
    private static let patience = 200

    /// Runs a program that reads a text; false where there is none, it fails, or it takes too long.
    private static func run(_ words: [String], reading text: String) -> Bool {
        guard let file = tmpfile() else { return false }
        defer { fclose(file) }
        Descriptor.writeAll(fileno(file), text)
        lseek(fileno(file), 0, SEEK_SET)
        guard let child = start(words, input: fileno(file)) else { return false }
        var status: Int32 = 0
        for _ in 0..<patience {
            let found = waitpid(child, &status, WNOHANG)
            if found == child { return status == 0 }
            if found < 0, errno != EINTR { return false }
            usleep(10_000)
        }
        kill(child, SIGKILL)
        waitpid(child, &status, 0)
        return false
    }

    /// Starts a program in a session of its own: some stay behind to hold the clipboard.
    private static func start(_ words: [String], input: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        for output in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // POSIX_SPAWN_SETSID, which the module leaves out.
        let ownSession: Int32 = 0x80
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | ownSession
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        let problem = posix_spawnp(&child, words[0], &actions, &attributes, &arguments, cc_environment())
        return problem == 0 ? child : nil
    }
}
