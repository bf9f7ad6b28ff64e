import Datasets
import Editing
import Foundation
import Graph
import TestSupport

@testable import QAT
@testable import Runs
@testable import TUI

/// What probe and runs might say, made up from formulas, so that pictures are the same on every machine.
enum Synthetic {
    /// A look at a network: bells for weights, half bells for results, 6 dB a bit.
    /// Results reach a tenth beyond their clip, or as far as `reach` says.
    static func probe(of state: ScreenState, reach: Double? = nil) -> ProbeReport {
        var report = ProbeReport(revision: 1)
        report.samples = 32
        let learning = state.editor.network.nodes.filter { $0.kind == .conv2D }.map(\.name)
        report.weights = ProbedWeights(drawn: learning, estimated: learning)
        report.feeds = [ProbedInput(input: "image", content: .data("glyphs"))]
        let editor = state.editor
        for (index, node) in editor.network.nodes.enumerated() {
            let facts = editor.analysis.facts.nodes[index]
            guard let quantization = node.layer.settings.quantization, quantization.isEnabled else {
                continue
            }
            var part = ProbedPart(name: node.name, layer: node.name)
            if let bits = facts.weightBits, bits != Quantization.float {
                let reach = 0.2 + 0.02 * Double(index % 7)
                part.weight = tensor(
                    node.name, .weight, low: -1.2 * reach, high: 1.2 * reach, clip: reach, bits: bits,
                    lower: -reach, exactZero: false, spread: 0.4,
                    sqnr: 6.02 * Double(bits) - 1.5 - Double(index % 5))
            }
            if !facts.output.isFloat {
                let clip = quantization.clip
                part.feature = tensor(
                    node.name, .feature, low: -0.3, high: reach ?? clip * 1.1, clip: clip,
                    bits: facts.output.bits,
                    lower: 0,
                    exactZero: true, spread: 0.25,
                    sqnr: 6.02 * Double(facts.output.bits) - 4 - Double(index % 3))
            }
            report.parts.append(part)
        }
        return report
    }

    private static func tensor(
        _ layer: String, _ kind: TensorObservation.Kind, low: Double, high: Double, clip: Double, bits: Int,
        lower: Double, exactZero: Bool, spread: Double, sqnr: Double
    ) -> ProbedTensor {
        let middle = kind == .weight ? 0.5 : 0.05
        let histogram = (0..<2048).map { index -> UInt32 in
            let distance = (Double(index) / 2048 - middle) / spread
            // A bell without a library: 1 / (1 + x^2)^4.
            let bell = 1 / (1 + distance * distance)
            return UInt32(1000 * bell * bell * bell * bell)
        }
        let observation = TensorObservation(
            layer: layer, kind: kind, minimum: low, maximum: high, mean: 0, deviation: spread * (high - low),
            clip: clip, clipRatio: 0.003, sqnr: sqnr, histogram: histogram)
        let quantizer = ProbedQuantizer(
            QuantizationGrid(lower >= 0 ? .unsigned : exactZero ? .twosComplement : .offset, bits: bits),
            lower: lower, upper: clip, scales: 1,
            counts: counts(bits: bits, zero: exactZero ? lower < 0 ? 1 << (bits - 1) : 0 : nil),
            meanSquare: 1, meanSquaredError: 1.2e-4)
        var tensor = ProbedTensor(observation: observation, quantizer: quantizer)
        // Channels in waves; one of a feature's is dead.
        let reaches = (0..<48).map { Float(high * (0.6 + 0.4 * Double($0 % 7) / 6)) }
        tensor.channels = ProbedChannels(minimum: reaches.map { kind == .weight ? -$0 : 0 }, maximum: reaches)
        guard kind == .feature else { return tensor }
        tensor.channels?.level = (0..<48).map { $0 == 11 ? 0 : nil }
        tensor.match = FloatMatch(
            count: 1000, squares: 1000, otherSquares: 1000, products: 999, noise: 2, scale: 1, isEqual: false)
        return tensor
    }

    /// A quarter at zero, a thousandth at the end, and as many levels without a value as there are bits.
    private static func counts(bits: Int, zero: Int?) -> [UInt32] {
        let levels = 1 << bits
        var counts = (0..<levels).map { UInt32($0 > 0 && $0 <= bits ? 0 : 1) }
        counts[levels - 1] = UInt32(levels * 2)
        if let zero { counts[zero] = UInt32(levels * 270) }
        counts[levels / 2 + 1] += UInt32(levels * 728)
        return counts
    }

    /// A run of three stages that is two thirds done.
    static func runs(of state: ScreenState) -> RunsSnapshot {
        let plan = TrainingPlan(
            stages: [
                .init(bits: 32, epochs: 2, optimizer: .sgd, learningRate: 0.01),
                .init(bits: 8, epochs: 2, optimizer: .sgd, learningRate: 0.01),
                .init(bits: 4, epochs: 2, optimizer: .adam, learningRate: 0.001),
            ], data: "glyphs")
        var record = RunRecord(
            id: "2026-11-25-140200-x7", plan: plan.json, seed: 1, data: "glyphs", digest: "d",
            network: state.editor.document.text, device: "T40")
        (record.steps, record.stepsPerEpoch) = (936, 156)
        record.state = .interrupted
        let last = RunMetrics(
            step: 620, epoch: 3, stage: 1, loss: 0.41, accuracy: 0.88, learningRate: 0.0031,
            imagesPerSecond: 1310)
        let evaluation = RunEvaluation(
            step: 468, epoch: 2, split: .test, mode: .quantized, loss: 0.46, accuracy: 0.874)
        let summary = RunSummary(
            record, last: last, evaluation: evaluation, best: evaluation, at: record.started)
        var snapshot = RunsSnapshot()
        (snapshot.runs, snapshot.shown, snapshot.detail) = ([summary], summary, detail(record.id, state))
        return snapshot
    }

    private static func detail(_ run: String, _ state: ScreenState) -> RunDetail {
        var random = SeededGenerator(seed: 3)
        var detail = RunDetail(run: run)
        (detail.lastStep, detail.plannedSteps, detail.stepsPerEpoch) = (620, 936, 156)
        var losses: [CurvePoint] = []
        for step in 1...620 {
            let bump: Double = step > 312 ? 0.25 / (1 + Double(step - 312) / 30) : 0
            let fall: Double = 2.3 / (1 + Double(step) / 90) + bump
            let noise: Double = Double(random.below(100)) / 400
            losses.append(CurvePoint(x: Double(step), y: fall + noise))
        }
        detail.smoothedLosses = Smoothing.weights.map { Smoothing.smoothed(losses, $0) }
        let accuracies = losses.map { CurvePoint(x: $0.x, y: max(0, 1 - $0.y / 3)) }
        detail.smoothedAccuracies = Smoothing.weights.map { Smoothing.smoothed(accuracies, $0) }
        let numbers: [(RunMetric, (Double) -> Double)] = [
            (.accuracy, { max(0, 1 - losses[Int($0) - 1].y / 3) }),
            (.learningRate, { 0.005 * (1 + cos(.pi * $0 / 936)) }),
            (.gradientNorm, { 0.4 + 2 / (1 + $0 / 50) + 0.2 * sin($0) }),
            (.imagesPerSecond, { 1300 + 40 * sin($0 / 30) }), (.loadingShare, { 0.05 + 0.02 * cos($0 / 9) }),
            (.machineLoad, { 0.7 + 0.2 * sin($0 / 70) }),
        ]
        for (metric, value) in numbers {
            detail.metrics[metric] = losses.map { CurvePoint(x: $0.x, y: value($0.x)) }
        }
        for (index, loss) in [1.1, 0.62, 0.46].enumerated() {
            detail.evaluations.append(
                .init(
                    x: Double(156 * (index + 1)), loss: loss, accuracy: 1 - loss / 3, epoch: index,
                    split: .test,
                    mode: .quantized))
        }
        detail.stages = [.init(x: 312, title: "float -> 8 bit")]
        detail.rangedLayers = state.editor.network.nodes.filter { $0.kind == .conv2D }.map(\.name)
        for (index, layer) in detail.rangedLayers.enumerated() {
            var series = RangeSeries()
            for look in 0...31 {
                let x = Double(20 * look)
                let rise = 3 + 0.1 * Double(index) + 3.2 * Double(look) / 31
                series.maximum.append(CurvePoint(x: x, y: rise * 1.3))
                series.upper.append(CurvePoint(x: x, y: rise))
                series.middle.append(CurvePoint(x: x, y: 0.4 + 0.01 * Double(look)))
                series.clip.append(CurvePoint(x: x, y: 6))
                series.clipRatio.append(
                    CurvePoint(x: x, y: look > 20 ? 0.0008 * Double(look - 20 + index) : 0))
            }
            series.crossing = index > 2 ? 580 : nil
            detail.ranges[layer] = series
        }
        detail.log = [
            .init(step: 0, clock: "14:02", text: "started: seed 1, glyphs"),
            .init(step: 156, clock: "14:05", text: "epoch 1 test 63.3 %, loss 1.10"),
            .init(step: 312, clock: "14:09", text: "stage 2: 8 bit"),
            .init(step: 468, clock: "14:12", text: "epoch 3 test 84.7 %, loss 0.460"),
        ]
        detail.numbers = [
            .init(name: "train loss", now: "0.410", best: "0.398"),
            .init(name: "test acc", now: "84.7%", best: "84.7%", epoch: 3),
        ]
        return detail
    }
}
