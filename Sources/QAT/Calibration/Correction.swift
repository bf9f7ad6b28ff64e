import CKernels
import Foundation
import Graph

/// Gives every part of a quantized network the numbers with which its sums come nearest to the float network's: the
/// gain and the mean of each channel, layer by layer from the input on, so that each is corrected behind those before it
/// (bias correction, Nagel et al. 2019). Batch norm's running statistics become those of the quantized sums.
struct Correction {
    private let run: PairedRun
    private let parts: [String: ScaledPart]
    private let store: ParameterStore
    /// By the full name of weights, where they were placed; empty where rounding is to the nearest code.
    private let placements: [String: WeightPlacement]

    /// `placements` are those of weights whose rounding is to be learned.
    init(
        _ run: PairedRun, _ parts: [ScaledPart], _ store: ParameterStore,
        rounding placements: [String: WeightPlacement]
    ) {
        self.run = run
        self.store = store
        self.placements = placements
        self.parts = Dictionary(
            parts.map { ($0.weight ?? $0.layer, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Corrects all parts; `progress` is told how many are done, and false ends it.
    func correct(progress: (Int) -> Bool) throws(EngineError) {
        var done = 0
        while let pair = try run.next() {
            if let part = parts[pair.quantized.name] {
                try round(pair, part)
                try correct(pair, part)
                // With its new numbers, for those that read it.
                try pair.quantized.forward(.evaluation)
            }
            done += 1
            guard progress(done) else { return }
        }
    }

    /// Learns how the weights of a product are rounded, and computes it again with them.
    private func round(_ pair: PairedRun.Pair, _ part: ScaledPart) throws(EngineError) {
        guard let weight = part.weight, let placement = placements[weight],
            let kernel = pair.quantized as? ConvolutionKernel,
            let stored = LearnedRounding(batch: run.batch).rounded(kernel, placement, part)
        else { return }
        try store.set(weight, to: stored)
        try kernel.forward(.evaluation)
    }

    private func correct(_ pair: PairedRun.Pair, _ part: ScaledPart) throws(EngineError) {
        let moments = Correction.moments(pair, batch: run.batch, unit: part.unit)
        guard let norm = part.norm else {
            return try correct(part, by: moments, channels: pair.quantized.quantizedOutput.shape.channels)
        }
        guard let gamma = store["\(norm)gamma"], let beta = store["\(norm)beta"],
            let mean = store["\(norm)runningMean"], let variance = store["\(norm)runningVariance"]
        else { return }
        var numbers = NormNumbers(channels: gamma.count)
        for channel in gamma.indices {
            let scale =
                Double(max(gamma[channel], BatchNorm.leastGamma))
                / (Double(variance[channel]) + Double(BatchNorm.epsilon)).squareRoot()
            let offset = Double(beta[channel]) - scale * Double(mean[channel])
            let gain = moments.gain(channel)
            // The mean and variance of the sums in front of batch norm.
            let sum = (moments.mean(channel) - offset) / scale
            let shift = moments.otherMean(channel) - gain * scale * sum
            numbers.set(
                channel, scale: gain * scale, shift: shift, mean: sum,
                variance: moments.variance(channel) / (scale * scale))
        }
        try numbers.store(in: store, norm)
    }

    /// How the normalized sums of both programs go together.
    static func moments(_ pair: PairedRun.Pair, batch: Int, unit: Double) -> ChannelMoments {
        let shape = pair.quantized.quantizedOutput.shape
        let count = batch * shape.elements
        let ours = UnsafeMutablePointer<Float>.allocate(capacity: count)
        let theirs = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer {
            ours.deallocate()
            theirs.deallocate()
        }
        pair.quantized.fillNormalized(ours)
        pair.float.fillNormalized(theirs)
        return ChannelMoments(
            ours, theirs, rows: count / shape.channels, channels: shape.channels, scale: unit)
    }

    /// Without batch norm the gain goes into the weights, whose codes stay as they are, and the mean into the bias.
    private func correct(_ part: ScaledPart, by moments: ChannelMoments, channels: Int) throws(EngineError) {
        var gains = [Double](repeating: 1, count: channels)
        // Weights that share one scale over all rows would get other codes.
        if let weight = part.weight, let values = store[weight], !part.isPerTensor, part.rows == channels {
            gains = (0..<channels).map { part.bias == nil ? moments.ratio($0) : moments.gain($0) }
            let row = values.count / channels
            try store.set(weight, to: values.indices.map { values[$0] * Float(gains[$0 / row]) })
        }
        guard let bias = part.bias, let values = store[bias] else { return }
        try store.set(
            bias,
            to: values.indices.map {
                let shift = moments.otherMean($0) - gains[$0] * moments.mean($0)
                return Float(gains[$0] * Double(values[$0]) + shift)
            })
    }
}
