import Editing
import Foundation
import Graph
import QAT
import Runs
import Terminal

/// Shows a range test of learning rates: a table with a bar for each loss, or JSON lines, on standard output.
struct RangeTestText {
    let isJSON: Bool

    /// Shows what happened.
    func show(_ event: TrainingRun.RateEvent) {
        if isJSON {
            // The reader of the lines closed the pipe: the test stops.
            if !Output.write(RangeTestText.json(event).compact + "\n", to: STDOUT_FILENO) {
                StopSignal.raise()
            }
            return
        }
        switch event {
        case .started(let plan, let bounds, let notes):
            for note in notes { print(note) }
            print(
                "\(plan.data), \(plan.batch * plan.accumulate) samples a step, rates \(bounds.low) to \(bounds.high)"
            )
        case .step: break
        case .ended(let test): for line in RangeTestText.lines(of: test) { print(line) }
        }
    }

    /// Rows of a table: at most twenty rates with their smoothed losses and bars, then what the test says.
    static func lines(of test: RateRangeTest) -> [String] {
        let losses = test.smoothed
        guard let least = losses.min(), let greatest = losses.max() else { return [test.sentence] }
        let pace = max(1, (losses.count + 19) / 20)
        var lines = ["    rate    loss"]
        for index in stride(from: 0, to: losses.count, by: pace) {
            let share = greatest > least ? (losses[index] - least) / (greatest - least) : 0
            let bar = String(repeating: "#", count: Int(held: (share * 40).rounded()))
            lines.append(
                Figures.scientific(test.points[index].rate).indented(to: 8)
                    + Figures.significant(losses[index]).indented(to: 8) + (bar.isEmpty ? "" : "  " + bar))
        }
        if let breakdown = test.breakdown { lines.append(breakdown) }
        return lines + [test.sentence]
    }

    /// One object an event: "start", "rate" for each step, "end" with the proposal or null.
    static func json(_ event: TrainingRun.RateEvent) -> JSON {
        switch event {
        case .started(let plan, let bounds, let notes):
            .object([
                .init("event", "start"), .init("data", .string(plan.data)), .init("low", .number(bounds.low)),
                .init("high", .number(bounds.high)), .init("steps", .integer(bounds.steps)),
                .init("notes", .array(notes.map(JSON.string))),
            ])
        case .step(let step, let point):
            .object([
                .init("event", "rate"), .init("step", .integer(step)), .init("rate", .number(point.rate)),
                .init("loss", .finite(point.loss)),
            ])
        case .ended(let test):
            .object([
                .init("event", "end"), .init("proposal", .finite(test.proposal)),
                .init("breakdown", test.breakdown.map(JSON.string) ?? .null),
                .init("sentence", .string(test.sentence)),
            ])
        }
    }
}
