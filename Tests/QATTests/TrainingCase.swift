import Datasets
import Graph
import TestSupport
import Testing
import Weights

@testable import QAT

/// A small network, its data and a plan, made ready to train in moments.
struct TrainingCase {
    var network: Network
    var family = ArithmeticFamily.npu
    var plan: TrainingPlan
    var data: Dataset

    /// Steps in an epoch: 36 training samples in batches of 8.
    static let epoch = 4
    /// Batches in an evaluation of the 12 samples that are held out.
    static let evaluation = 2

    init(
        _ stages: [TrainingPlan.Stage], data text: String = "glyphs,limit=48,validation=0.25", bits: Int = 8
    ) throws {
        network = try SmallNetwork.images(bits: bits)
        plan = TrainingPlan(stages: stages, data: text)
        plan.batch = 8
        // Other processors may have more kinds of arithmetic; this one is on all.
        plan.arithmetic = .float
        data = try Dataset.open(try DataSpec(text), shape: network.inputs[0].shape, seed: plan.seed)
    }

    func trainer(
        weights: Safetensors? = nil, checkpoint: Safetensors? = nil, teacher: Safetensors? = nil,
        timings: ProductTimings? = nil
    ) throws -> Trainer {
        try Trainer(
            network, on: family, plan: plan, data: data, weights: weights, checkpoint: checkpoint,
            teacher: teacher.map { FloatModel(network: network, weights: $0) }, timings: timings
        ) { $0.digest }
    }
}

extension TrainingPlan.Stage {
    static func sgd(_ bits: Int? = nil, epochs: Int = 1, rate: Double = 0.01) -> TrainingPlan.Stage {
        .init(bits: bits, epochs: epochs, optimizer: .sgd, learningRate: rate)
    }

    static func adam(_ bits: Int? = nil, epochs: Int = 1, rate: Double = 0.001) -> TrainingPlan.Stage {
        .init(bits: bits, epochs: epochs, optimizer: .adam, learningRate: rate)
    }
}

/// What a trainer told.
struct TrainingTale {
    var steps: [TrainingReport.Step] = []
    var evaluations: [TrainingReport.Evaluation] = []
    var stages: [String] = []
    /// The bytes of the last checkpoint, as a file would hold them.
    var checkpoint: [UInt8] = []
    var checkpoints = 0
    /// The bytes of the last checkpoint of a best evaluation, and its step.
    var best: (bytes: [UInt8], step: Int)?
    var ending: Trainer.Ending?

    /// The last checkpoint, read back.
    var lastCheckpoint: Safetensors { get throws { try Safetensors(bytes: checkpoint) } }

    /// The mean loss of the first epoch.
    var lossAtStart: Double {
        steps.prefix(TrainingCase.epoch).map(\.loss).reduce(0, +) / Double(TrainingCase.epoch)
    }
    /// The mean loss of the last epoch.
    var lossAtEnd: Double {
        steps.suffix(TrainingCase.epoch).map(\.loss).reduce(0, +) / Double(TrainingCase.epoch)
    }

    private mutating func note(_ report: TrainingReport) {
        switch report {
        case .stage(_, _, let title, _): stages.append(title)
        case .step(var step):
            // Times differ from run to run.
            step.result.loadingShare = nil
            steps.append(step)
        case .evaluation(let evaluation): evaluations.append(evaluation)
        case .observation, .threads: break
        case .checkpoint(let file, let step, _, let isBest):
            checkpoint = file.encoded()
            if isBest { best = (checkpoint, step) }
            checkpoints += 1
        }
    }

    /// Runs a trainer to its end or until `wish` stops it; `watch` sees each report first.
    mutating func run(
        _ trainer: Trainer, wish: () -> Trainer.StepDirective = { .goOn },
        watch: (TrainingReport) throws -> Void = { _ in }
    ) throws {
        ending = try trainer.run(wish: wish) { report in
            note(report)
            try watch(report)
        }
    }
}
