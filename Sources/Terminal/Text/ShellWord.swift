/// Words of a command line that can be copied into a shell.
package enum ShellWord {
    /// The word, in single quotes where a shell would change it.
    ///
    /// Signs that would steer a terminal are written out as bash reads them, $'\xHH'.
    package static func quoted(_ word: String) -> String {
        guard word.printable == word else {
            let signs = word.unicodeScalars.map { scalar -> String in
                if "'\\".unicodeScalars.contains(scalar) { return "\\\(scalar)" }
                guard String(scalar).printable != String(scalar) else {
                    return String(scalar)
                }
                return scalar.utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
            return "$'\(signs.joined())'"
        }
        let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy(isPlain)
        return isPlain
            ? word
            : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
                + "'"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || "._-/=,:@%+".unicodeScalars.contains(scalar)
    }
}
