/// How well a text answers what a person typed; the palette sorts by it.
enum Matching {
    /// A score, larger is better; nil where the letters do not occur in their order.
    ///
    /// Starts of words count most, then letters that follow each other.
    static func score(_ typed: String, in text: String) -> Int? {
        let wanted = Array(typed.lowercased().filter { $0 != " " })
        guard !wanted.isEmpty else { return 0 }
        let letters = Array(text.lowercased())
        var best: Int?
        // A few starts suffice: a better one begins at another occurrence of the first letter.
        for start in letters.indices where letters[start] == wanted[0] {
            guard let score = score(wanted, in: letters, from: start) else { continue }
            best = max(best ?? score, score)
        }
        return best
    }

    private static func score(_ wanted: [Character], in letters: [Character], from start: Int) -> Int? {
        var score = 0
        var place = start
        var last = -2
        for letter in wanted {
            guard let found = letters[place...].firstIndex(of: letter) else { return nil }
            let beginsWord = found == 0 || !(letters[found - 1].isLetter || letters[found - 1].isNumber)
            score += beginsWord ? 8 : found == last + 1 ? 6 : 1
            score -= min(4, max(0, found - last - 1) / 4)
            last = found
            place = found + 1
        }
        return score * 32 - start * 8 - letters.count
    }
}
