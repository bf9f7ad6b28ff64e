import Datasets
import Foundation
import Graph

extension LabelObjective {
    func answers(to batch: AnsweredBatch, withLoss: Bool, threshold: Float) -> [NetworkAnswer] {
        let classes = output.shape.elements
        return (0..<batch.count).map { sample in
            let scores = UnsafeMutableBufferPointer(
                rebasing: output.values[sample * classes..<(sample + 1) * classes])
            let label = batch.labels[sample]
            let isJudged = withLoss && (0..<Int32(classes)).contains(label)
            let value =
                isJudged
                ? loss.evaluate(
                    scores, labels: UnsafeBufferPointer(rebasing: batch.labels[sample..<sample + 1]),
                    count: 1, classes: classes, gradient: nil) : nil
            return NetworkAnswer(content: .classes(best(of: scores)), loss: value?.sum)
        }
    }

    /// The three most probable classes; of equal scores the first ones.
    private func best(of scores: UnsafeMutableBufferPointer<Float>) -> [NetworkAnswer.Score] {
        let largest = scores.max() ?? 0
        let sum = scores.reduce(0) { $0 + exp($1 - largest) }
        var best: [Int] = []
        for _ in 0..<min(3, scores.count) {
            let next = scores.indices.filter { !best.contains($0) }.max {
                scores[$0] < scores[$1] || scores[$0] == scores[$1] && $0 > $1
            }
            if let next { best.append(next) }
        }
        return best.map { index in
            let probability =
                switch loss {
                case .binaryCrossEntropy: 1 / (1 + exp(-scores[index]))
                case .squaredError: min(1, max(0, scores[index]))
                case .crossEntropy, .distillation, .detection, .segmentation, .regression:
                    exp(scores[index] - largest) / sum
                }
            return NetworkAnswer.Score(label: Int32(index), probability: probability)
        }
    }
}

extension DistillationObjective {
    func answers(
        to batch: AnsweredBatch, withLoss: Bool, threshold: Float
    ) throws(TrainingError) -> [NetworkAnswer] {
        throw .mismatch(
            "distillation compares whole outputs and has no answers; ask with the loss of the task")
    }
}

extension DetectionObjective {
    func answers(to batch: AnsweredBatch, withLoss: Bool, threshold: Float) -> [NetworkAnswer] {
        let values = program.headValues(count: batch.count, withGradient: false)
        return (0..<batch.count).map { sample in
            let boxes = decoder.boxes(values, sample: sample, threshold: threshold)
            let own = values.mapValues { values in
                var own = values
                own.values += sample * values.channels * values.height * values.width
                return own
            }
            let parts = withLoss ? loss.evaluate(own, boxes: [batch.answers[sample].boxes]) : nil
            return NetworkAnswer(content: .boxes(boxes), loss: parts?.total)
        }
    }
}

extension SegmentationObjective {
    func answers(to batch: AnsweredBatch, withLoss: Bool, threshold: Float) -> [NetworkAnswer] {
        let size = output.shape.elements
        return (0..<batch.count).map { sample in
            guard withLoss else { return NetworkAnswer(content: .pixels(right: 0, count: 0), loss: nil) }
            let values = UnsafeBufferPointer(rebasing: output.values[sample * size..<(sample + 1) * size])
            let value = loss.evaluate(values, answers: [batch.answers[sample]], gradient: nil)
            return NetworkAnswer(
                content: .pixels(right: value.right, count: value.count), loss: value.mean)
        }
    }
}

extension RegressionObjective {
    func answers(to batch: AnsweredBatch, withLoss: Bool, threshold: Float) -> [NetworkAnswer] {
        let size = output.shape.elements
        return (0..<batch.count).map { sample in
            let values = UnsafeBufferPointer(rebasing: output.values[sample * size..<(sample + 1) * size])
            let sum = withLoss ? loss.evaluate(values, answers: [batch.answers[sample]], gradient: nil) : nil
            return NetworkAnswer(content: .numbers(Array(values)), loss: sum)
        }
    }
}
