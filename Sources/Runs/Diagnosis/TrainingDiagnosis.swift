import Datasets
import Devices
import Editing
import Foundation
import Graph
import QAT

/// What goes wrong in a run, from what it recorded: a pure function of curves. All rules look at the present stage alone.
struct TrainingDiagnosis {
    /// What was seen of a layer at the last look.
    struct Layer: Hashable {
        var name: String
        /// The fraction of channels that were zero in every sample.
        var deadChannels: Double?
        /// How far running statistics were from those of the batch (`TensorObservation.statisticsGap`).
        var statisticsGap: Double?
        /// The step of the look.
        var step: Double
    }

    /// The plan; nil where this program does not understand it.
    var plan: TrainingPlan?
    /// The stage that the run is in.
    var stage = 0
    /// The step after which it began.
    var start = 0.0
    /// The classes that the network tells apart; nil where it does something else.
    var classes: Int?
    /// The loss of each step, and its running means over about 10 and 100 steps.
    var losses: [CurvePoint] = []
    var shortMeans: [CurvePoint] = []
    var longMeans: [CurvePoint] = []
    var gradientNorms: [CurvePoint] = []
    var loadingShares: [CurvePoint] = []
    var rates: [CurvePoint] = []
    /// Evaluations on samples that are not trained on: step, loss and epoch.
    var evaluations: [(x: Double, loss: Double, epoch: Int)] = []
    /// What these samples are called: "test".
    var split = "test"
    var layers: [Layer] = []
    /// What the run trains on, as typed.
    var data = ""
    /// Why it failed; nil where it did not.
    var failure: String?
    /// Whether it did all that its plan says.
    var isFinished = false

    /// What goes wrong, the worst first.
    var findings: [TrainingFinding] {
        let rules: [(TrainingDiagnosis) -> TrainingFinding?] = [
            \.notFinite, \.growing, \.exploding, \.vanishing, \.guessing, \.oscillating, \.deadChannels,
            \.staleStatistics, \.overfitting, \.slow, \.waiting, \.unfinished,
        ]
        var found: [TrainingFinding] = []
        for rule in rules {
            guard let finding = rule(self) else { continue }
            // One cause shows in several numbers: the first sentence about it is enough.
            if finding.kind.isCovered(by: found.map(\.kind)) { continue }
            found.append(finding)
        }
        return found
    }
}

extension TrainingFinding.Kind {
    /// Whether earlier findings say the same.
    fileprivate func isCovered(by others: [TrainingFinding.Kind]) -> Bool {
        switch self {
        case .oscillating, .slow:
            others.contains {
                [.notFinite, .growing, .exploding, .vanishing, .guessing, .oscillating].contains($0)
            }
        case .exploding, .vanishing, .guessing: others.contains { $0 == .notFinite || $0 == .growing }
        case .unfinished:
            others.contains {
                [.notFinite, .growing, .exploding, .vanishing, .guessing, .oscillating, .overfitting, .slow]
                    .contains($0)
            }
        case .notFinite, .growing, .deadChannels, .staleStatistics, .overfitting, .waiting: false
        }
    }
}

// What the rules measure.
extension TrainingDiagnosis {
    /// Steps of the present stage.
    var steps: Double { (losses.last?.x ?? start) - start }

    /// The loss that the stage began with: the mean of its first steps.
    var firstLoss: Double? { TrainingDiagnosis.mean(part(losses).prefix(10).map(\.y)) }

    /// The loss of a network that has learned nothing: that of guessing among the classes, else that of the run's first steps. A
    /// stage that begins with trained weights begins far below.
    var unlearnedLoss: Double? {
        classes.map { log(Double($0)) } ?? TrainingDiagnosis.mean(losses.prefix(10).map(\.y))
    }

    /// The samples of the present stage.
    func part(_ samples: [CurvePoint]) -> ArraySlice<CurvePoint> {
        samples[(samples.firstIndex { $0.x > start } ?? samples.endIndex)...]
    }

    /// The value of a curve at the last sample that is not after a step.
    static func value(_ samples: [CurvePoint], at step: Double) -> Double? {
        samples.last { $0.x <= step && $0.y.isFinite }?.y
    }

    static func mean(_ values: some Collection<Double>) -> Double? {
        let numbers = values.filter(\.isFinite)
        return numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
    }

    static func median(_ values: some Collection<Double>) -> Double? {
        values.filter(\.isFinite).median
    }

    /// The standard deviation of the losses of the last 50 steps.
    var noise: Double {
        let last = part(losses).suffix(50).map(\.y).filter(\.isFinite)
        guard let mean = TrainingDiagnosis.mean(last), last.count > 1 else { return 0 }
        return (last.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(last.count)).squareRoot()
    }

    /// The rate of the last step.
    var rate: Double? { part(rates).last?.y }

    /// The rate that the stage is to have.
    var plannedRate: Double? {
        guard let stages = plan?.stages, stages.indices.contains(stage) else { return nil }
        return stages[stage].learningRate
    }

    /// The options of a run with half of every stage's rate.
    var halfRate: TrainingFinding.Remedy {
        guard let plan else { return .rangeTest }
        let halves = plan.stages.map { "\($0.learningRate / 2)" }
        return .run(["--learning-rate": halves.joined(separator: ",")], first: "--learning-rate")
    }
}

extension TrainingDiagnosis {
    /// What a run's curves show.
    init(_ detail: RunDetail, _ plan: TrainingPlan?, stage: Int, classes: Int?, _ record: RunRecord) {
        self.plan = plan
        self.stage = stage
        self.classes = plan?.loss == .crossEntropy ? classes : nil
        start = (detail.stages.last?.x ?? 1) - 1
        losses = detail.losses
        if let short = Smoothing.weights.firstIndex(of: 0.9),
            let long = Smoothing.weights.firstIndex(of: 0.99),
            detail.smoothedLosses.count == Smoothing.weights.count
        {
            shortMeans = detail.smoothedLosses[short]
            longMeans = detail.smoothedLosses[long]
        }
        gradientNorms = detail.metrics[.gradientNorm] ?? []
        loadingShares = detail.metrics[.loadingShare] ?? []
        rates = detail.metrics[.learningRate] ?? []
        evaluations = detail.evaluations.filter { $0.split != .train }.map { ($0.x, $0.loss, $0.epoch) }
        split = detail.evaluatedSplit
        layers = detail.rangedLayers.compactMap { name in
            guard let range = detail.ranges[name], let look = range.mean.last else { return nil }
            return Layer(
                name: name, deadChannels: range.deadChannels, statisticsGap: range.statisticsGap, step: look.x
            )
        }
        data = record.data
        failure = record.state == .failed ? record.message ?? "" : nil
        isFinished = record.state == .finished
    }

    /// The classes that a network tells apart; nil where it has several outputs or does something else.
    static func classes(of document: Document) -> Int? {
        guard case .classification = document.network.task else { return nil }
        let analysis = Analysis(document.network, on: document.device.family)
        let outputs = analysis.facts.nodes.indices.filter { analysis.facts.nodes[$0].isLast }
        guard outputs.count == 1 else { return nil }
        return analysis.shapes.output(outputs[0]).map(\.elements).flatMap { $0 > 1 ? $0 : nil }
    }
}

extension RunStore {
    /// What goes wrong in a run, as far as it has recorded, the worst first.
    public func findings(of record: RunRecord) throws(RunStoreError) -> [TrainingFinding] {
        var trace = RunTrace(record)
        repeat { try trace.update(from: self) } while !trace.isWhole
        return trace.detail(record).findings
    }
}
