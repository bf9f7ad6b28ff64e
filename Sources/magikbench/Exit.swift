import ArgumentParser

/// The exit codes, as scripts read them.
enum Exit {
    /// Done, and the answer is no: findings, a mismatch.
    static let no = ExitCode(1)
    /// Bad usage or unreadable input.
    static let badUsage = ExitCode(2)
    /// Stopped by a signal, after saving.
    static let interrupted = ExitCode(130)
}
