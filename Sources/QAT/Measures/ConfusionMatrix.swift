/// How often each class was answered by each.
///
/// Shares are 0 ... 1; nil where there is nothing that they could be of.
public struct ConfusionMatrix: Hashable, Sendable {
    /// The classes, one after another in rows and in columns.
    public let classes: Int
    /// Whether a last row and column stand for the background: what was found where there is nothing, and what was not found.
    public let hasBackground: Bool
    /// Rows and columns.
    public var size: Int { hasBackground ? classes + 1 : classes }
    /// Samples, axes right class, answered class.
    public private(set) var counts: [Int]

    /// Nothing answered yet.
    public init(classes: Int, hasBackground: Bool = false) {
        self.classes = classes
        self.hasBackground = hasBackground
        let size = hasBackground ? classes + 1 : classes
        counts = Array(repeating: 0, count: size * size)
    }

    /// The samples of a class that were answered by another, or by itself.
    public subscript(truth: Int, answer: Int) -> Int { counts[truth * size + answer] }

    /// Adds samples.
    public mutating func add(truth: Int, answer: Int, count: Int = 1) {
        counts[truth * size + answer] += count
    }

    /// The samples of a class.
    public func samples(of label: Int) -> Int {
        counts[label * size..<(label + 1) * size].reduce(0, +)
    }

    /// The samples that were answered by a class.
    public func answers(of label: Int) -> Int {
        (0..<size).reduce(0) { $0 + self[$1, label] }
    }

    /// The share of the samples of a class that were answered by it.
    public func recall(of label: Int) -> Double? { share(self[label, label], of: samples(of: label)) }

    /// The share of the answers of a class that are right.
    public func precision(of label: Int) -> Double? { share(self[label, label], of: answers(of: label)) }

    /// The harmonic mean of recall and precision.
    public func f1(of label: Int) -> Double? {
        share(2 * self[label, label], of: samples(of: label) + answers(of: label))
    }

    /// The samples of a class that were answered by it over those that are of it or were answered by it.
    public func intersectionOverUnion(of label: Int) -> Double? {
        let right = self[label, label]
        return share(right, of: samples(of: label) + answers(of: label) - right)
    }

    /// The share of right answers.
    public var accuracy: Double? {
        share((0..<classes).reduce(0) { $0 + self[$1, $1] }, of: counts.reduce(0, +))
    }

    /// The mean of F1 over the classes that have samples or answers.
    public var macroF1: Double? { (0..<classes).compactMap { f1(of: $0) }.mean }

    private func share(_ part: Int, of whole: Int) -> Double? {
        whole == 0 ? nil : Double(part) / Double(whole)
    }
}
