/// Names of layers in few words.
enum LayerNames {
    /// The names in their order, with "conv1 to conv4" for three and more that count up.
    static func compact(_ names: [String]) -> [String] {
        var words: [String] = []
        var run: [String] = []
        func close() {
            if run.count > 2 {
                words.append("\(run[0]) to \(run[run.count - 1])")
            } else {
                words += run
            }
            run = []
        }
        for name in names {
            if let last = run.last, !follows(name, last) { close() }
            run.append(name)
        }
        close()
        return words
    }

    /// Whether the names differ only in a number at the end, and the first one's is the next.
    private static func follows(_ name: String, _ previous: String) -> Bool {
        let (stem, number) = split(name)
        let (previousStem, previousNumber) = split(previous)
        guard let number, let previousNumber, stem == previousStem else { return false }
        return number == previousNumber + 1
    }

    private static func split(_ name: String) -> (stem: Substring, number: Int?) {
        let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
        return (name.dropLast(digits), digits > 9 ? nil : Int(name.suffix(digits)))
    }
}
