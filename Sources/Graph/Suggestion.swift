/// The word that was most likely meant: the nearest by edits, if it is near enough to be worth saying. Numbers that
/// are near each other do not mean each other.
public func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let typed = Array(word.lowercased().prefix(64))
    guard typed.count > 1, !typed.allSatisfy(\.isNumber) else { return nil }
    let reach = max(1, typed.count / 3)
    return
        candidates
        .map { (candidate: $0, distance: editDistance(typed, Array($0.lowercased().prefix(64)))) }
        .filter { $0.distance <= reach }
        .min { $0.distance < $1.distance }?.candidate
}

/// "; did you mean 'stride'?" where a candidate is near, else nothing.
public func didYouMean(_ word: String, among candidates: some Sequence<String>) -> String {
    didYouMean(nearest(to: word, among: candidates))
}

/// "; did you mean 'stride'?" for the word that is near, or other words where none is.
public func didYouMean(_ nearest: String?, else others: String = "") -> String {
    nearest.map { "; did you mean '\($0)'?" } ?? others
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
private func editDistance(_ first: [Character], _ second: [Character]) -> Int {
    var twoBack: [Int] = []
    var previous = Array(0...second.count)
    for row in 0..<first.count {
        var current = [row + 1]
        for column in 0..<second.count {
            let same = first[row] == second[column]
            var best = min(
                previous[column + 1] + 1, current[column] + 1, previous[column] + (same ? 0 : 1))
            if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                best = min(best, twoBack[column - 1] + 1)
            }
            current.append(best)
        }
        twoBack = previous
        previous = current
    }
    return previous[second.count]
}
