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
    /// Samples by place, axes right class, answered class; empty where there are too many places.
    private var dense: [Int]
    /// As `dense`, of the places that have samples, where there are too many.
    private var sparse: [Int: Int] = [:]
    private var rows: [Int]
    private var columns: [Int]

    /// The most rows that all places are kept of.
    private static let denseLimit = 2048

    /// Nothing answered yet.
    public init(classes: Int, hasBackground: Bool = false) {
        self.classes = classes
        self.hasBackground = hasBackground
        let size = hasBackground ? classes + 1 : classes
        dense = Array(repeating: 0, count: size <= ConfusionMatrix.denseLimit ? size * size : 0)
        rows = Array(repeating: 0, count: size)
        columns = rows
    }

    /// The samples of a class that were answered by another, or by itself.
    public subscript(truth: Int, answer: Int) -> Int {
        let place = truth * size + answer
        return dense.isEmpty ? sparse[place] ?? 0 : dense[place]
    }

    /// Adds samples.
    public mutating func add(truth: Int, answer: Int, count: Int = 1) {
        let place = truth * size + answer
        if dense.isEmpty { sparse[place, default: 0] += count } else { dense[place] += count }
        rows[truth] += count
        columns[answer] += count
    }

    /// The samples of a class.
    public func samples(of label: Int) -> Int { rows[label] }

    /// The samples that were answered by a class.
    public func answers(of label: Int) -> Int { columns[label] }

    /// Row by row, the samples of a right class by their answers.
    public var counts: [[Int]] {
        (0..<size).map { truth in (0..<size).map { self[truth, $0] } }
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
        share((0..<classes).reduce(0) { $0 + self[$1, $1] }, of: rows.reduce(0, +))
    }

    /// The mean of F1 over the classes that have samples or answers.
    public var macroF1: Double? { (0..<classes).compactMap { f1(of: $0) }.mean }

    private func share(_ part: Int, of whole: Int) -> Double? {
        whole == 0 ? nil : Double(part) / Double(whole)
    }
}
