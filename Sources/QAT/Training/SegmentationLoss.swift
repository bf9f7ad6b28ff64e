public import Datasets
import Foundation
public import Graph

/// Cross-entropy of the class of every cell of an output; with one channel, binary cross-entropy of class 1 against 0.
///
/// The output may be smaller than the mask: a cell is compared with the pixel where it begins.
public struct SegmentationLoss: Sendable {
    /// The number in a mask that stands for no class.
    public static let notJudged: UInt8 = 255

    /// The sizes of an output and of the masks that it is compared with.
    public struct Map: Hashable, Sendable {
        /// Rows of the output.
        public var height: Int
        /// Columns of the output.
        public var width: Int
        /// Numbers for each cell of the output.
        public var channels: Int
        /// Rows of a mask.
        public var maskHeight: Int
        /// Columns of a mask.
        public var maskWidth: Int

        /// The sizes.
        public init(height: Int, width: Int, channels: Int, maskHeight: Int, maskWidth: Int) {
            self.height = height
            self.width = width
            self.channels = channels
            self.maskHeight = maskHeight
            self.maskWidth = maskWidth
        }
    }

    /// The sum over the cells of a batch that are judged, and the right answers among them.
    public struct Value: Hashable, Sendable {
        /// The sum of the losses, each times the weight of its sample.
        public var sum = 0.0
        /// The cells that are judged.
        public var count = 0
        /// The cells that are answered right.
        public var right = 0
        /// The mean loss; 0 where no cell is judged.
        public var mean: Double { count == 0 ? 0 : sum / Double(count) }
    }

    /// The sizes.
    public let map: Map
    private let classes: Int

    /// The loss of an output, whose layer is named in errors. Throws where its channels do not fit the classes of the task.
    public init(_ task: SegmentationTask, _ map: Map, of layer: String) throws(TrainingError) {
        let classes = task.classes.count
        guard map.channels == classes || map.channels == 1 && classes == 2 else {
            let wanted = classes == 2 ? "1 channel, or 2" : "\(classes) channels"
            throw .mismatch(
                "layer '\(layer)' gives \(map.channels) channels; masks of \(classes) classes need \(wanted)")
        }
        self.map = map
        self.classes = classes
    }

    /// The loss of a batch of outputs, axes sample, y, x, channel; fills the gradient of the mean over the judged cells.
    public func evaluate(
        _ values: UnsafeBufferPointer<Float>, answers: [SampleAnswer],
        gradient: UnsafeMutableBufferPointer<Float>?
    ) -> Value {
        let cells = map.height * map.width
        precondition(values.count >= answers.count * cells * map.channels, "an output is too short")
        let labels = answers.map { self.labels(of: $0.mask) }
        var value = Value()
        value.count = labels.reduce(0) { $0 + $1.count { $0 != SegmentationLoss.notJudged } }
        for (sample, answer) in answers.enumerated() {
            let weight = Double(answer.weight)
            for cell in 0..<cells {
                let place = (sample * cells + cell) * map.channels
                let scores = UnsafeBufferPointer(rebasing: values[place..<place + map.channels])
                let slopes = gradient.map {
                    UnsafeMutableBufferPointer(rebasing: $0[place..<place + map.channels])
                }
                let label = labels[sample][cell]
                guard label != SegmentationLoss.notJudged else {
                    slopes?.update(repeating: 0)
                    continue
                }
                let share = weight / Double(value.count)
                let (loss, isRight) =
                    map.channels == 1
                    ? binary(scores, label, share, slopes) : softmax(scores, Int(label), share, slopes)
                value.sum += weight * loss
                value.right += isRight ? 1 : 0
            }
        }
        return value
    }

    /// The class of every cell.
    private func labels(of mask: [UInt8]) -> [UInt8] {
        precondition(mask.count == map.maskHeight * map.maskWidth, "a mask has another size")
        var labels = [UInt8](repeating: 0, count: map.height * map.width)
        for y in 0..<map.height {
            let row = y * map.maskHeight / map.height * map.maskWidth
            for x in 0..<map.width {
                let label = mask[row + x * map.maskWidth / map.width]
                precondition(
                    label == SegmentationLoss.notJudged || label < classes, "a mask has another class")
                labels[y * map.width + x] = label
            }
        }
        return labels
    }

    private func softmax(
        _ scores: UnsafeBufferPointer<Float>, _ label: Int, _ share: Double,
        _ gradient: UnsafeMutableBufferPointer<Float>?
    ) -> (loss: Double, isRight: Bool) {
        var best = 0
        for index in scores.indices where scores[index] > scores[best] { best = index }
        let largest = Double(scores[best])
        var sum = 0.0
        for score in scores { sum += exp(Double(score) - largest) }
        let total = largest + log(sum)
        if let gradient {
            for index in scores.indices {
                let target = index == label ? 1.0 : 0.0
                gradient[index] = Float((exp(Double(scores[index]) - total) - target) * share)
            }
        }
        return (total - Double(scores[label]), best == label)
    }

    private func binary(
        _ scores: UnsafeBufferPointer<Float>, _ label: UInt8, _ share: Double,
        _ gradient: UnsafeMutableBufferPointer<Float>?
    ) -> (loss: Double, isRight: Bool) {
        let score = Double(scores[0])
        let target = label == 1 ? 1.0 : 0.0
        if let gradient { gradient[0] = Float((1 / (1 + exp(-score)) - target) * share) }
        return (max(score, 0) - score * target + log1p(exp(-abs(score))), (score > 0) == (label == 1))
    }
}
