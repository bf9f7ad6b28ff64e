import Datasets
import Graph
import QAT

/// A line that a training process of PyTorch writes.
enum TorchMessage: Hashable {
    /// A process is there.
    case worker(rank: Int, process: Int)
    /// A step is done.
    case step(TrainingReport.Step, imagesPerSecond: Double)
    /// The network was evaluated.
    case evaluation(TrainingReport.Evaluation)
    /// A checkpoint is on disk.
    case checkpoint(step: Int, epoch: Int, isBest: Bool)
    /// A process cannot go on; `isOwn` where it is not for the want of another.
    case error(rank: Int, isOwn: Bool, String)
    /// The run is over.
    case end(isFinished: Bool)

    /// The message of a line; nil where it is none that says something to us. `steps` are those of the whole run.
    init?(_ line: String, steps: Int) {
        guard let json = try? JSON(text: line), let event = json.text(of: "event") else { return nil }
        switch event {
        case "worker":
            guard let rank = json.whole(of: "rank"), let process = json.whole(of: "process") else {
                return nil
            }
            self = .worker(rank: rank, process: process)
        case "step":
            guard let step = json.whole(of: "step"), let epoch = json.whole(of: "epoch"),
                let stage = json.whole(of: "stage"), let loss = json.real(of: "loss"),
                let rate = json.real(of: "learningRate"), let speed = json.real(of: "imagesPerSecond")
            else { return nil }
            self = .step(
                TrainingReport.Step(
                    step: step, steps: steps, epoch: epoch, stage: stage, learningRate: rate,
                    result: StepResult(
                        loss: loss, accuracy: json.real(of: "accuracy"),
                        gradientNorm: json.real(of: "gradientNorm"))), imagesPerSecond: speed)
        case "evaluation":
            guard let step = json.whole(of: "step"), let epoch = json.whole(of: "epoch"),
                let stage = json.whole(of: "stage"), let loss = json.real(of: "loss")
            else { return nil }
            self = .evaluation(
                TrainingReport.Evaluation(
                    step: step, epoch: epoch, stage: stage,
                    split: json.text(of: "split") == "validation" ? .validation : .test,
                    isQuantized: json["quantized"] == .boolean(true),
                    result: Evaluator.Result(
                        count: 0, loss: loss, accuracy: json.real(of: "accuracy"))))
        case "checkpoint":
            guard let step = json.whole(of: "step"), let epoch = json.whole(of: "epoch") else { return nil }
            self = .checkpoint(step: step, epoch: epoch, isBest: json["best"] == .boolean(true))
        case "error":
            guard let rank = json.whole(of: "rank"), let message = json.text(of: "message") else {
                return nil
            }
            self = .error(rank: rank, isOwn: json["own"] == .boolean(true), message)
        case "end": self = .end(isFinished: json.text(of: "reason") == "finished")
        default: return nil
        }
    }
}

/// What the launcher's messages tell of a process that a signal ended.
struct TorchCasualty: Hashable {
    var rank: Int
    var process: Int
    var signal: Int

    /// The first process of a log that a signal ended, but for those that the launcher itself then told to end.
    ///
    /// The log has "rank : 1 (local_rank: 1)" and behind it "exitcode : -9 (pid: 4711)" for each.
    static func first(in log: String) -> TorchCasualty? {
        var rank = 0
        var found: [TorchCasualty] = []
        for line in log.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1).map(\.trimmed)
            guard parts.count == 2 else { continue }
            if parts[0].hasSuffix("rank") { rank = Int(parts[1].prefix { $0.isNumber }) ?? rank }
            guard parts[0].hasSuffix("exitcode"), parts[1].hasPrefix("-") else { continue }
            let numbers = parts[1].split { !$0.isNumber }.compactMap { Int($0) }
            guard numbers.count >= 2 else { continue }
            found.append(TorchCasualty(rank: rank, process: numbers[1], signal: numbers[0]))
        }
        let terminated = 15
        return found.first { $0.signal != terminated } ?? found.first
    }
}
