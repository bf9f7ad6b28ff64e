import Datasets
import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// Losses of smoothed and weighted labels, of masks and of numbers, against PyTorch's and against differences.
@Suite("Losses of tasks", .limited)
struct TargetLossTests {
    @Test(
        "smoothed labels and weighted samples",
        arguments: [Loss.crossEntropy, .binaryCrossEntropy, .squaredError])
    func labelled(loss: Loss) throws {
        let fixture = try Self.fixture(loss.rawValue)
        let input = try fixture.tensor("input")
        let labels = try fixture.values("labels").map { Int32($0) }
        let weights = try fixture.values("weights").map { Float($0) }
        try expectAgreement(with: fixture) { values, gradient in
            let value = labels.withUnsafeBufferPointer { labels in
                weights.withUnsafeBufferPointer { weights in
                    loss.evaluate(
                        values, labels: labels, count: input.shape[0], classes: input.shape[1],
                        smoothing: (try? fixture.setting("smoothing")) ?? 0, weights: weights,
                        gradient: gradient)
                }
            }
            return value.sum / Double(input.shape[0])
        }
    }

    @Test(
        "the classes of pixels",
        arguments: [
            "segmentation", "segmentation of a smaller map", "segmentation with one channel",
        ])
    func segmentation(name: String) throws {
        let fixture = try Self.fixture(name)
        let shape = try fixture.tensor("input").shape
        let masks = try fixture.tensor("masks")
        let map = SegmentationLoss.Map(
            height: shape[1], width: shape[2], channels: shape[3], maskHeight: masks.shape[1],
            maskWidth: masks.shape[2])
        let classes = (0..<max(2, shape[3])).map { "class \($0)" }
        let loss = try SegmentationLoss(SegmentationTask(classes: classes), map, of: "last")
        let pixels = masks.shape[1] * masks.shape[2]
        let answers = (0..<shape[0]).map { sample in
            var answer = SampleAnswer()
            answer.mask = masks.values[sample * pixels..<(sample + 1) * pixels].map { UInt8($0) }
            return answer
        }
        try expectAgreement(with: fixture) { values, gradient in
            loss.evaluate(UnsafeBufferPointer(values), answers: answers, gradient: gradient).mean
        }
    }

    @Test("numbers")
    func regression() throws {
        let fixture = try Self.fixture("regression")
        let wanted = try fixture.tensor("wanted")
        let loss = RegressionLoss(outputs: wanted.shape[1])
        let answers = (0..<wanted.shape[0]).map { sample in
            var answer = SampleAnswer()
            answer.numbers = wanted.values[sample * loss.outputs..<(sample + 1) * loss.outputs].map {
                Float($0)
            }
            return answer
        }
        try expectAgreement(with: fixture) { values, gradient in
            loss.evaluate(UnsafeBufferPointer(values), answers: answers, gradient: gradient)
                / Double(answers.count)
        }
    }

    @Test("the weight of a sample scales its loss and its gradient")
    func weights() throws {
        let map = SegmentationLoss.Map(height: 1, width: 2, channels: 2, maskHeight: 1, maskWidth: 2)
        let pixels = try SegmentationLoss(SegmentationTask(classes: ["a", "b"]), map, of: "last")
        let numbers = RegressionLoss(outputs: 4)
        func evaluate(weight: Float) -> (losses: [Double], gradients: [Float]) {
            var answer = SampleAnswer()
            answer.mask = [1, 0]
            answer.numbers = [0, 1, 2, 3]
            answer.weight = weight
            let values = Self.buffer([1, -1, 0.5, 2])
            let gradient = Self.buffer([Float](repeating: .nan, count: 4))
            defer {
                values.deallocate()
                gradient.deallocate()
            }
            let first = pixels.evaluate(UnsafeBufferPointer(values), answers: [answer], gradient: gradient)
            let slopes = Array(gradient)
            let second = numbers.evaluate(UnsafeBufferPointer(values), answers: [answer], gradient: gradient)
            return ([first.sum, second], slopes + Array(gradient))
        }
        let (once, twice) = (evaluate(weight: 1), evaluate(weight: 2))
        #expect(zip(once.losses, twice.losses).allSatisfy { abs(2 * $0 - $1) < 1e-12 })
        #expect(zip(once.gradients, twice.gradients).allSatisfy { abs(2 * $0 - $1) < 1e-6 })
    }

    @Test("a batch without a judged pixel has no loss and no gradient, and large scores have finite ones")
    func extremes() throws {
        let map = SegmentationLoss.Map(height: 1, width: 2, channels: 1, maskHeight: 1, maskWidth: 2)
        let loss = try SegmentationLoss(SegmentationTask(classes: ["a", "b"]), map, of: "last")
        let values = Self.buffer([3e4, -3e4])
        let gradient = Self.buffer([.nan, .nan])
        defer {
            values.deallocate()
            gradient.deallocate()
        }
        var answer = SampleAnswer()
        answer.mask = [255, 255]
        let nothing = loss.evaluate(UnsafeBufferPointer(values), answers: [answer], gradient: gradient)
        #expect(nothing == SegmentationLoss.Value() && nothing.mean == 0 && Array(gradient) == [0, 0])
        answer.mask = [0, 0]
        let large = loss.evaluate(UnsafeBufferPointer(values), answers: [answer], gradient: gradient)
        #expect(large.sum == 3e4 && large.right == 1 && Array(gradient) == [0.5, 0])
    }

    @Test("an output whose channels do not fit the classes is refused")
    func channels() {
        let map = SegmentationLoss.Map(height: 1, width: 1, channels: 4, maskHeight: 1, maskWidth: 1)
        #expect {
            try SegmentationLoss(SegmentationTask(classes: ["a", "b", "c"]), map, of: "last")
        } throws: {
            "\($0)".contains("layer 'last' gives 4 channels; masks of 3 classes need 3 channels")
        }
    }

    private static func fixture(_ name: String) throws -> PyTorchFixture {
        try #require(try PyTorchFixture.cases("targets").first { $0.name == name })
    }

    private static func buffer(_ values: [Float]) -> UnsafeMutableBufferPointer<Float> {
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
        _ = buffer.initialize(from: values)
        return buffer
    }

    /// Fails where the mean loss or its gradient is not PyTorch's, or not what differences of the loss say.
    private func expectAgreement(
        with fixture: PyTorchFixture,
        _ loss: (UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Float>?) -> Double
    ) throws {
        let input = try fixture.values("input")
        let values = Self.buffer(input.map(Float.init))
        let gradient = Self.buffer([Float](repeating: .nan, count: input.count))
        defer {
            values.deallocate()
            gradient.deallocate()
        }
        expectClose([loss(values, gradient)], try fixture.values("loss"), within: 1e-6, "\(fixture): loss")
        let found = gradient.map(Double.init)
        expectClose(
            found, try fixture.values("gradient.input"), within: 1e-6, "\(fixture): gradient")
        let differences = values.indices.map { index in
            let (step, value): (Float, Float) = (1 / 256, values[index])
            defer { values[index] = value }
            values[index] = value + step
            let above = loss(values, nil)
            values[index] = value - step
            return (above - loss(values, nil)) / Double(2 * step)
        }
        expectClose(found, differences, within: 1e-4, "\(fixture): differences")
    }
}
