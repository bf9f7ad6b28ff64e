/// Why something cannot be measured, as a sentence.
struct BenchmarkError: Error, CustomStringConvertible {
    /// What is wrong.
    let description: String

    /// A reason.
    init(_ description: String) { self.description = description }
}
