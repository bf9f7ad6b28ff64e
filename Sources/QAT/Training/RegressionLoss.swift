public import Datasets

/// Smooth L1: half the square of an error below 1, and the error less a half above (Girshick 2015, section 2.3).
public struct RegressionLoss: Sendable {
    /// The numbers of a sample.
    public let outputs: Int

    /// The loss of an output of so many numbers.
    public init(outputs: Int) { self.outputs = outputs }

    /// The sum over a batch of the mean over the numbers of a sample, times its weight; fills the gradient of its mean over the
    /// batch. Axes of `values`: sample, number.
    public func evaluate(
        _ values: UnsafeBufferPointer<Float>, answers: [SampleAnswer],
        gradient: UnsafeMutableBufferPointer<Float>?
    ) -> Double {
        precondition(values.count >= answers.count * outputs, "an output is too short")
        var sum = 0.0
        for (sample, answer) in answers.enumerated() {
            precondition(answer.numbers.count == outputs, "a number is missing")
            let weight = Double(answer.weight) / Double(outputs)
            for index in 0..<outputs {
                let place = sample * outputs + index
                let error = Double(values[place]) - Double(answer.numbers[index])
                sum += weight * (abs(error) < 1 ? error * error / 2 : abs(error) - 0.5)
                gradient?[place] = Float(weight * max(-1, min(1, error)) / Double(answers.count))
            }
        }
        return sum
    }
}
