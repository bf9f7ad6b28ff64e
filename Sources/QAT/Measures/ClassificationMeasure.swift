/// How well classes are named.
public struct ClassificationMeasure: Hashable, Sendable {
    /// Which class was answered by which.
    public private(set) var confusion: ConfusionMatrix
    private var rightOfFive = 0
    private var count = 0

    /// Nothing answered yet, by so many scores.
    public init(classes: Int) {
        confusion = ConfusionMatrix(classes: classes)
    }

    /// Adds a sample by its scores, one for each class; of equal scores the first one is the answer.
    public mutating func add(_ scores: UnsafeBufferPointer<Float>, label: Int) {
        precondition(
            scores.count == confusion.classes && scores.indices.contains(label), "a class has no score")
        let answer = scores.indices.dropFirst().reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
        let ahead = scores.indices.count { index in
            scores[index] > scores[label] || scores[index] == scores[label] && index < label
        }
        confusion.add(truth: label, answer: answer)
        rightOfFive += ahead < 5 ? 1 : 0
        count += 1
    }

    /// The share of samples whose largest score is that of their class; nil without samples.
    public var top1: Double? { confusion.accuracy }

    /// The share of samples whose class is among the five of the largest scores; nil without samples.
    public var top5: Double? { count == 0 ? nil : Double(rightOfFive) / Double(count) }
}
