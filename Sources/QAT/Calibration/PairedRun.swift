import CKernels
import Foundation
import Graph

/// The float and the quantized program of one network on one batch, run side by side part by part.
final class PairedRun {
    let float: CalibrationRun
    let quantized: CalibrationRun
    /// The samples of the batch.
    let batch: Int
    private var places = (float: 0, quantized: 0)

    /// The most samples that are run at once.
    static let samples = 64

    /// Makes both ready and feeds them, with as many of the samples as memory takes.
    init(
        float: (analysis: Analysis, store: ParameterStore),
        quantized: (analysis: Analysis, store: ParameterStore), samples: CalibrationSamples,
        padsBothSides: Bool, memoryLimit: Int
    ) throws(CalibrationError) {
        var batch = min(PairedRun.samples, samples.count)
        func run(
            _ network: (analysis: Analysis, store: ParameterStore), isQuantized: Bool
        ) throws(CalibrationError) -> CalibrationRun {
            try CalibrationRun(
                network.analysis, store: network.store, batch: batch, isQuantized: isQuantized,
                padsBothSides: padsBothSides, arithmetic: isQuantized ? .best : .float,
                memoryLimit: memoryLimit)
        }
        var made: (CalibrationRun, CalibrationRun)?
        while made == nil {
            do {
                made = (try run(float, isQuantized: false), try run(quantized, isQuantized: true))
            } catch .engine(.memory(let bytes)) {
                guard batch > 1 else { throw .engine(.memory(bytes: bytes)) }
                batch /= 2
            } catch {
                throw error
            }
        }
        guard let made else { preconditionFailure("the loop ends with both") }
        (self.float, self.quantized) = made
        self.batch = batch
        // Samples from all over the set, where not all are taken.
        let stride = samples.count / batch
        for run in [self.float, self.quantized] { run.take(samples, every: stride) }
    }

    /// A part of both programs that has just run.
    struct Pair {
        let float: any NormalizingKernel
        let quantized: any NormalizingKernel
    }

    /// Runs both to the end of the next part with numbers of its own; nil, and both run to their ends, where none is left.
    func next() throws(EngineError) -> Pair? {
        guard let one = try advance(float.program, &places.float),
            let other = try advance(quantized.program, &places.quantized)
        else { return nil }
        precondition(one.name == other.name, "one network gives parts in one order")
        return Pair(float: one, quantized: other)
    }

    private func advance(
        _ program: Program, _ place: inout Int
    ) throws(EngineError) -> (
        any NormalizingKernel
    )? {
        while place < program.kernels.count {
            let kernel = program.kernels[place]
            try kernel.forward(.evaluation)
            place += 1
            if let kernel = kernel as? any NormalizingKernel, kernel.epilogue.hasNumbers { return kernel }
        }
        return nil
    }
}

extension Epilogue {
    /// Whether it has batch norm or a bias.
    var hasNumbers: Bool { gamma != nil || bias != nil }
}

/// How two rows of numbers go together, channel by channel.
struct ChannelMoments {
    private let channels: Int
    private let count: Double
    private var ours, theirs, squares, products: [Double]

    /// `ours` and `theirs` have axes rows, channels.
    init(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, rows: Int, channels: Int,
        scale: Double
    ) {
        self.channels = channels
        count = Double(rows)
        var sums = [Double](repeating: 0, count: 4 * channels)
        sums.withUnsafeMutableBufferPointer { sums in
            for row in 0..<rows {
                let start = row * channels
                for channel in 0..<channels {
                    let x = Double(first[start + channel])
                    let y = Double(second[start + channel])
                    sums[channel] += x
                    sums[channels + channel] += y
                    sums[2 * channels + channel] += x * x
                    sums[3 * channels + channel] += x * y
                }
            }
        }
        ours = Array(sums[..<channels])
        theirs = sums[channels..<2 * channels].map { $0 * scale }
        squares = Array(sums[2 * channels..<3 * channels])
        products = sums[(3 * channels)...].map { $0 * scale }
    }

    func mean(_ channel: Int) -> Double { ours[channel] / count }
    func otherMean(_ channel: Int) -> Double { theirs[channel] / count }
    func variance(_ channel: Int) -> Double {
        max(0, squares[channel] / count - mean(channel) * mean(channel))
    }

    /// What our numbers have to be multiplied with to come nearest to theirs, held near 1 where samples are few.
    func gain(_ channel: Int) -> Double {
        let variance = variance(channel)
        let covariance = products[channel] / count - mean(channel) * otherMean(channel)
        let pull = variance * ChannelMoments.pull / count
        guard variance > 1e-20, covariance > 0 else { return 1 }
        return min(2, max(0.5, (covariance + pull) / (variance + pull)))
    }

    /// The same where nothing can be added to them.
    func ratio(_ channel: Int) -> Double {
        let square = squares[channel] / count
        let product = products[channel] / count
        let pull = square * ChannelMoments.pull / count
        guard square > 1e-20, product > 0 else { return 1 }
        return min(2, max(0.5, (product + pull) / (square + pull)))
    }

    /// So many samples' worth of trust in a gain of 1.
    private static let pull = 16.0
}
