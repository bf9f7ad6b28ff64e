import Foundation
import Graph

// What is wrong with single channels while a network trains.
extension Tensor {
    /// The share of channels that are zero in every row of a batch, 0 ... 1; nil where there is one channel alone.
    func shareOfDeadChannels(batch: Int) -> Double? {
        let channels = shape.channels
        let count = batch * shape.elements
        guard channels > 1, count > 0 else { return nil }
        var isAlive = [Bool](repeating: false, count: channels)
        var left = channels
        for start in stride(from: 0, to: count, by: channels) where left > 0 {
            for channel in 0..<channels where !isAlive[channel] && values[start + channel] != 0 {
                isAlive[channel] = true
                left -= 1
            }
        }
        return Double(left) / Double(channels)
    }
}

extension Observer {
    /// How far the running statistics that the last pass took are from those of its batch; nil without batch norm, and where
    /// every channel has one value alone.
    func statisticsGap(of kernel: any NormalizingKernel) -> Double? {
        guard let gamma = kernel.epilogue.gamma, let beta = kernel.epilogue.beta else { return nil }
        let channels = gamma.count
        let count = program.options.batch * kernel.quantizedOutput.shape.elements
        guard let values = scope.before.baseAddress, count <= scope.before.count, count > channels else {
            return nil
        }
        kernel.fillNormalized(values)
        var sums = [Double](repeating: 0, count: channels)
        var squares = sums
        for start in stride(from: 0, to: count, by: channels) {
            for channel in 0..<channels {
                let value = Double(values[start + channel] - beta.values[channel])
                sums[channel] += value
                squares[channel] += value * value
            }
        }
        let rows = Double(count / channels)
        let gaps = (0..<channels).compactMap { channel -> Double? in
            let scale = Double(max(gamma.values[channel], BatchNorm.leastGamma))
            let mean = sums[channel] / rows
            let deviation = max(0, squares[channel] / rows - mean * mean).squareRoot() / scale
            guard deviation > 1e-6, deviation.isFinite else { return nil }
            return max(abs(mean / scale), abs(log(deviation)))
        }.sorted()
        return gaps.isEmpty ? nil : gaps[gaps.count / 2]
    }
}
