import Foundation
import Graph

/// What a quantizer would make of a tensor with another range or other bits, told from its histogram alone.
///
/// Inside a bin values are taken to lie evenly. A bin is as wide as the range / 2048, so that the answer is within 0.3 dB
/// of the quantizer's own for activations, and 0.6 dB for weights, whose channels share histograms; where all values lie on
/// a few points, as sums of codes do, it can be off by a decibel or two.
public struct WhatIf: Hashable, Sendable {
    /// Signal to quantization noise, local, in dB; nil where nothing would be lost, or there is no signal.
    public var sqnr: Double?
    /// The same where the scale of the quantized values may be any, for each group of channels: what is left where batch
    /// norm follows and learns the scale again.
    public var scaledSQNR: Double?
    /// The share of values outside the range.
    public var clipRatio: Double
    /// How many levels would be expected to occur.
    public var levelsUsed: Double
    /// How many there are.
    public var levels: Int

    /// The share of levels that would occur.
    public var levelUse: Double { levelsUsed / Double(levels) }
}

extension ProbedTensor {
    /// The tensor with other bits, and its clip or factor as it is; nil where no quantizer acts on it.
    public func whatIf(bits: Int) -> WhatIf? {
        switch observation.kind {
        case .weight: whatIf(factor: nil, bits: bits)
        case .feature: whatIf(clip: nil, bits: bits)
        }
    }

    /// An activation with its range ending elsewhere, or with other bits; nil where no quantizer acts on it.
    public func whatIf(clip: Double?, bits: Int? = nil) -> WhatIf? {
        guard observation.kind == .feature, let quantizer, let own = observation.clip, own > 0 else {
            return nil
        }
        let (clip, bits) = (clip ?? own, bits ?? quantizer.bits)
        guard clip > 0, clip.isFinite, (1...16).contains(bits) else { return nil }
        let grid = QuantizationGrid(quantizer.grid.kind, bits: bits)
        let lower = grid.range(end: clip).lower
        var model = GridModel(first: lower, step: grid.step(end: clip), count: grid.codeCount)
        model.range = lower...clip
        let seen = observation
        model.add(seen.histogram, from: seen.minimum, to: seen.maximum, isRectified: quantizer.isUnsigned)
        return model.whatIf
    }

    /// Weights with another factor, or with other bits; nil where no quantizer acts on them.
    public func whatIf(factor: Double?, bits: Int? = nil) -> WhatIf? {
        guard let quantizer, let profile, let reach = observation.clip else { return nil }
        let bits = bits ?? quantizer.bits
        let distance = factor.map { $0 * profile.deviation } ?? reach
        guard distance > 0, distance.isFinite, (1...8).contains(bits) else { return nil }
        let range = (profile.mean - distance)...(profile.mean + distance)
        var sum = GridModel(
            first: 0, step: 1, count: QuantizationGrid(quantizer.grid.kind, bits: bits).codeCount)
        for group in profile.groups {
            // Two reaches stand for all between the least and the greatest.
            let middle = (group.least + group.greatest) / 2
            let apart = (group.greatest - group.least) / 2 / 3.0.squareRoot()
            for reach in apart > 1e-6 * middle ? [middle - apart, middle + apart] : [middle] {
                let model = profile.model(of: group, reaching: reach, within: range, bits: bits)
                sum.add(model, weight: reach * reach, share: apart > 1e-6 * middle ? 0.5 : 1)
            }
        }
        return sum.whatIf
    }
}

extension WeightProfile {
    /// A group's histogram on the grid of a channel of some reach, in units of the reach.
    fileprivate func model(
        of group: Group, reaching reach: Double, within range: ClosedRange<Double>, bits: Int
    ) -> GridModel {
        let grid = QuantizationGrid(isSIMD ? .twosComplement : .offset, bits: bits)
        let reach = max(reach, 1e-30)
        let low = max(-1, range.lowerBound / reach)
        let high = min(1, range.upperBound / reach)
        // The code is that of the clipped weight over the largest clipped one, as on a grid without zero; the value takes
        // the largest of all.
        let clipped = max(abs(low), abs(high))
        let scale = isSIMD ? (reach < 0.05 ? reach + 0.05 : reach) : max(reach, 1e-4)
        var model = GridModel(
            first: -clipped, step: QuantizationGrid(.offset, bits: bits).step(end: clipped),
            count: grid.codeCount)
        model.firstValue = -scale / reach
        model.valueStep = grid.step(end: scale / reach)
        model.range = min(low, high)...max(low, high)
        model.add(group.histogram, from: -1, to: 1, isRectified: false)
        return model
    }
}

/// Sums over a histogram of what a grid makes of its values.
private struct GridModel {
    /// Where codes are decided: code k is nearest to first + k x step.
    let first: Double
    let step: Double
    /// The value of a code is firstValue + k x valueStep.
    var firstValue: Double
    var valueStep: Double
    /// Values are held to it before they are decided.
    var range = -Double.infinity...Double.infinity
    private var signal = 0.0
    private var noise = 0.0
    private var products = 0.0
    private var quantized = 0.0
    /// Noise at the best scale of each group that was added.
    private var scaledNoise: Double?
    private var values = 0.0
    private var outside = 0.0
    /// By code, the logarithm of the chance that no value has it.
    private var emptiness: [Double]

    init(first: Double, step: Double, count: Int) {
        self.first = first
        self.step = step
        firstValue = first
        valueStep = step
        emptiness = [Double](repeating: 0, count: count)
    }

    /// Adds a histogram of equal bins; where it is rectified, values below zero are zeros.
    mutating func add(_ histogram: [UInt32], from low: Double, to high: Double, isRectified: Bool) {
        let width = (high - low) / Double(histogram.count)
        for (bin, count) in histogram.enumerated() where count > 0 {
            let start = low + Double(bin) * width
            var mass = Double(count)
            values += mass
            guard width > 0 else {
                add(isRectified ? max(0, low) : low, mass)
                continue
            }
            var from = start
            var to = start + width
            if isRectified, from < 0 {
                let below = min(1, -from / width)
                if below > 0 { occupy(0, by: mass, share: below) }
                mass *= 1 - below
                from = 0
                to = max(0, to)
            }
            guard mass > 0, from < to else { continue }
            add(from, to, mass, count: Double(count), width: width)
        }
    }

    /// Adds values that lie evenly between two numbers.
    private mutating func add(
        _ from: Double, _ to: Double, _ mass: Double, count: Double, width: Double
    ) {
        let density = mass / (to - from)
        func piece(_ from: Double, _ to: Double, _ density: Double, _ code: Int) {
            add(from, to, density: density, code)
            occupy(code, by: count, share: (to - from) / width)
        }
        var start = from
        if start < range.lowerBound {
            let end = min(to, range.lowerBound)
            piece(start, end, density, code(range.lowerBound))
            outside += (end - start) * density
            start = end
        }
        let inner = min(to, range.upperBound)
        while start < inner {
            let code = code(start)
            let end =
                code == codes - 1 ? inner : min(inner, first + (Double(code) + 0.5) * step)
            // What rounding leaves of a boundary is stepped over.
            let stop = end > start ? end : min(inner, start + step)
            piece(start, stop, density, end > start ? code : min(code + 1, codes - 1))
            start = stop
        }
        if start < to {
            piece(start, to, density, code(range.upperBound))
            outside += (to - start) * density
        }
    }

    /// Adds values at one number.
    private mutating func add(_ value: Double, _ mass: Double) {
        let isOutside = !range.contains(value)
        let code = code(min(max(value, range.lowerBound), range.upperBound))
        let quantizedValue = firstValue + Double(code) * valueStep
        if isOutside { outside += mass }
        occupy(code, by: mass, share: 1)
        signal += mass * value * value
        products += mass * value * quantizedValue
        quantized += mass * quantizedValue * quantizedValue
        noise += mass * (value - quantizedValue) * (value - quantizedValue)
    }

    private func code(_ value: Double) -> Int {
        let place = ((value - first) / step + 0.5).rounded(.down)
        return place >= Double(codes) ? codes - 1 : place > 0 ? Int(held: place) : 0
    }

    private var codes: Int { emptiness.count }

    /// So many values of a bin each have the code with a chance that is their share of it.
    private mutating func occupy(_ code: Int, by count: Double, share: Double) {
        emptiness[code] += share < 1 - 1e-9 ? count * log1p(-share) : -.infinity
    }

    private mutating func add(_ from: Double, _ to: Double, density: Double, _ code: Int) {
        let value = firstValue + Double(code) * valueStep
        let mass = (to - from) * density
        signal += (to * to * to - from * from * from) / 3 * density
        products += value * (to * to - from * from) / 2 * density
        quantized += value * value * mass
        let low = from - value
        let high = to - value
        noise += (high * high * high - low * low * low) / 3 * density
    }

    /// Adds a share of another grid's sums, with a weight for its squares.
    mutating func add(_ other: GridModel, weight: Double, share: Double) {
        signal += other.signal * weight * share
        noise += other.noise * weight * share
        scaledNoise = (scaledNoise ?? 0) + other.noiseAtBestScale * weight * share
        values += other.values * share
        outside += other.outside * share
        for code in emptiness.indices { emptiness[code] += other.emptiness[code] * share }
    }

    private var noiseAtBestScale: Double {
        quantized > 0 && products > 0 ? max(0, signal - products * products / quantized) : signal
    }

    var whatIf: WhatIf {
        WhatIf(
            sqnr: decibels(noise), scaledSQNR: decibels(scaledNoise ?? noiseAtBestScale),
            clipRatio: values > 0 ? outside / values : 0,
            levelsUsed: emptiness.reduce(0) { $0 + 1 - exp($1) }, levels: codes)
    }

    private func decibels(_ noise: Double) -> Double? {
        Graph.decibels(signal: signal, noise: noise)
    }
}
