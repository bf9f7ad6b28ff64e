import Datasets
import Graph
import QAT
import TestSupport

/// Outputs of a network that heads read, in memory of their own, with gradients.
final class DetectionOutputs {
    let sample: DetectionSample
    private(set) var numbers: [String: UnsafeMutableBufferPointer<Float>] = [:]
    private(set) var gradients: [String: UnsafeMutableBufferPointer<Float>] = [:]

    /// Outputs of so many samples, all 0.
    init(_ sample: DetectionSample, samples: Int) {
        self.sample = sample
        for (name, shape) in sample.outputs {
            let count = samples * shape.channels * shape.height * shape.width
            numbers[name] = DetectionOutputs.buffer(count)
            gradients[name] = DetectionOutputs.buffer(count)
        }
    }

    deinit {
        for buffer in numbers.values { buffer.deallocate() }
        for buffer in gradients.values { buffer.deallocate() }
    }

    private static func buffer(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        buffer.initialize(repeating: 0)
        return buffer
    }

    /// As heads read them; without gradients where `hasGradients` says so.
    func values(hasGradients: Bool = true) -> [String: HeadValues] {
        var values: [String: HeadValues] = [:]
        for (name, shape) in sample.outputs {
            guard let start = numbers[name]?.baseAddress else { continue }
            values[name] = HeadValues(
                channels: shape.channels, height: shape.height, width: shape.width,
                values: UnsafePointer(start),
                gradient: hasGradients ? gradients[name]?.baseAddress : nil)
        }
        return values
    }

    /// Fills all outputs with numbers from a range.
    func fill(_ range: ClosedRange<Float>, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for name in sample.outputs.keys.sorted() {
            guard let buffer = numbers[name] else { continue }
            for index in buffer.indices { buffer[index] = Float.random(in: range, using: &generator) }
        }
    }

    /// Fills all outputs with one number.
    func fill(with number: Float) {
        for buffer in numbers.values { buffer.update(repeating: number) }
    }

    /// Moves every number by `step` against the sign of its gradient, and clears the gradients.
    func descend(step: Float) {
        for (name, gradient) in gradients {
            guard let buffer = numbers[name] else { continue }
            for index in buffer.indices where gradient[index] != 0 {
                buffer[index] -= gradient[index] > 0 ? step : -step
            }
            gradient.update(repeating: 0)
        }
    }
}
