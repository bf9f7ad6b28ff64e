import CKernels
import Graph

/// How large each channel of every layer is in the float network.
struct ChannelSurvey {
    /// A layer's channels.
    struct Channels {
        /// The largest magnitude.
        var largest: [Double]
        /// The mean of the squares.
        var squares: [Double]
    }

    /// By layer, its first output.
    private(set) var layers: [String: Channels] = [:]

    /// The most samples that are looked at.
    static let samples = 32

    /// Runs the float network over a few samples.
    init(
        _ analysis: Analysis, store: ParameterStore, samples: CalibrationSamples, padsBothSides: Bool
    ) throws(CalibrationError) {
        let batch = min(samples.batch(for: analysis), ChannelSurvey.samples)
        let runner = try CalibrationRun(
            analysis, store: store, batch: batch, isQuantized: false, padsBothSides: padsBothSides,
            arithmetic: .float)
        var start = 0
        var rounds = 0.0
        while start + batch <= min(samples.count, ChannelSurvey.samples) {
            start += runner.take(samples, from: start)
            rounds += 1
            do {
                try runner.forward { _, layer, isLast in
                    guard isLast, let tensor = runner.program.results[layer]?.first else { return }
                    add(tensor, layer, batch: batch)
                }
            } catch {
                throw .engine(error)
            }
        }
        layers = layers.mapValues { found in
            Channels(largest: found.largest, squares: found.squares.map { $0 / max(1, rounds) })
        }
    }

    private mutating func add(_ tensor: Tensor, _ layer: String, batch: Int) {
        let channels = tensor.shape.channels
        let rows = batch * tensor.rows
        var least = [Float](repeating: .infinity, count: channels)
        var most = [Float](repeating: -.infinity, count: channels)
        ck_channel_ranges(tensor.values, Int64(rows), Int64(channels), &least, &most)
        let moments = ChannelMoments(tensor.values, tensor.values, rows: rows, channels: channels, scale: 1)
        var found =
            layers[layer]
            ?? Channels(
                largest: [Double](repeating: 0, count: channels),
                squares: [Double](repeating: 0, count: channels))
        for channel in 0..<channels {
            found.largest[channel] = max(
                found.largest[channel], Double(most[channel]), -Double(least[channel]))
            found.squares[channel] +=
                moments.variance(channel) + moments.mean(channel) * moments.mean(channel)
        }
        layers[layer] = found
    }
}
