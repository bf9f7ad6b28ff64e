import Foundation
import Synchronization
import Terminal

/// Writing to standard output and standard error that outlives their readers: a closed terminal or pipe is an answer,
/// where Foundation's handles end the program.
enum Output {
    /// The error of the first write to standard output that was refused; 0 for none.
    private static let refusal = Atomic<Int32>(0)

    /// Why what was printed is not all where it should be; nil where it is. Asked once, at the end of the program.
    static func failure() -> String? {
        let flushed = StandardOutput.finish()
        let number = refusal.load(ordering: .relaxed)
        return (number == 0 ? flushed : number).map { String(cString: strerror($0)) }
    }

    /// Writes all of a text; false where nobody can read it any more.
    @discardableResult
    static func write(_ text: String, to descriptor: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
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
