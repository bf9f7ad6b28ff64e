/// Text broken into lines of a width.
package enum Paragraph {
    /// The width that every screen has.
    package static let width = 80

    /// The words of a text on lines of at most `width` cells; a single word that is longer stays whole.
    ///
    /// `first` stands before the first line and `indent` before the others; each line but the last ends in
    /// `continuation`, which joins them again in a shell.
    package static func lines(
        _ text: String, first: String = "", indent: String = "", continuation: String = "", width: Int = width
    ) -> [String] {
        lines(
            words: text.split(separator: " ").map(String.init), first: first, indent: indent,
            continuation: continuation, width: width)
    }

    /// The same for words that may hold blanks.
    package static func lines(
        words: [String], first: String = "", indent: String = "", continuation: String = "",
        width: Int = width
    ) -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for (position, word) in words.enumerated() {
            let isLast = position == words.count - 1
            let needed = (isEmpty ? 0 : 1) + word.displayWidth + (isLast ? 0 : continuation.displayWidth)
            if !isEmpty, line.displayWidth + needed > width {
                lines.append(line + continuation)
                line = indent
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }
}
