import Editing
import Foundation
import Graph
import QAT
import Runs
import Terminal

/// Shows a run: a bar on a terminal, plain lines elsewhere, both on standard error; or JSON lines on standard output.
final class TrainProgress {
    private let isJSON: Bool
    private let isTerminal: Bool
    private let start = ContinuousClock.now
    private var begun: TrainingRun.Start?
    private var stage = ""
    private var rate = TrainingRate()
    private var lastLine: ContinuousClock.Instant?
    private var barWidth = 0
    /// What the share is called that evaluations tell.
    private var shareTitle = "accuracy"

    init(isJSON: Bool) {
        self.isJSON = isJSON
        let environment = ProcessInfo.processInfo.environment
        isTerminal =
            isatty(2) == 1 && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb" && !isJSON
    }

    /// Shows what happened.
    func show(_ event: TrainingRun.Event) {
        switch event {
        case .started(let start):
            begun = start
            if isJSON { printJSON(TrainJSON.start(start)) } else { showStart(start) }
        case .report(let report): show(report)
        case .saved(let path): if isJSON { printJSON(TrainJSON.checkpoint(path)) }
        case .ended(let end):
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            if isJSON { printJSON(TrainJSON.end(end, seconds: seconds)) } else { showEnd(end, seconds) }
        }
    }

    private func show(_ report: TrainingReport) {
        switch report {
        case .stage(let index, let count, let title, _):
            stage =
                count > 1
                ? "\(title) (\(index + 1)/\(count))" : title == TrainingPlan.Stage.currentBits ? "" : title
            rate.pause()
        case .step(let step):
            rate.add(step.step)
            if isJSON {
                printJSON(TrainJSON.step(step, imagesPerSecond: imagesPerSecond))
            } else {
                showStep(step)
            }
        case .evaluation(let evaluation):
            rate.pause()
            if isJSON {
                printJSON(TrainJSON.evaluation(evaluation))
                return
            }
            let set = evaluation.split.noun
            let moment =
                evaluation.step == 0
                ? "at the start" : "epoch \(evaluation.epoch)\(stage.isEmpty ? "" : ", \(stage)")"
            shareTitle = TrainProgress.title(of: evaluation.result)
            say(
                "\(moment): \(set) \(TrainProgress.measure(evaluation.result)), "
                    + "loss \(Figures.threeDigits(evaluation.result.loss))")
            if let integer = evaluation.integer { showIntegers(integer, of: evaluation.result, set) }
        case .observation(let tensors, let step):
            rate.pause()
            if isJSON { printJSON(TrainJSON.ranges(tensors, step: step)) }
        case .threads(let active, let all):
            if isJSON {
                printJSON(TrainJSON.threads(active, of: all))
            } else {
                say(
                    "other work keeps the processor busy: \(active) of \(counted(all, "thread")) are faster, and the others come back when they help"
                )
            }
        case .checkpoint: rate.pause()
        }
    }

    private func showIntegers(_ integer: Evaluator.Result, of all: Evaluator.Result, _ set: String) {
        let part =
            integer.count < all.count
            ? ", the first \(Figures.grouped(integer.count)) of \(Figures.grouped(all.count)) samples" : ""
        say("in integers: \(set) \(TrainProgress.measure(integer))\(part)")
        if integer.moved.count > 0 {
            say(
                "  \(Figures.grouped(integer.moved.count)) of \(Figures.grouped(integer.moved.of)) input values are no bytes and were moved to the nearest"
            )
        }
        if !integer.fallbacks.isEmpty {
            let names = integer.fallbacks.map { "'\($0.layer)'" }.joined(separator: ", ")
            for line in Paragraph.lines("without an integer form: \(names)", indent: "  ") { say(line) }
        }
    }

    private var imagesPerSecond: Double {
        begun.map { rate.samplesPerSecond(batch: $0.plan.samplesAStep) } ?? 0
    }

    private func showStart(_ start: TrainingRun.Start) {
        say(
            "run \(start.run): \(Figures.grouped(start.parameters)) parameters, "
                + "\(Figures.grouped(start.steps)) steps of \(start.plan.samplesAStep)")
        say("data \(start.plan.data), \(counted(start.threads, "thread"))")
        for note in start.notes { say(note) }
        if start.doneSteps > 0 { say("goes on after step \(Figures.grouped(start.doneSteps))") }
    }

    private func showStep(_ step: TrainingReport.Step) {
        let now = ContinuousClock.now
        let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
        guard lastLine.map({ now - $0 >= pause }) ?? true || step.step == step.steps else { return }
        lastLine = now
        let title = stage.isEmpty ? "" : stage + "  "
        let words = describe(step)
        guard isTerminal else { return say(title + words) }
        // The bar takes the room that the words leave.
        let width = min(20, TrainProgress.columns - title.count - words.count - 3)
        let done = Double(step.step) / Double(max(1, step.steps))
        paint(title + (width < 4 ? "" : TrainProgress.bar(done, width: width) + " ") + words)
    }

    /// "412/1400  loss 0.41  acc 91.2 %  1,081 images/s  0:42 left"
    private func describe(_ step: TrainingReport.Step) -> String {
        let imagesPerSecond = imagesPerSecond
        var parts = ["\(step.step)/\(step.steps)", "loss \(Figures.threeDigits(step.loss))"]
        if let accuracy = step.accuracy { parts.append("acc \(TrainProgress.percent(accuracy))") }
        if imagesPerSecond > 0, let begun {
            parts.append("\(Figures.grouped(Int(held: imagesPerSecond))) images/s")
            let seconds = Double((step.steps - step.step) * begun.plan.samplesAStep) / imagesPerSecond
            parts.append("\(TrainProgress.clock(seconds)) left")
        }
        return parts.joined(separator: "  ")
    }

    private func showEnd(_ end: TrainingRun.End, _ seconds: Double) {
        let accuracy =
            end.accuracy.map { ", \(shareTitle) \(TrainProgress.percent($0))" }
            ?? end.sqnr.map { ", SQNR \(Figures.decibels($0)) dB" } ?? ""
        guard end.isFinished else {
            say(
                "stopped at step \(Figures.grouped(end.steps)), all saved; go on with --resume \(end.run)")
            return
        }
        clear()
        print(
            "run \(end.run): \(Figures.grouped(end.steps)) steps in \(TrainProgress.clock(seconds))\(accuracy)"
        )
        if let check = end.check { print(TrainProgress.describe(check)) }
        if let path = end.weights { print("weights: \(path.printable)") }
        if let changed = end.changedNetwork {
            print("network.json is now at \(changed.printable), as the last stage trained it")
        }
    }

    /// What another engine's accuracy is here, on a line.
    private static func describe(_ check: TrainingRun.Check) -> String {
        if let difference = check.difference { return difference }
        let apart =
            check.parted == 0
            ? "the same accuracy as PyTorch"
            : "\(check.parted) of \(check.count) samples apart from PyTorch, by rounding"
        return "evaluated again here: \(apart)"
    }

    /// Takes the bar away, so that a line can be written.
    func clear() {
        guard barWidth > 0 else { return }
        Output.rewrite("", to: STDERR_FILENO)
        barWidth = 0
    }

    /// The cells of a line; the last stays free, so that no terminal wraps.
    private static let columns = 79

    private func paint(_ line: String) {
        let fitted = String(line.prefix(TrainProgress.columns))
        Output.rewrite(fitted, to: STDERR_FILENO)
        barWidth = max(fitted.count, 1)
    }

    private func say(_ line: String) {
        clear()
        write(line.printable + "\n")
    }

    /// The terminal is closed; the run is recorded all the same.
    private func write(_ text: String) { Output.write(text, to: STDERR_FILENO) }

    private func printJSON(_ json: JSON) {
        // The reader of the lines closed the pipe: the run stops at a checkpoint.
        if !Output.write(json.compact + "\n", to: STDOUT_FILENO) { StopSignal.raise() }
    }

    /// A share as a bar of blocks.
    static func bar(_ share: Double, width: Int) -> String {
        let filled = min(width, max(0, Int(held: (share * Double(width)).rounded(.down))))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
            + "]"
    }

    /// "accuracy 98.7 %", "SQNR 28.4 dB"; of several outputs the lowest.
    static func measure(_ result: Evaluator.Result) -> String {
        if let accuracy = result.accuracy { return "\(title(of: result)) \(percent(accuracy))" }
        if case .regression(let measure)? = result.measure, let error = measure.meanAbsoluteError {
            return "mean absolute error \(Figures.significant(error))"
        }
        return "SQNR " + (result.sqnr.map { "\(Figures.decibels($0)) dB" } ?? "exact")
    }

    /// What the share that counts is called: "accuracy", "mAP@.5", "mIoU".
    private static func title(of result: Evaluator.Result) -> String {
        let number: MeasuredNumber? =
            switch result.measure {
            case .detection: .map50
            case .segmentation: .miou
            case .classification, .regression, nil: nil
            }
        return number?.title ?? "accuracy"
    }

    /// "98.7 %".
    static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

    /// Seconds as minutes and seconds, or with hours.
    static func clock(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e6 else { return "?" }
        let whole = Int(held: seconds.rounded())
        return whole < 3600
            ? String(format: "%d:%02d", whole / 60, whole % 60)
            : String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
    }
}
