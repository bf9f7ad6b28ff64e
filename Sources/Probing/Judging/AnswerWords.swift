public import Datasets
import Editing
import Foundation
import Graph
public import QAT

/// What is right about samples, and what a network says, in words.
public struct AnswerWords: Sendable {
    private let classNames: [String]
    private let task: NetworkTask.Kind

    /// Words for a data set.
    public init(_ dataset: Dataset) {
        classNames = dataset.classNames
        task = dataset.task.kind
    }

    /// The name of a class; its number where the data set has no name for it.
    public func name(_ label: Int32) -> String {
        classNames.indices.contains(Int(label)) ? classNames[Int(label)] : "\(label)"
    }

    /// What is right about a sample: "ring", or "2 RBC, 1 WBC".
    public func truth(_ answer: SampleAnswer) -> String {
        switch task {
        case .classification: return name(answer.label)
        case .detection: return counts(answer.boxes.map(\.label))
        case .segmentation:
            let classes = Set(answer.mask).filter { $0 != 255 }.sorted()
            return classes.map { name(Int32($0)) }.joined(separator: ", ")
        case .regression: return answer.numbers.map { Figures.significant(Double($0)) }.joined(separator: " ")
        }
    }

    /// What a network says, in a few words.
    public func short(_ answer: NetworkAnswer) -> String {
        switch answer.content {
        case .classes(let scores): scores.first.map { name($0.label) } ?? ""
        case .boxes(let boxes): counts(boxes.map(\.label))
        case .pixels(let right, let count):
            count > 0 ? "\(Figures.percent(Double(right) / Double(count)))% of pixels" : ""
        case .numbers(let numbers): numbers.map { Figures.significant(Double($0)) }.joined(separator: " ")
        }
    }

    /// What a network says, each class or box with its share.
    public func long(_ answer: NetworkAnswer) -> [String] {
        switch answer.content {
        case .classes(let scores):
            scores.map { "\(name($0.label)) \(AnswerWords.percent($0.probability))" }
        case .boxes(let boxes):
            boxes.isEmpty
                ? ["no object"] : boxes.map { "\(name($0.label)) \(AnswerWords.percent($0.score))" }
        case .pixels, .numbers: [short(answer)]
        }
    }

    /// Whether the class that a network names first is the right one; nil where no class is named.
    public func isRight(_ answer: NetworkAnswer, _ truth: SampleAnswer) -> Bool? {
        switch answer.content {
        case .classes(let scores): scores.first.map { $0.label == truth.label }
        case .boxes, .pixels, .numbers: nil
        }
    }

    private static func percent(_ share: Float) -> String { String(format: "%.0f%%", share * 100) }

    private func counts(_ labels: [Int32]) -> String {
        guard !labels.isEmpty else { return "no object" }
        let counts = Dictionary(grouping: labels, by: { $0 }).mapValues(\.count)
        return counts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
            .map { "\($0.value) \(name($0.key))" }.joined(separator: ", ")
    }
}
