/// What some rounds are asked for: how many tries, from which seed, and options of their own.
struct RoundArguments {
    /// Tries: `--count N`, at least 0.
    private(set) var count: Int
    /// Where they begin: `--seed S`; a random place without it.
    private(set) var seed = UInt64.random(in: 0..<1_000_000_000)
    /// The values of the options that only these rounds have.
    private(set) var values: [String: String] = [:]
    /// The flags that were given.
    private(set) var flags: Set<String> = []

    /// Reads arguments; nil where they make no sense. `options` have a value, `known` flags have none.
    init?(
        _ arguments: some Sequence<String>, count: Int, options: Set<String> = [],
        flags known: Set<String> = []
    ) {
        self.count = count
        var words = Array(arguments)[...]
        while let word = words.popFirst() {
            if known.contains(word) {
                flags.insert(word)
                continue
            }
            guard let value = words.popFirst() else { return nil }
            switch word {
            case "--count":
                guard let number = Int(value), number >= 0 else { return nil }
                self.count = number
            case "--seed":
                guard let number = UInt64(value) else { return nil }
                seed = number
            default:
                guard options.contains(word) else { return nil }
                values[word] = value
            }
        }
    }
}
