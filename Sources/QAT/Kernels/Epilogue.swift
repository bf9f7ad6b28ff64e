import CKernels
import Foundation
import Graph

/// What follows a sum in a layer: bias, batch norm, activation and activation quantizer, in as few passes over memory as
/// they allow.
///
/// Reads raw sums, axes rows, channels; the true sum is `units` x raw + `offsets` by channel, so that integer codes need
/// no pass of their own.
final class Epilogue {
    /// What a layer decides of its epilogue.
    struct Settings {
        var activation: Activation
        /// The result's signal in this program; float has no quantizer.
        var signal: Signal
        var clip: Double
        /// The names of its parameters begin with this: "conv0.", "se.reduce.".
        var prefix: String
        var hasBatchNorm: Bool
        var biasName: String?
        var logClipName: String?
        /// Whether an epilogue that runs later has a part in the learned clip, and has set its gradient before.
        var sharesClip = false
    }

    private let layer: String
    private let channels: Int
    private let rows: Int
    private let period: Int
    private let partials: Builder.Partials
    private let arrays: Buffer
    private let sums: Buffer
    private let grid: QuantizationGrid?
    let activation: Int32
    private let fixedClip: Float
    private let logClip: ParameterView?
    private let sharesClip: Bool
    let gamma, beta, bias, slope: ParameterView?
    let runningMean, runningVariance: UnsafeMutablePointer<Float>?

    /// Whether the last forward pass took the running statistics, which then are constants to the gradients.
    private var usesRunning = false

    private static let momentum: Float = 0.1

    /// By channel, repeated over a period: what C reads; then by channel alone: units, and 1 / deviation.
    private enum Row: Int, CaseIterable {
        case scale, shift, slope, centre, first, second, third, units, deviation
    }

    init(_ builder: Builder, layer: String, channels: Int, rows: Int, _ settings: Settings) {
        self.layer = layer
        self.channels = channels
        self.rows = rows
        period = Epilogue.period(channels)
        partials = builder.partials
        grid = QuantizationGrid(settings.signal, on: builder.family)
        activation = settings.activation.kernelCode(on: grid)
        let isOffset = activation == Int32(CK_OFFSET)
        fixedClip = isOffset ? 6 : Float(settings.clip)
        logClip = isOffset || grid == nil ? nil : settings.logClipName.flatMap(builder.parameter)
        sharesClip = settings.sharesClip
        gamma = settings.hasBatchNorm ? builder.parameter(settings.prefix + "gamma") : nil
        beta = settings.hasBatchNorm ? builder.parameter(settings.prefix + "beta") : nil
        runningMean = settings.hasBatchNorm ? builder.statistic(settings.prefix + "runningMean") : nil
        runningVariance = settings.hasBatchNorm ? builder.statistic(settings.prefix + "runningVariance") : nil
        bias = settings.biasName.flatMap(builder.parameter)
        slope = settings.activation == .prelu ? builder.parameter(settings.prefix + "slope") : nil
        builder.needsPartials(4 * period)
        arrays = builder.floats(Row.allCases.count * period, .always)
        sums = builder.buffer(bytes: 8 * (3 * channels + 1), .always)
    }

    /// Enough repeats of the channels to fill vectors.
    static func period(_ channels: Int) -> Int { channels >= 48 ? channels : (63 / channels + 1) * channels }

    private func row(_ row: Row) -> UnsafeMutablePointer<Float> { arrays.floats + row.rawValue * period }

    private func spread(_ row: Row) {
        let start = self.row(row)
        for index in channels..<max(channels, period) { start[index] = start[index - channels] }
    }

    /// The clip in effect: the learned one where it is learned.
    var clip: Float { logClip.map { exp($0.values[0]) } ?? fixedClip }

    private var description: ck_epilogue {
        ck_epilogue(
            activation: activation, grid: grid.kernelKind, clip: clip, levels: grid.kernelLevels,
            period: Int64(period),
            scale: row(.scale), shift: row(.shift), slope: row(.slope))
    }

    private var count: Int64 { Int64(rows * channels) }

    /// Fills `output` from raw sums; where `lacking` is given, from twice these and what each row lacks, which become the
    /// raw sums.
    func forward(
        _ raw: UnsafeMutablePointer<Float>, into output: UnsafeMutablePointer<Float>, pass: Pass,
        units: UnsafePointer<Float>? = nil, offsets: UnsafePointer<Float>? = nil,
        lacking: UnsafePointer<Float>? = nil
    ) throws(EngineError) {
        for channel in 0..<channels { row(.units)[channel] = units?[channel] ?? 1 }
        if let gamma, let beta, let runningMean, let runningVariance {
            usesRunning = pass == .evaluation
            if !usesRunning {
                try normalizeByBatch(raw, gamma, beta, runningMean, runningVariance, offsets, lacking, pass)
            } else {
                if let lacking { ck_double_rows(raw, lacking, Int64(rows), Int64(channels)) }
                for channel in 0..<channels {
                    let scale = scale(of: channel, gamma, runningVariance)
                    let offset = (offsets?[channel] ?? 0) + (bias?.values[channel] ?? 0)
                    row(.scale)[channel] = scale * row(.units)[channel]
                    row(.shift)[channel] = beta.values[channel] + scale * (offset - runningMean[channel])
                    row(.deviation)[channel] =
                        1 / (runningVariance[channel] + BatchNorm.epsilon).squareRoot()
                    let unit = row(.units)[channel]
                    row(.centre)[channel] = unit == 0 ? 0 : (runningMean[channel] - offset) / unit
                }
                spread(.centre)
            }
        } else {
            if let lacking { ck_double_rows(raw, lacking, Int64(rows), Int64(channels)) }
            for channel in 0..<channels {
                row(.scale)[channel] = row(.units)[channel]
                row(.shift)[channel] = (offsets?[channel] ?? 0) + (bias?.values[channel] ?? 0)
            }
        }
        for channel in 0..<channels { row(.slope)[channel] = slope?.values[channel] ?? 0 }
        for row in [Row.scale, .shift, .slope] { spread(row) }
        var description = description
        ck_epilogue_forward(&description, raw, output, count)
    }

    /// Fills `output` once more, from the raw sums as the last forward pass left them.
    func refill(_ raw: UnsafeMutablePointer<Float>, into output: UnsafeMutablePointer<Float>) {
        var description = description
        ck_epilogue_forward(&description, raw, output, count)
    }

    /// Mean and variance of the batch decide scale and shift; they move the running ones, or become them.
    private func normalizeByBatch(
        _ raw: UnsafeMutablePointer<Float>, _ gamma: ParameterView, _ beta: ParameterView,
        _ runningMean: UnsafeMutablePointer<Float>, _ runningVariance: UnsafeMutablePointer<Float>,
        _ offsets: UnsafePointer<Float>?, _ lacking: UnsafePointer<Float>?, _ pass: Pass
    ) throws(EngineError) {
        // Sums about the first row lose nothing where the mean is far from zero.
        for channel in 0..<channels {
            row(.centre)[channel] = lacking.map { 2 * raw[channel] + $0[0] } ?? raw[channel]
        }
        spread(.centre)
        let found = sums.doubles
        ck_statistics(
            raw, lacking, row(.centre), count, Int64(period), Int64(channels), partials.doubles, found)
        let number = Double(rows)
        for channel in 0..<channels {
            let apart = found[channel] / number
            let mean = Double(row(.centre)[channel]) + apart
            let variance = max(0, found[channels + channel] / number - apart * apart)
            guard mean.isFinite, variance.isFinite else {
                throw .notFinite(layer: layer, what: "the mean or variance of channel \(channel)")
            }
            let unit = Double(row(.units)[channel])
            let trueVariance = variance * unit * unit
            let deviation = 1 / (trueVariance + Double(BatchNorm.epsilon)).squareRoot()
            let scale = Double(max(gamma.values[channel], BatchNorm.leastGamma)) * deviation * unit
            row(.deviation)[channel] = Float(deviation)
            row(.scale)[channel] = Float(scale)
            row(.shift)[channel] = Float(Double(beta.values[channel]) - scale * mean)
            row(.centre)[channel] = Float(mean)
            let offset = Double((offsets?[channel] ?? 0) + (bias?.values[channel] ?? 0))
            if pass == .estimation {
                runningMean[channel] = Float(mean * unit + offset)
                runningVariance[channel] = Float(trueVariance)
            }
            guard pass == .training else { continue }
            let spreadOf = rows > 1 ? number / (number - 1) : 1
            let momentum = Epilogue.momentum
            runningMean[channel] += momentum * (Float(mean * unit + offset) - runningMean[channel])
            runningVariance[channel] += momentum * (Float(trueVariance * spreadOf) - runningVariance[channel])
        }
        spread(.centre)
    }

    /// Fills the gradients of bias, batch norm, slopes and clip, and `result`, where it is given, with that of the true
    /// sums; it may be the result's gradient itself.
    func backward(
        _ raw: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
        into result: UnsafeMutablePointer<Float>?
    ) {
        if gamma == nil {
            for channel in 0..<period { row(.centre)[channel] = 0 }
        }
        var description = description
        let found = sums.doubles
        ck_epilogue_reduce(
            &description, raw, row(.centre), gradient, count, Int64(channels), partials.doubles, found)
        let number = Double(rows)
        for channel in 0..<channels {
            let sum = found[channel]
            if let gamma, let beta {
                let unit = Double(row(.units)[channel])
                let deviation = Double(row(.deviation)[channel])
                let product = found[channels + channel] * unit * deviation
                let isFree = gamma.values[channel] >= BatchNorm.leastGamma
                gamma.gradient?[channel] = isFree ? Float(product) : 0
                beta.gradient?[channel] = Float(sum)
                let scale = Double(max(gamma.values[channel], BatchNorm.leastGamma)) * deviation
                let second = usesRunning ? 0 : -scale * unit * deviation * product / number
                let third = usesRunning ? 0 : -scale * sum / number
                row(.first)[channel] = Float(scale)
                row(.second)[channel] = Float(second)
                row(.third)[channel] = Float(third - second * Double(row(.centre)[channel]))
            } else {
                bias?.gradient?[channel] = Float(sum)
                row(.first)[channel] = 1
                row(.second)[channel] = 0
                row(.third)[channel] = 0
            }
            slope?.gradient?[channel] = Float(found[2 * channels + channel])
        }
        if let logClip, let grid {
            let levels = Double(grid.lastPlace)
            let gradient = Float(found[3 * channels] / (Double(count) * levels).squareRoot())
            logClip.gradient?[0] = (sharesClip ? logClip.gradient?[0] ?? 0 : 0) + gradient
        }
        guard let result else { return }
        for row in [Row.first, .second, .third] { spread(row) }
        ck_epilogue_backward(
            &description, raw, gradient, row(.first), row(.second), row(.third), result, count)
    }

    /// Fills what the quantizer reads, from raw sums, with the scales and shifts of the last forward pass.
    func fillUnquantized(_ raw: UnsafeMutablePointer<Float>, into values: UnsafeMutablePointer<Float>) {
        var description = description
        description.grid = Int32(CK_FLOAT)
        // An offset has no loop without a quantizer behind it: the shift takes it in.
        guard activation == Int32(CK_OFFSET) else {
            return ck_epilogue_forward(&description, raw, values, count)
        }
        description.activation = Int32(CK_IDENTITY)
        for index in 0..<period { row(.third)[index] = row(.shift)[index] + 3 }
        description.shift = UnsafePointer(row(.third))
        ck_epilogue_forward(&description, raw, values, count)
    }

    /// Fills what the activation reads, from raw sums, with the scales and shifts of the last forward pass.
    func fillNormalized(_ raw: UnsafeMutablePointer<Float>, into values: UnsafeMutablePointer<Float>) {
        var description = description
        description.grid = Int32(CK_FLOAT)
        description.activation = Int32(CK_IDENTITY)
        ck_epilogue_forward(&description, raw, values, count)
    }

    /// What the batch norm multiplies each channel with in an evaluation; nil without one.
    var normalizingScales: [Float]? {
        guard let gamma, let runningVariance else { return nil }
        return (0..<channels).map { scale(of: $0, gamma, runningVariance) }
    }

    private func scale(
        of channel: Int, _ gamma: ParameterView, _ runningVariance: UnsafeMutablePointer<Float>
    ) -> Float {
        max(gamma.values[channel], BatchNorm.leastGamma)
            / (runningVariance[channel] + BatchNorm.epsilon).squareRoot()
    }

    /// The clip in effect and the lower end of the range in its units; nil without a quantizer.
    var range: (clip: Float, lower: Float)? {
        grid.map { (clip, Float($0.lowest)) }
    }
}
