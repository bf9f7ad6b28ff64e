import Foundation

/// Writing to standard output and standard error that outlives their readers: a closed terminal or pipe is an answer,
/// where Foundation's handles end the program.
enum Output {
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
                return false
            }
        }
        return true
    }
}
