import Datasets
import Graph
public import QAT

/// Training by PyTorch in processes of its own, in place of the engine of this program.
public struct TorchEngine {
    /// How many processes train together.
    public var processes: Int
    /// The interpreter: a path, or a name along PATH.
    public var python: String
    /// Threads of each process.
    public var threads: Int
    /// The network and a plan as one file of Python.
    let script: (TrainingPlan) throws -> String

    /// An engine that runs what `script` writes.
    public init(
        processes: Int, python: String, threads: Int, script: @escaping (TrainingPlan) throws -> String
    ) {
        self.processes = processes
        self.python = python
        self.threads = threads
        self.script = script
    }

    /// Throws where a plan cannot be trained so, or there is no PyTorch.
    func check(_ plan: TrainingPlan) throws(TorchFailure) {
        guard plan.batch.isMultiple(of: processes) else {
            throw .unshared(batch: plan.batch, processes: processes)
        }
        if let name = (try? DataSpec(plan.data))?.name, !name.isReadByTorch { throw .data(name.rawValue) }
        // Only asks whether it is there: to import it takes seconds.
        let question = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
        let end: DetachedProcess.End
        do {
            let asked = try DetachedProcess(
                python, ["-c", question], output: .nothing, errors: .nothing)
            end = try asked.wait()
        } catch {
            throw .noPython(python, reason: "\(error)")
        }
        switch end {
        case .code(0): return
        case .code(1): throw .noTorch(python)
        case .code(let code): throw .noPython(python, reason: "it ends with code \(code)")
        case .signal(let signal): throw .noPython(python, reason: "it is ended by signal \(signal)")
        }
    }

    /// What starts the file, for the interpreter.
    func arguments(_ script: String, _ rest: [String]) -> [String] {
        let launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "\(processes)"]
        return (processes > 1 ? launcher : []) + [script, "train", "--threads", "\(threads)"] + rest
    }
}

/// Why a run by PyTorch cannot begin, or ended.
public enum TorchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The interpreter cannot be started.
    case noPython(String, reason: String)
    /// The interpreter has no PyTorch.
    case noTorch(String)
    /// The data is none that the file reads.
    case data(String)
    /// The network to learn from is not the session's.
    case teacher
    /// The processes cannot take a batch apart alike.
    case unshared(batch: Int, processes: Int)
    /// A process was ended by a signal; `step` is that of the last checkpoint.
    case killed(rank: Int, process: Int, signal: Int, step: Int)
    /// A process said what is wrong.
    case told(String, step: Int)
    /// It ended without a word.
    case ended(String, log: String, step: Int)
    /// A file or a pipe fails.
    case system(String)

    /// What is wrong and what to do, on one line.
    public var description: String {
        switch self {
        case .noPython(let python, let reason):
            "'\(python)' cannot be started: \(reason); --python, or MAGIKBENCH_PYTHON, names a Python 3 with PyTorch"
        case .noTorch(let python):
            "'\(python)' has no PyTorch; install it with '\(python) -m pip install torch', or name another "
                + "interpreter with --python"
        case .data(let name):
            "--engine torch reads \(DataName.readByTorch.dropLast().joined(separator: ", ")) and \(DataName.readByTorch.last ?? ""); leave it out for '\(name)', or save that as npz"
        case .teacher:
            "--engine torch learns from the session's own weights; this session learns from the float model that it was quantized from: leave --engine out"
        case .unshared(let batch, let processes):
            "a batch of \(batch) cannot be shared by \(processes) processes alike; --batch is a multiple of them"
        case .killed(let rank, let process, let signal, let step):
            "worker \(rank) (process \(process)) was ended by signal \(signal); "
                + TorchFailure.kept(step)
        case .told(let message, let step): "\(message.oneLine(upTo: 300)); " + TorchFailure.kept(step)
        case .ended(let how, let log, let step):
            "PyTorch \(how); \(log) has its messages; " + TorchFailure.kept(step)
        case .system(let reason): reason
        }
    }

    private static func kept(_ step: Int) -> String { "the last checkpoint is that of step \(step)" }
}
