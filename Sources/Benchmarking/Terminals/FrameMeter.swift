import CCurses
import Glibc
package import Terminal

/// Presents frames on a terminal without a display, and counts the bytes written.
///
/// Standard input and output are the terminal's until `leave`.
package final class FrameMeter {
    private let terminal: BlankTerminal
    private let screen: CursesScreen
    private let saved: (input: Int32, output: Int32)
    private var presented = 0

    /// Takes a terminal of a size.
    package init(_ size: Size, _ options: TerminalOptions) throws(TerminalError) {
        terminal = try BlankTerminal(size)
        let saved = (input: dup(STDIN_FILENO), output: dup(STDOUT_FILENO))
        dup2(terminal.slave, STDIN_FILENO)
        dup2(terminal.slave, STDOUT_FILENO)
        self.saved = saved
        do {
            screen = try CursesScreen(options)
        } catch {
            FrameMeter.restore(saved)
            throw error
        }
    }

    /// Shows a frame. The terminal holds 64 KiB until `written` reads them.
    package func present(_ frame: Frame) { screen.present(frame) }

    /// Bytes that were written since it was read last.
    package func written() -> Int {
        presented += 1
        // The terminal keeps the order: what comes before the mark is all there was.
        let mark = "\u{1B}]mark\(presented)\u{7}"
        screen.write(mark)
        guard let count = terminal.read(until: mark) else {
            preconditionFailure("a terminal of our own shows what was written on it")
        }
        return count - mark.utf8.count
    }

    /// Gives standard input and output back.
    package func leave() {
        screen.leave()
        FrameMeter.restore(saved)
    }

    private static func restore(_ saved: (input: Int32, output: Int32)) {
        dup2(saved.input, STDIN_FILENO)
        dup2(saved.output, STDOUT_FILENO)
        close(saved.input)
        close(saved.output)
    }
}
