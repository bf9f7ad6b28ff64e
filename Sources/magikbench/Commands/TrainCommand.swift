public import ArgumentParser
import Datasets
import Editing
import Foundation
import Graph
import Interchange
public import QAT
import Runs
import Sessions

/// `magikbench train`.
struct TrainCommand: ParsableCommand {
    /// The rules of optimizers by name.
    enum OptimizerName: String, CaseIterable, ExpressibleByArgument {
        case sgd, nesterov, adam, adamw

        func rule(momentum: Double) -> OptimizerRule {
            switch self {
            case .sgd: .sgd(momentum: momentum, nesterov: false)
            case .nesterov: .sgd(momentum: momentum, nesterov: true)
            case .adam: .adam
            case .adamw: .adamW
            }
        }
    }

    /// What computes the steps.
    enum EngineName: String, CaseIterable, ExpressibleByArgument {
        case own, torch
    }

    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a session's network with the chip's arithmetic.",
        usage: """
            magikbench train <session> [--data <spec>] [--epochs <n>] [options]
            magikbench train <session> --resume <run>
            magikbench train <session> --range-test [--rates <low,high>] [options]
            """,
        discussion: """
            A run is recorded in the session (runs.sqlite, runs/); at its end the weights are in \
            weights.safetensors. Ctrl-C saves a checkpoint and exits 130; --resume goes on to the same bits.

              magikbench train digits --data mnist:data/mnist --epochs 5
              magikbench train digits --recipe 32,8,4 --epochs 3,2,2
              magikbench train digits --resume last

            A recipe trains in stages, each from the last one's weights: 32 is float, other numbers set all \
            quantized layers to so many bits. Without --optimizer and --learning-rate a run takes Adam at 0.003 \
            and weights that are fitted to the data. With one of them the other is the vendor's (SGD at 0.01 for \
            float and 8 bit, Adam at 0.001 below) and weights are drawn; lists give each stage its own.

            A session that quantize made of a float model goes on from there (--no-from-weights draws new weights): \
            Adam at 0.0001, with the statistics of batch norm as they are. --loss distillation learns from the \
            float model, needs no labels, and says after each epoch how far the outputs are from it (SQNR).

              magikbench train faces --data images:photos,validation=0.1 --loss distillation --batch 8

            --range-test makes 100 steps (--steps) at rates that grow from 1e-6 to 1 (--rates), and proposes the one at \
            which the loss falls most steeply. Nothing is recorded and no weight changes.

            --engine torch hands the steps to PyTorch, in --processes that share each batch, and records the \
            run all the same.

            Data is NAME[:PATH][,OPTION=VALUE ...]: \(DataName.generated.joined(separator: ", ")) \
            are generated; \(DataName.read.joined(separator: ", ")) are read. Options: limit, size, channels, fit, augment=flip+crop \
            (detection for boxes; training.md lists all), balance, weights, validation=0.1. With validation the best weights are kept, else the last.
            """)

    @Argument(help: "The session.", completion: .sessions)
    var session: String

    @Option(
        help: ArgumentHelp(
            "What to train on; what is generated for the network where it is left out.", valueName: "spec"),
        completion: .data)
    var data: String?

    @Option(help: ArgumentHelp("Epochs, or a list with those of each stage.", valueName: "n"))
    var epochs: IntegerList?

    @Option(help: ArgumentHelp("Stop after so many steps in all.", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("Samples in a batch.", valueName: "n"))
    var batch = TrainingPlan.usual.batch

    @Option(help: ArgumentHelp("Bits of each stage, such as 32,8,4.", valueName: "bits"))
    var recipe: IntegerList?

    @Option(help: "The optimizer: sgd, nesterov, adam or adamw.")
    var optimizer: OptimizerName?

    @Option(help: "Momentum of sgd and nesterov.")
    var momentum = 0.9

    @Option(help: ArgumentHelp("The rate, or a list with those of each stage.", valueName: "x"))
    var learningRate: NumberList?

    @Option(help: "How the rate changes in a stage: constant, step or cosine.")
    var schedule = TrainingPlan.usual.schedule

    @Option(help: ArgumentHelp("Steps over which a stage's rate rises.", valueName: "n"))
    var warmup = TrainingPlan.usual.warmup

    @Option(help: "Decay of weights.")
    var weightDecay = TrainingPlan.usual.weightDecay

    @Option(help: ArgumentHelp("Scale gradients down to this norm.", valueName: "x"))
    var gradientNorm: Double?

    @Option(help: ArgumentHelp(Loss.usage))
    var loss: Loss?

    @Option(help: ArgumentHelp("End a stage after so many epochs without progress.", valueName: "n"))
    var patience: Int?

    @Option(
        help: ArgumentHelp("Share of a stage after which batch norm's statistics stay.", valueName: "x"))
    var freezeAfter: Double?

    @Option(
        help: ArgumentHelp(
            "Keep a moving average of the weights with this decay, such as 0.9998.", valueName: "x"))
    var average: Double?

    @Option(
        help: ArgumentHelp(
            "Layers, or tensors such as 'conv*.bias', that are not learned; may be repeated.",
            valueName: "glob"))
    var freeze: [TensorNames] = []

    @Option(
        help: ArgumentHelp(
            "Layers or tensors that are learned at a multiple of the rate; may be repeated.",
            valueName: "glob=x"))
    var rate: [TensorRates] = []

    @Option(
        help: ArgumentHelp(
            "Weights to begin with: drawn, or fitted to the data; fitted unless --optimizer or --learning-rate is given.",
            valueName: "word"))
    var initialWeights: InitialWeights?

    @Option(help: ArgumentHelp("Batches whose gradients are averaged for a step.", valueName: "n"))
    var accumulate = TrainingPlan.usual.accumulate

    @Option(
        help: ArgumentHelp(
            "What is taken of a label's class and shared by all, such as 0.1.", valueName: "x"))
    var labelSmoothing = TrainingPlan.usual.labelSmoothing

    @Option(help: ArgumentHelp("What all random numbers come from.", valueName: "n"))
    var seed = TrainingPlan.usual.seed

    @Option(help: ArgumentHelp("Threads; auto is one a core.", valueName: "n"))
    var threads = ThreadCount.automatic

    @Option(help: "What quantized products are computed with: float or codes.")
    var arithmetic: Program.Arithmetic?

    @Option(
        help:
            "Memory: normal, or low, which computes cheap results again in the backward pass; the same numbers."
    )
    var memory = TrainingPlan.usual.memory

    @Option(help: "The factors of gradients: float, bf16, or auto for the faster.")
    var gradients = TrainingPlan.usual.gradients

    @Flag(help: "Compute products as every machine can, without measuring which methods are fast.")
    var deterministic = false

    @Option(help: ArgumentHelp("Go on with a run, or the 'last' one.", valueName: "run"))
    var resume: String?

    @Option(help: "What trains: own, or torch for PyTorch in processes of its own.")
    var engine = EngineName.own

    @Option(help: ArgumentHelp("Processes that share each batch (torch).", valueName: "n"))
    var processes: Int?

    @Option(
        help: ArgumentHelp(
            "The Python with PyTorch; MAGIKBENCH_PYTHON, or python3 (torch).", valueName: "path"))
    var python: String?

    @Flag(
        inversion: .prefixedNo, help: "Begin with the session's weights, or draw new ones (the default)."
    )
    var fromWeights: Bool?

    @Flag(help: "Try learning rates on a copy of the weights, propose one, and change nothing.")
    var rangeTest = false

    @Option(help: ArgumentHelp("The first and the last rate of --range-test.", valueName: "low,high"))
    var rates: NumberList?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        let session = try Session.opened(session)
        threads.use()
        StopSignal.watch()
        if rangeTest { return try testRates(of: session) }
        let request: TrainingRun.Request =
            if let resume {
                .resume(run: resume == "last" ? nil : resume)
            } else {
                try begin(session)
            }
        let progress = TrainProgress(isJSON: json)
        var schedule = CheckpointSchedule()
        var run = TrainingRun(
            session, with: engine == .torch ? torch(session) : nil, timings: .ofUser,
            isStopped: { StopSignal.isRaised },
            isCheckpointDue: { schedule.isDue },
            tell: { event in
                if case .saved = event { schedule.restart() }
                progress.show(event)
            })
        let end: TrainingRun.End
        do {
            end = try run.run(request)
        } catch {
            progress.clear()
            throw CommandError.failure("\(error)")
        }
        if !end.isFinished { throw Exit.interrupted }
    }

    private func torch(_ session: Session) -> TorchEngine {
        let count = processes ?? 1
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return TorchEngine(
            processes: count,
            python: python ?? ProcessInfo.processInfo.environment["MAGIKBENCH_PYTHON"] ?? "python3",
            threads: threads.count > 0 ? threads.count : max(1, cores / count)
        ) { plan in
            try session.document.torch(plan, named: session.name).text
        }
    }

    private func testRates(of session: Session) throws {
        guard case .begin(let plan, let fromWeights) = try begin(session) else { return }
        var bounds = RateRangeTest.Bounds()
        if let rates = rates?.values { (bounds.low, bounds.high) = (rates[0], rates[1]) }
        if let steps { bounds.steps = steps }
        let text = RangeTestText(isJSON: json)
        do {
            _ = try TrainingRun.testRates(
                of: session, for: plan, fromWeights: fromWeights, bounds,
                isStopped: { StopSignal.isRaised }, tell: { text.show($0) })
        } catch {
            throw CommandError.failure("\(error)")
        }
        if StopSignal.isRaised { throw Exit.interrupted }
    }
}

extension Loss: ExpressibleByArgument {
    /// What the option says of the losses.
    static let usage =
        "The loss: \(allCases.map(\.rawValue).joined(separator: ", ")); that of the network's task unless given."
}
extension Schedule: ExpressibleByArgument {}
extension InitialWeights: ExpressibleByArgument {}
