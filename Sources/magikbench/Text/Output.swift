import Foundation
import Synchronization
import Terminal

/// Writing to standard output and standard error: the one place that prints.
///
/// Whatever a text repeats, a name out of a file or a path, it cannot steer a terminal: control and format characters are
/// written out as \u{...}, but for line ends. Writing outlives its readers: a closed terminal or pipe is an answer, where
/// Foundation's handles end the program.
enum Output {
    /// The error of the first write to standard output that was refused; 0 for none.
    private static let refusal = Atomic<Int32>(0)

    /// Why what was printed is not all where it should be; nil where it is. Asked once, at the end of the program.
    static func failure() -> String? {
        let flushed = StandardOutput.finish()
        let number = refusal.load(ordering: .relaxed)
        return (number == 0 ? flushed : number).map { String(cString: strerror($0)) }
    }

    /// Writes all of a text; false if the other end is closed.
    @discardableResult
    static func write(_ text: String, to descriptor: Int32) -> Bool {
        let isStyled = descriptor == STDOUT_FILENO && TextStyle.standardOutput.isColoured
        return write(bytes: Array(shown(text, isStyled: isStyled).utf8), to: descriptor)
    }

    /// Writes a text in place of the line that a terminal's cursor is on; an empty one clears it.
    static func rewrite(_ line: String, to descriptor: Int32) {
        write(bytes: Array("\r\(line.printable)\u{1B}[K".utf8), to: descriptor)
    }

    /// The text as it is written: its styles where a terminal shows them, and nothing else that a terminal obeys.
    static func shown(_ text: String, isStyled: Bool = false) -> String {
        // Most texts are plain, and JSON of a megabyte is a text as well.
        guard text.utf8.contains(where: { $0 < 0x20 && $0 != 0x0A || $0 >= 0x7F }) else { return text }
        var shown = ""
        var plain = ""
        for scalar in text.unicodeScalars {
            let code = isStyled ? StyleMark(rawValue: scalar)?.code : nil
            guard code != nil || scalar == "\n" else {
                plain.unicodeScalars.append(scalar)
                continue
            }
            shown += plain.printable + (code.map { "\u{1B}[\($0)m" } ?? "\n")
            plain = ""
        }
        return shown + plain.printable
    }

    @discardableResult
    private static func write(bytes: [UInt8], to descriptor: Int32) -> Bool {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                bytes = bytes.dropFirst(written)
            } else if written < 0 && errno == EINTR {
                continue
            } else {
                if descriptor == STDOUT_FILENO { refusal.store(errno, ordering: .relaxed) }
                return false
            }
        }
        return true
    }
}

/// Prints a text and a line end on standard output, as every command does; it stands in for Swift's own, which would hand
/// on whatever a name holds.
func print(_ text: String) { Output.write(text + "\n", to: STDOUT_FILENO) }
