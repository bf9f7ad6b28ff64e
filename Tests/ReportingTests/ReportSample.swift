import Datasets
import Devices
import Editing
import Graph
import TestSupport

@testable import Probing
@testable import QAT
@testable import Reporting
@testable import Runs

/// A report of a small network, with numbers made up from formulas, so that it is the same on every machine.
struct ReportSample {
    /// What stands in every place that a user's or a file's words reach.
    var word = "plain"
    /// What the first convolution is called.
    var layer = "conv0"
    /// Whether the session has weights.
    var hasWeights = true

    func report() throws -> SessionReport {
        let document = try document()
        return SessionReport(
            name: word, document: document, inspection: inspection(of: document),
            runs: .known(runs(of: document)), measures: measures,
            origin: .init(
                version: "1.2.3", day: "2026-11-25", commands: ["magikbench report \(word) -o r.html"]))
    }

    private func document() throws -> Document {
        var network = try SmallNetwork.images(bits: 4)
        network = try network.applying(.annotate(layer: "conv1", note: word))
        if layer != "conv0" { network = try network.applying(.rename("conv0", to: layer)) }
        return Document(
            network: network, device: .t40,
            waivers: [Waiver(rule: "channels-32", layer: "conv1", reason: "because \(word)")])
    }

    private func inspection(of document: Document) -> SessionReport.Part<Inspection> {
        guard hasWeights else { return .missing(SessionReport.needsWeights) }
        var report = ProbeReport(revision: 1)
        report.samples = 32
        report.weights = ProbedWeights(kept: [layer, "conv1", "scores"])
        report.feeds = [ProbedInput(input: "image", content: .data(word))]
        for (index, name) in [layer, "conv1", "scores"].enumerated() {
            var part = ProbedPart(name: name, layer: name)
            part.weight = ReportSample.tensor(name, .weight, sqnr: 18 + Double(index))
            if name != "scores" {
                part.feature = ReportSample.tensor(name, .feature, sqnr: 14.5 - Double(index))
            }
            report.parts.append(part)
        }
        let analysis = Analysis(document.network, on: document.device.family)
        let diagnosis = Diagnosis(
            layer: "conv1", kind: .clipped, sentence: "clips 3% of \(word); a clip of 7.5 gives 8 dB",
            number: 0.03)
        return .known(Inspection(report, of: analysis, saying: [diagnosis]))
    }

    /// A tensor of 4 bits whose values lie in a wedge, up to a tenth beyond the clip.
    static func tensor(_ layer: String, _ kind: TensorObservation.Kind, sqnr: Double) -> ProbedTensor {
        let isWeight = kind == .weight
        let clip = isWeight ? 0.5 : 6.0
        let counts = (0..<100).map { index -> UInt32 in
            let distance = isWeight ? abs(index - 50) : index / 2
            return UInt32(max(0, 60 - distance))
        }
        let observation = TensorObservation(
            layer: layer, kind: kind, minimum: isWeight ? -1.1 * clip : 0, maximum: 1.1 * clip, mean: 0,
            deviation: clip / 3, clip: clip, clipRatio: 0.03, sqnr: sqnr, histogram: counts)
        let quantizer = ProbedQuantizer(
            QuantizationGrid(isWeight ? .offset : .unsigned, bits: 4), lower: isWeight ? -clip : 0,
            upper: clip,
            scales: 1, counts: [270] + Array(repeating: 50, count: 14) + [30], meanSquare: 1,
            meanSquaredError: 1e-4)
        var tensor = ProbedTensor(observation: observation, quantizer: quantizer)
        if !isWeight {
            tensor.match = FloatMatch(
                count: 1000, squares: 1000, otherSquares: 1000, products: 999, noise: 2, scale: 1,
                isEqual: false)
        }
        return tensor
    }

    private func runs(of document: Document) -> ReportedRuns {
        let runs = [(4, 1.1, word), (8, 0.7, "")].enumerated().map { place, run in
            facts(bits: run.0, loss: run.1, note: run.2, number: 2 - place, document)
        }
        let members = zip(["A", "B"], [runs[1], runs[0]]).map { letter, facts in
            RunComparison.Member(
                letter: letter, facts: facts,
                trainLoss: (1...40).map { CurvePoint(x: Double($0), y: 2 / (1 + Double($0) / 8) + 0.1) },
                stepsPerEpoch: 10)
        }
        return ReportedRuns(all: runs, comparison: RunComparison(members, sqnr: [[:], [:]]))
    }

    private func facts(
        bits: Int, loss: Double, note: String, number: Int, _ document: Document
    ) -> RunFacts {
        let plan = TrainingPlan(
            stages: [.init(bits: bits, epochs: 4, optimizer: .adam, learningRate: 0.001)], data: word)
        var record = RunRecord(
            id: "2026-11-25-14020\(number)-x\(number)", plan: plan.json, seed: 1, data: word, digest: "d",
            network: document.text, device: "T40")
        (record.steps, record.stepsPerEpoch, record.state) = (40, 10, .finished)
        record.note = note.isEmpty ? nil : note
        let measured = (1...4).map { epoch in
            RunEvaluation(
                step: 10 * epoch, epoch: epoch, split: .test, mode: .quantized,
                loss: loss / Double(epoch) + 0.2,
                accuracy: 1 - loss / Double(epoch) / 3)
        }
        let last = RunMetrics(
            step: 40, epoch: 3, stage: 0, loss: 0.4, accuracy: 0.9, learningRate: 0.001, imagesPerSecond: 1300
        )
        let summary = RunSummary(
            record, last: last, evaluation: measured.last, best: measured.last, at: record.started)
        return RunFacts(summary, RunFacts.Origin(summary).costs, measured: measured)
    }

    private var measures: SessionReport.Part<ReportedMeasures> {
        guard hasWeights else { return .missing(SessionReport.needsWeights) }
        let evaluations = [Evaluator.Mode.float, .quantized].map { mode in
            var measure = ClassificationMeasure(classes: 3)
            let wrong = mode == .float ? 5 : 3
            for sample in 0..<24 {
                let label = sample % 3
                let answer = sample % wrong == 0 ? (label + 1) % 3 : label
                let scores = (0..<3).map { Float($0 == answer ? 1 : 0) }
                scores.withUnsafeBufferPointer { measure.add($0, label: label) }
            }
            var result = Evaluator.Result(count: 24, loss: 0.5, accuracy: nil)
            result.measure = .classification(measure)
            return SessionEvaluation(
                split: .test, isOfFloatModel: true, mode: mode, classNames: [word, "ring", "bar"],
                result: result)
        }
        let picture = ReportedPicture(
            png: [0x89, 0x50, 0x4E, 0x47], sample: 7, truth: word, quantized: "ring", float: word, loss: 2.5)
        return .known(ReportedMeasures(data: word, evaluations: evaluations, worst: .known([picture])))
    }
}
