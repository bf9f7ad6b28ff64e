import Foundation

/// Names the file at hand when the process crashes or hangs.
enum LastWords {
    /// A file that takes longer hangs.
    private static let secondsPerFile: UInt32 = 20
    private static let deadly = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM]

    // A signal handler may touch nothing that allocates or locks: the words lie ready before a file is tried.
    nonisolated(unsafe) private static let words = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64)
    nonisolated(unsafe) private static var length = 0

    /// Takes over the signals that end a process, on a stack of their own because the usual one may be used up.
    static func prepare() {
        let size = 1 << 16
        var stack = stack_t()
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        stack.ss_size = size
        if sigaltstack(&stack, nil) != 0 { say("a stack that overflows will not be named\n") }
        for number in deadly {
            var action = sigaction()
            action.sa_flags = SA_ONSTACK | Int32(bitPattern: UInt32(SA_RESETHAND))
            let handler: @convention(c) (Int32) -> Void = { number in
                write(STDERR_FILENO, LastWords.words.baseAddress, LastWords.length)
                raise(number)
            }
            #if os(Linux)
            action.__sigaction_handler.sa_handler = handler
            #else
            action.__sigaction_u.__sa_handler = handler
            #endif
            if sigaction(number, &action, nil) != 0 { say("signal \(number) will not be named\n") }
        }
    }

    /// Notes the file that is tried now and gives it its time.
    static func start(_ name: String) {
        length = words.update(fromContentsOf: "\n\(name) ended the process\n".utf8.prefix(words.count))
        alarm(secondsPerFile)
    }

    /// Nothing is tried any more.
    static func finish() { alarm(0) }

    /// Writes to standard error.
    static func say(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
