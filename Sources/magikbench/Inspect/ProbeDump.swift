import Foundation
import QAT
import Weights

/// The tensors that a probe compared, for another program to compute the measures from.
final class ProbeDump {
    /// One batch: what is written is kept in memory first.
    static let mostSamples = 32

    private var tensors: [Safetensors.Tensor] = []

    /// Keeps a copy.
    func take(_ name: String, _ values: UnsafePointer<Float>, _ shape: [Int]) {
        let count = shape.reduce(1, *)
        tensors.append(
            Safetensors.Tensor(
                name, Array(UnsafeBufferPointer(start: values, count: count)), shape: shape))
    }

    /// Writes all of them.
    func write(to path: String) throws {
        try InputFile.write(Safetensors(tensors).encoded(), to: path)
    }
}
