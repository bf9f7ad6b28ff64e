/// A command that a page of the documentation shows, with the lines that follow it there.
struct PageCommand: CustomStringConvertible {
    /// The page and the line on it, from 1.
    let page: String
    let line: Int
    /// What a person types, without a prompt and without a remark.
    let text: String
    /// The lines that are printed, "..." for any; empty where the page shows none.
    let printed: [String]

    var description: String { "\(page):\(line): \(text)" }

    /// The words before a redirection, quotes taken off.
    var words: [String] {
        text.split(separator: " ").map { $0.filter { $0 != "'" } }
    }

    /// The commands of a page, in its order: the lines of blocks that a shell reads, and those behind "$ " in others.
    static func all(on page: String, _ text: String) -> [PageCommand] {
        var commands: [PageCommand] = []
        var language: Substring?
        var open: (line: Int, text: String, printed: [String])?
        func close() {
            if let open {
                commands.append(
                    PageCommand(page: page, line: open.line, text: open.text, printed: open.printed))
            }
            open = nil
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") {
                close()
                language = language == nil ? line.dropFirst(3) : nil
            } else if language == "", line.hasPrefix("$ ") {
                close()
                open = (index + 1, String(line.dropFirst(2)), [])
            } else if language == "", open != nil {
                open?.printed.append(String(line))
            } else if language == "sh" || language == "" && isTyped(line) {
                commands.append(
                    PageCommand(page: page, line: index + 1, text: withoutRemark(line), printed: []))
            }
        }
        return commands
    }

    /// Whether a line of a block without a prompt is one that a person types.
    private static func isTyped(_ line: Substring) -> Bool {
        ["magikbench ", "make ", "MAGIKBENCH_PYTHON="].contains { line.hasPrefix($0) }
    }

    private static func withoutRemark(_ line: Substring) -> String {
        var text = line
        while let mark = text.lastIndex(of: "#"),
            text[..<mark].hasSuffix("  ") || text[..<mark].hasSuffix(" ")
        {
            text = text[..<mark]
        }
        while text.hasSuffix(" ") { text.removeLast() }
        return String(text)
    }
}

/// How what is printed is held against what a page shows.
struct PrintedLines {
    /// Whether any number stands for any other: for what was measured on a stand-in.
    let hasOtherNumbers: Bool

    /// Whether the lines are printed in this order and without others between them; where a page has "...", any lines
    /// may stand, and seconds are never the same.
    func match(_ shown: [String], in printed: [String]) -> Bool {
        let wanted = shown.map(normal).drop { $0.isEmpty }
        let lines = printed.map(normal)
        return fits(wanted, lines.drop { $0.isEmpty })
    }

    private func fits(_ shown: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
        guard let first = shown.first else { return lines.allSatisfy(\.isEmpty) }
        guard first != "..." else {
            let rest = shown.dropFirst()
            return rest.isEmpty
                || lines.indices.contains { fits(rest, lines[$0...]) } || fits(rest, lines[lines.endIndex...])
        }
        return lines.first == first && fits(shown.dropFirst(), lines.dropFirst())
    }

    /// A line with one blank between words, and "#" in the place of numbers that may be others.
    private func normal(_ line: String) -> String {
        let words = line.split(separator: " ")
        return words.enumerated().map { index, word in
            let isTime = index + 1 < words.count && ["s", "ms", "min"].contains(words[index + 1])
            return isTime || hasOtherNumbers ? PrintedLines.masked(word) : String(word)
        }.joined(separator: " ")
    }

    private static func masked(_ word: Substring) -> String {
        var text = ""
        var isInside = false
        for letter in word {
            let belongs = letter.isNumber || isInside && (letter == "." || letter == ",")
            if belongs, !isInside { text += "#" }
            if !belongs { text.append(letter) }
            isInside = belongs
        }
        return text
    }
}
